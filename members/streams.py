"""What one may choose about mails on people and organisations (core.streams)."""

from django.utils.translation import gettext_lazy as _

from core.streams import Stream, Wish

REQUESTS = Stream(
    code="requests",
    label=_("Someone asks to join my organisation or group"),
    hint=_("For contacts of an organisation and for who leads a group."),
)
# Somebody has to hear of it, so that this cannot be switched off.
UNANSWERED = Stream(
    code="unanswered",
    label=_("Requests to join an organisation or a group that nobody answers"),
    hint=_("For the Partos team, after seven working days. After ten the portal answers by itself."),
    wishes=(Wish.AT_ONCE, Wish.DIGEST),
    default=Wish.DIGEST,
    shown_with="members.change_affiliation",
)
