"""allauth's views, where the portal says more than they do: mail that fails, codes that are spent, the admin's door."""

from functools import wraps
from http import HTTPStatus

from allauth.account import views as allauth_views
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.http import FORM_REFUSED
from members.actions import accounts
from members.adapter import MailNotSent
from members.forms.codes import ConfirmEmailVerificationCodeForm, ConfirmLoginCodeForm


class TellsWhenMailFails:
    """Without the mail nothing has happened: the page comes back with what was typed, and nothing is written.

    No transaction around it: a mail server that is slow to answer would hold SQLite's only write lock meanwhile.
    """

    def form_valid(self, form):
        try:
            return super().form_valid(form)
        except MailNotSent:
            return self.mail_failed(form)

    def mail_failed(self, form):
        form.add_error(None, _("We cannot send mail right now. Check the address, and try again in a few minutes."))
        return self.render_to_response(self.get_context_data(form=form), status=HTTPStatus.SERVICE_UNAVAILABLE)


class Login(TellsWhenMailFails, allauth_views.LoginView):
    pass


class Signup(TellsWhenMailFails, allauth_views.SignupView):
    user = None  # whose account was made, once it was

    def mail_failed(self, form):
        if self.user:
            accounts.take_back_sign_up(person=self.user)
        return super().mail_failed(form)


class RequestLoginCode(TellsWhenMailFails, allauth_views.RequestLoginCodeView):
    def form_valid(self, form):
        if form._user:
            accounts.note_address(person=form._user)
        return super().form_valid(form)


class ResetPassword(TellsWhenMailFails, allauth_views.PasswordResetView):
    pass


class ChangeEmail(TellsWhenMailFails, allauth_views.EmailView):
    pass


class ConfirmsCode(TellsWhenMailFails):
    """Also sends a new code, asked for by a form that has no field."""

    def mail_failed(self, form):
        if self._action != "resend":
            return super().mail_failed(form)
        messages.error(self.request, _("We cannot send a new code right now. Try again in a few minutes."))
        context = self.get_context_data(form=self.code_form())
        return self.render_to_response(context, status=HTTPStatus.SERVICE_UNAVAILABLE)


class ConfirmLoginCode(ConfirmsCode, allauth_views.ConfirmLoginCodeView):
    code_form = ConfirmLoginCodeForm


class ConfirmEmail(ConfirmsCode, allauth_views.ConfirmEmailVerificationCodeView):
    code_form = ConfirmEmailVerificationCodeForm


def or_start_again(view):
    """A code that has expired, was used already or was guessed at too often: say so where a new one can be asked."""

    @wraps(view)
    def confirm(request):
        said = len(messages.get_messages(request))
        response = view(request)
        starts = {reverse("account_login"), reverse("account_request_login_code")}
        if (
            request.method != "POST"
            or request.user.is_authenticated
            or response.status_code != HTTPStatus.FOUND
            or response.url.partition("?")[0] not in starts
        ):
            return response
        if len(messages.get_messages(request)) == said:
            messages.error(request, _("This code has expired or was used already. Ask for a new one."))
        start = RequestLoginCode()
        start.setup(request)
        form = start.get_form_class()()
        return start.render_to_response(start.get_context_data(form=form), status=FORM_REFUSED)

    return confirm


def admin_login(request):
    """The admin's own sign-in page: ours instead. For a signed-in person who is no staff there is no admin."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))
    if not request.user.is_staff:
        raise Http404
    return redirect("admin:index")
