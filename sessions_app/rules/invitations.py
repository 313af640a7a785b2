"""What an invitation to a leadership dialogue may become, and whom its link lets in (domain.md 4.3)."""

from datetime import datetime, timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from core.moves import Moves
from sessions_app.rules.sessions import SessionState


class InvitationState(TextChoices):
    PREPARED = "prepared", _("prepared")
    SENT = "sent", _("sent")
    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("declined")
    STAND_IN_REQUESTED = "stand_in_requested", _("asks for a stand-in")
    APPROVED = "approved", _("stand-in approved")
    REFUSED = "refused", _("stand-in refused")
    REVOKED = "revoked", _("revoked")
    EXPIRED = "expired", _("expired")


V = InvitationState
_ENDS = [V.REVOKED, V.EXPIRED]
INVITATION_MOVES = Moves(
    {
        V.PREPARED: [V.SENT, *_ENDS],
        V.SENT: [V.ACCEPTED, V.DECLINED, V.STAND_IN_REQUESTED, *_ENDS],
        V.ACCEPTED: [V.DECLINED, *_ENDS],
        V.DECLINED: [V.ACCEPTED, *_ENDS],
        V.STAND_IN_REQUESTED: [V.APPROVED, V.REFUSED, *_ENDS],
        V.APPROVED: _ENDS,
        V.REFUSED: [V.ACCEPTED, V.DECLINED, *_ENDS],
        V.REVOKED: [],
        V.EXPIRED: [],
    }
)
ANSWERABLE = (V.SENT, V.ACCEPTED, V.DECLINED, V.REFUSED)
REPLY_BEFORE = timedelta(days=10)  # domain.md 4.8
NAMES_KEPT = timedelta(hours=24)  # after the planned end of a dialogue (domain.md 4.3)


class LinkOpens(TextChoices):
    """What a mailed link to an invitation opens on this device."""

    FULLY = "fully"
    AFTER_ASKING = "after_asking"
    NOTHING = "nothing"


def invitation_is_open(*, state: str, session_state: str, ends_at: datetime | None, now: datetime) -> bool:
    """An answer can be given and changed until the end of the dialogue (domain.md 4.3)."""
    return (
        state in ANSWERABLE
        and session_state in (SessionState.INVITING, SessionState.CLOSED)
        and ends_at is not None
        and now < ends_at
    )


def link_opens(*, state: str, nonce: str, is_spent: bool, bound_to: str, link_nonce: str, device: str) -> LinkOpens:
    """`nonce` is the newest mailed link's, which is spent once it bound a device; `bound_to` is that device's word.

    So an answered invitation opens fully on that device only, and a link that was mailed anew has to be claimed. Until
    it is, the device keeps what it has: who asks for a new link takes nothing from the one who answered.
    """
    if device and device == bound_to:
        return LinkOpens.FULLY
    if is_spent or link_nonce != nonce:
        return LinkOpens.NOTHING
    return LinkOpens.FULLY if state == V.SENT else LinkOpens.AFTER_ASKING


def reply_by(*, starts_at: datetime, now: datetime) -> datetime | None:
    """Ten days before the dialogue (domain.md 4.8), or None when that has passed: then any answer is in time."""
    moment = starts_at - REPLY_BEFORE
    return moment if moment > now else None
