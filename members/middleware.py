from http import HTTPStatus

from allauth.core.exceptions import ReauthenticationRequired
from django.contrib import messages
from django.contrib.auth.middleware import AuthenticationMiddleware, get_user
from django.forms import BaseForm
from django.shortcuts import redirect
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from core.http import FORM_REFUSED
from members.suspended import ask_first

TRIED_TOO_OFTEN = {"too_many_login_attempts", "rate_limited"}


class KnowTheSession(AuthenticationMiddleware):
    """Django's, and the person knows in which session the request is made: rights of staff hang on what it showed."""

    def process_request(self, request):
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: person_of(request))


def person_of(request):
    person = get_user(request)
    if person.is_authenticated:
        person.browser_session = request.session
    return person


def require_second_factor_of_staff(get_response):
    """Outside the trial run the admin opens only in a session that showed the second factor.

    Elsewhere staff without it are people like others. Where they find nothing, it may be for that: then they are asked
    for it, and what they sent is done afterwards.
    """

    def middleware(request):
        response = get_response(request)
        is_refused = response.status_code in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
        if is_refused and not getattr(request, "may_be_forged", False):
            person = getattr(request, "_cached_user", None)  # nobody asked who it is: then it does not matter
            if person and person.is_staff and not person.may_use_rights and person.has_second_factor:
                return ask_first(request)
        return response

    def process_view(request, view, args, kwargs):
        if request.resolver_match.app_name != "admin" or not request.user.is_staff or request.user.may_use_rights:
            return None
        if request.user.has_second_factor:
            return ask_first(request)
        messages.warning(
            request, _("The admin asks for a second step when you sign in. Set it up here; then the admin opens.")
        )
        return redirect("mfa_index")

    middleware.process_view = process_view
    return middleware


def ask_who_is_there(get_response):
    """Where something raises ReauthenticationRequired. Allauth's own, before it, would keep what was sent readable."""

    def middleware(request):
        return get_response(request)

    middleware.process_exception = lambda request, error: (
        ask_first(request) if isinstance(error, ReauthenticationRequired) else None
    )
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
