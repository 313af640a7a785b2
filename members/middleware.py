from http import HTTPStatus

from django.contrib import messages
from django.forms import BaseForm
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from core.http import FORM_REFUSED

TRIED_TOO_OFTEN = {"too_many_login_attempts", "rate_limited"}


def require_second_factor_of_staff(get_response):
    """Outside the trial run the admin opens only for an account with a second factor."""

    def middleware(request):
        return get_response(request)

    def process_view(request, view, args, kwargs):
        if request.resolver_match.app_name != "admin" or not request.user.is_staff or request.user.may_use_rights:
            return None
        messages.warning(
            request, _("The admin asks for a second step when you sign in. Set it up here; then the admin opens.")
        )
        return redirect("mfa_index")

    middleware.process_view = process_view
    return middleware


class SayThatAFormWasRefused:
    """Give the pages of allauth, which answer 200 to a form that is wrong, the status of ours."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_template_response(self, request, response):
        if request.method == "POST" and response.status_code == HTTPStatus.OK:
            forms = (value for value in (response.context_data or {}).values() if isinstance(value, BaseForm))
            errors = [error for form in forms for found in form.errors.as_data().values() for error in found]
            if errors:
                too_often = any(error.code in TRIED_TOO_OFTEN for error in errors)
                response.status_code = HTTPStatus.TOO_MANY_REQUESTS if too_often else FORM_REFUSED
        return response
