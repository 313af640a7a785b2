import logging
import smtplib

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core import context as allauth_context
from allauth.core import ratelimit
from allauth.core.exceptions import ReauthenticationRequired
from allauth.core.internal.ratelimit import consume
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from core import refusals
from core.delivery import standing_headers
from members import codes, reauthentication
from members.actions import accounts, affiliations
from members.models import User
from members.rules import AffiliationState, CredentialChange

log = logging.getLogger(__name__)
terminal = logging.getLogger("portal.terminal")  # of the trial run


# allauth's name of the notice -> what changed.
CREDENTIALS = {
    "account/email/email_changed": CredentialChange.ADDRESS,
    "account/email/password_set": CredentialChange.PASSWORD_SET,
    "account/email/password_changed": CredentialChange.PASSWORD_CHANGED,
    "account/email/password_reset": CredentialChange.PASSWORD_CHANGED,
    "mfa/email/totp_activated": CredentialChange.APP_ADDED,
    "mfa/email/totp_deactivated": CredentialChange.APP_REMOVED,
    "mfa/email/webauthn_added": CredentialChange.PASSKEY_ADDED,
    "mfa/email/webauthn_removed": CredentialChange.PASSKEY_REMOVED,
    "mfa/email/recovery_codes_generated": CredentialChange.RECOVERY_CODES,
}


class MailNotSent(Exception):
    """The mail server could not be reached, or would not take the mail."""


class PortalAccountAdapter(DefaultAccountAdapter):
    """allauth's mails in the portal's words, straight to SMTP; its codes kept as digests."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "incorrect_code": _("This code is not right. Use the code from the newest mail, or ask for a new one."),
        "too_many_login_attempts": _("That went wrong too often. Wait a few minutes, then try again."),
        "rate_limited": _("That went a bit fast. Wait a minute, then try again."),
        "email_password_mismatch": _("This address and password do not belong together. A code by mail works always."),
        "account_inactive": _("This account has been closed."),
    }

    def generate_login_code(self):
        return codes.keep_for_this_request(allauth_context.request, super().generate_login_code())

    def generate_password_reset_code(self):
        return codes.keep_for_this_request(allauth_context.request, super().generate_password_reset_code())

    def generate_email_verification_code(self):
        return codes.keep_for_this_request(allauth_context.request, super().generate_email_verification_code())

    def get_reauthentication_methods(self, user):
        """The second step where there is one, with the one that the person uses first; else password or mailed code."""
        methods = super().get_reauthentication_methods(user)
        factors = [method for method in methods if method["id"].startswith("mfa_reauthenticate")]
        if factors or not user.is_authenticated:
            has_app = is_mfa_enabled(user, [Authenticator.Type.TOTP])
            return sorted(factors, key=lambda method: (method["id"] == "mfa_reauthenticate") != has_app)
        code = {
            "id": reauthentication.BY_CODE,
            "description": _("Get a code by mail"),
            "url": reverse("account_reauthenticate_by_code"),
        }
        return [*methods, code]

    def is_reauthentication_required(self, *, app, **kwargs):
        """Raises ReauthenticationRequired also where allauth would let an account pass that it cannot ask."""
        required = super().is_reauthentication_required(app=app, **kwargs)
        request = allauth_context.request
        if required and request.user.is_authenticated and not reauthentication.was_asked(request):
            raise ReauthenticationRequired
        return required

    def send_notification_mail(self, template_prefix, user, context=None, email=None):
        """Here all changes of a credential come together: a notice through the outbox, and other sessions end.

        `email` is the address that was left, when that is what changed.
        """
        if change := CREDENTIALS.get(template_prefix):
            accounts.credential_changed(
                person=User.objects.get(pk=user.pk),
                change=change,
                old_address=email or "",
                keep=self.request.session.session_key,
                now=timezone.now(),
            )

    def render_mail(self, template_prefix, email, context, headers=None):
        """With the subject as the title of its HTML, and the headers of every mail of the portal."""
        subject = " ".join(render_to_string(f"{template_prefix}_subject.txt", context).split())
        headers = standing_headers(get_language()) | (headers or {})
        return super().render_mail(template_prefix, email, {**context, "subject": subject}, headers)

    def send_mail(self, template_prefix, email, context):
        """Raises MailNotSent within settings.EMAIL_TIMEOUT; nothing is kept to be sent later.

        An address that had too many mails today gets none. The page says that limit and is the same, so that it tells
        nobody what is known of an address.
        """
        request = allauth_context.request
        counted = self.count_mail(request, email)
        if not counted:
            log.warning("%s was not sent: the address had too many today", template_prefix)
            return
        if context.get("code"):
            context = {**context, "code": codes.reveal(request, context["code"])}
            if settings.TRIAL and not settings.EMAIL_URL:
                terminal.info("code for %s: %s", email, context["code"])
        reader = User.objects.filter(email__iexact=email).first()
        with override(reader.language if reader else get_language()):
            try:
                super().send_mail(template_prefix, email, context)
                refusals.lift(email, now=timezone.now())  # it takes mail, whatever it did before
            except (OSError, smtplib.SMTPException) as error:
                log.warning("%s was not sent: %s", template_prefix, type(error).__name__)
                # It did not leave, so that asking again at once is fair.
                ratelimit.clear(request, action="confirm_email", key=email.lower())
                counted.rollback()
                raise MailNotSent from error

    def count_mail(self, request, email):
        """One more mail to this address today, or None when that is more than settings.ACCOUNT_RATE_LIMITS has.

        `name+word@` is the same mailbox as `name@`.
        """
        name, _at, domain = email.lower().rpartition("@")
        mailbox = f"{name.partition('+')[0]}@{domain}"
        if EmailAddress.objects.filter(email__iexact=email, verified=True).exists():
            action, key = "mail_to_known", f"{mailbox} {self.get_client_ip(request)}"
        else:
            action, key = "mail_to_stranger", mailbox
        return consume(request, app="allauth.account", action=action, key=key, limit_get=True)

    def confirm_email(self, request, email_address):
        """Mail that was held for the address which this one replaces goes to it."""
        confirmed = super().confirm_email(request, email_address)
        if confirmed:
            person = User.objects.get(pk=email_address.user_id)
            refusals.follow(person, now=timezone.now())
        return confirmed

    def get_signup_redirect_url(self, request):
        return reverse("members:profile")

    def post_login(self, request, user, **kwargs):
        """Here every way to sign in comes together, with an address that is verified."""
        for affiliation in affiliations.suggest_by_mail_domain(person=user, now=timezone.now()):
            if affiliation.state == AffiliationState.CONFIRMED:
                words = _("You are linked to %(organisation)s now.")
            else:
                words = _("We know your mail domain, and have asked %(organisation)s to confirm that you work there.")
            messages.info(request, words % {"organisation": affiliation.organisation})
        return super().post_login(request, user, **kwargs)
