"""What one may choose about mails on certificates (core.streams)."""

from django.utils.translation import gettext_lazy as _

from core.streams import Stream, Wish

CERTIFICATES = Stream(
    code="certificates",
    label=_("Reminders before a certificate of my organisation ends"),
    hint=_("For contacts and quality officers of an organisation."),
    wishes=(Wish.AT_ONCE, Wish.NONE),
)
