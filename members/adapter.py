import logging

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from django.conf import settings
from django.utils.translation import override

from members import codes
from members.models import User

log = logging.getLogger(__name__)


class PortalAccountAdapter(DefaultAccountAdapter):
    """allauth's mails in the portal's words, straight to SMTP; its codes kept as digests."""

    def generate_login_code(self):
        return codes.keep_for_this_request(allauth_context.request, super().generate_login_code())

    def generate_password_reset_code(self):
        return codes.keep_for_this_request(allauth_context.request, super().generate_password_reset_code())

    def generate_email_verification_code(self):
        return codes.keep_for_this_request(allauth_context.request, super().generate_email_verification_code())

    def send_mail(self, template_prefix, email, context):
        if context.get("code"):
            context = {**context, "code": codes.reveal(allauth_context.request, context["code"])}
            if settings.TRIAL and not settings.EMAIL_URL:
                log.info("code for %s: %s", email, context["code"])
        reader = User.objects.filter(email__iexact=email).first()
        with override(reader.language if reader else None):
            super().send_mail(template_prefix, email, context)
