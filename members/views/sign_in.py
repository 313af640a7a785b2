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
from members import reauthentication
from members.actions import accounts
from members.adapter import MailNotSent
from members.forms.codes import ConfirmEmailVerificationCodeForm, ConfirmLoginCodeForm, ReauthenticateByCodeForm


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


class ReauthenticateByCode(allauth_views.BaseReauthenticateView):
    """Asks who is there by a mailed code; a GET mails nothing, because the page may be loaded again.

    Whoever has a second step is sent to the page that asks for it (members.adapter).
    """

    template_name = "account/reauthenticate_by_code.html"
    form_class = ReauthenticateByCodeForm

    def dispatch(self, request, *args, **kwargs):
        self.process = reauthentication.MailedCode.resume(request)
        return super().dispatch(request, *args, **kwargs)

    def post(self, request, *args, **kwargs):
        if request.POST.get("action") == "send":
            return self.send()
        if self.process is None:
            return self.answer_again(_("This code has expired or was used already. Ask for a new one."))
        return super().post(request, *args, **kwargs)

    def send(self):
        try:
            reauthentication.MailedCode.start(self.request)
        except MailNotSent:
            words = _("We cannot send mail right now. Check the address, and try again in a few minutes.")
            return self.answer_again(words, status=HTTPStatus.SERVICE_UNAVAILABLE)
        return redirect(self.passthrough_next_url(self.request.path))

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "code": self.process and self.process.code}

    def form_valid(self, form):
        self.process.finish()
        return super().form_valid(form)

    def form_invalid(self, form):
        if self.process.record_invalid_attempt():
            return super().form_invalid(form)
        self.process = None
        return self.answer_again(_("That went wrong too often. Ask for a new code."))

    def answer_again(self, words, *, status=FORM_REFUSED):
        messages.error(self.request, words)
        return self.render_to_response(self.get_context_data(form=self.get_form_class()()), status=status)

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        return {**context, "was_mailed": self.process is not None, "address": self.request.user.email}


def change_password(request):
    """Its form asks for the old password; whoever has a second step shows that too, because a password is less."""
    view = allauth_views.password_change
    if request.user.has_second_factor:
        view = reauthentication.asks_again(keeps_typed=False, on_get=True)(view)
    return view(request)


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
