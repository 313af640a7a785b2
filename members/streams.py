"""What one may choose about mails on people and organisations (core.streams)."""

from django.utils.translation import gettext_lazy as _

from core.streams import Stream

REQUESTS = Stream(
    code="requests",
    label=_("Someone asks to join my organisation or group"),
    hint=_("For contacts of an organisation and for who leads a group."),
)
