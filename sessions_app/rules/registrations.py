"""What a registration may become, what it hangs on, and how long what it tells is kept (domain.md 4.2, 5.5)."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from core.moves import Moves
from members.rules import OrganisationKind
from sessions_app.rules.sessions import Audience, SessionState


class RegistrationState(TextChoices):
    REQUESTED = "requested", _("asked for")
    WAITLISTED = "waitlisted", _("on the waiting list")
    OFFERED = "offered", _("seat offered")
    CONFIRMED = "confirmed", _("registered")
    REJECTED = "rejected", _("not admitted")
    WITHDRAWN = "withdrawn", _("withdrawn")
    DECLINED = "declined", _("offer declined")
    EXPIRED = "expired", _("offer expired")
    CANCELLED = "cancelled", _("cancelled")
    ATTENDED = "attended", _("was there")
    NO_SHOW = "no_show", _("was not there")


R = RegistrationState
OVER = (R.REJECTED, R.WITHDRAWN, R.DECLINED, R.EXPIRED, R.CANCELLED)
REGISTRATION_MOVES = Moves(
    {
        R.REQUESTED: [R.CONFIRMED, R.WAITLISTED, R.REJECTED, R.WITHDRAWN, R.CANCELLED],
        R.WAITLISTED: [R.OFFERED, R.CONFIRMED, R.WITHDRAWN, R.CANCELLED],
        R.OFFERED: [R.CONFIRMED, R.DECLINED, R.EXPIRED, R.WITHDRAWN, R.CANCELLED],
        R.CONFIRMED: [R.CANCELLED, R.ATTENDED, R.NO_SHOW],
        # Whoever ticks people off makes mistakes: each can be put right while attendance is noted.
        R.ATTENDED: [R.NO_SHOW, R.CONFIRMED],
        R.NO_SHOW: [R.ATTENDED, R.CONFIRMED],
        **{end: [] for end in OVER},
    }
)
LIVE = (R.REQUESTED, R.WAITLISTED, R.OFFERED, R.CONFIRMED)
# Who has a seat, whether or not it was noted that she came: for everyone but hosts and staff these are the same.
SEATED = (R.CONFIRMED, R.ATTENDED, R.NO_SHOW)
HOLDING_SEAT = (R.OFFERED, *SEATED)
WITH_A_PLACE = (R.REQUESTED, R.WAITLISTED, *HOLDING_SEAT)
ADMITTED = (R.WAITLISTED, *HOLDING_SEAT)
NOTING_ATTENDANCE = (SessionState.OPEN, SessionState.CLOSED, SessionState.HELD, SessionState.FOLLOWED_UP)
WALK_IN = timedelta(minutes=60)  # before the start, when the first people come
NEEDS_KEPT = timedelta(days=14)  # after the end, what people need of access and food (domain.md 5.5)
CLOSED_SPACE_KEPT = timedelta(days=1)  # after the end: who was in a closed space (domain.md 5.5)
LIST_KEPT = timedelta(days=14)  # after the end: how long hosts see who came, and attendance can be put right
ANSWERED_BEFORE = timedelta(hours=24)  # the start: when who asked has an answer, where there is no deadline
LAST_ANSWER = timedelta(hours=2)  # before the start, for who asked when the deadline was near or over
ASKED_IN_TIME = timedelta(hours=4)  # before the deadline: time for somebody to decide
MOST_GUESTS = 500  # addresses invited to one session
NEEDS_LENGTH = 500


def state_as_told(state: str) -> str:
    """The state as the person, peers and the employer read it: whether someone came is told to none (domain.md 4.2)."""
    return R.CONFIRMED if state in SEATED else state


def attendance_opens(*, starts_at: datetime, doors_open_at: datetime | None) -> datetime:
    """From when it can be noted who is here: an hour before the start, or when the doors open if that is earlier."""
    return min(starts_at - WALK_IN, doors_open_at or starts_at)


def list_closes(*, ends_at: datetime | None, is_closed_space: bool) -> datetime | None:
    """Until when hosts see who is coming: two weeks after the end; of a closed space, which leaves no history, the end.

    None while there is no date.
    """
    return ends_at and (ends_at if is_closed_space else ends_at + LIST_KEPT)


def request_answered_by(*, asked_at: datetime, starts_at: datetime, deadline: datetime | None) -> datetime:
    """When who asked for a seat gets an answer, from the portal if nobody decided; always before the start.

    That is the registration deadline, or a day before the start where there is none. Who asked later than four hours
    before it hears two hours before the start, or halfway when less than four are left (domain.md 4.2).
    """
    planned = deadline if deadline and deadline < starts_at else starts_at - ANSWERED_BEFORE
    if asked_at + ASKED_IN_TIME <= planned:
        return planned
    return starts_at - min(LAST_ANSWER, (starts_at - asked_at) / 2)


def admits(audience: str, kinds: Collection[str]) -> bool:
    """Whether people of organisations of these kinds are among those for whom a session is (domain.md 4.1, 4.2)."""
    members = {OrganisationKind.MEMBER, OrganisationKind.ASSOCIATION}
    match audience:
        case Audience.PUBLIC:
            return True
        case Audience.MEMBERS:
            return not members.isdisjoint(kinds)
        case Audience.MEMBERS_AND_PARTNERS:
            return not (members | {OrganisationKind.PARTNER}).isdisjoint(kinds)
    return False


class Loss(TextChoices):
    """Why a registration can not stand any more."""

    ACCOUNT = "account"
    AFFILIATION = "affiliation"
    AUDIENCE = "audience"
    INVITATION = "invitation"


def loss_of(
    *, is_active: bool, audience: str, organisation: int | None, acts_for: Mapping[int, str], is_guest: bool = False,
    needs_invitation: bool = False,
) -> Loss | None:  # fmt: skip
    """What a registration hangs on and the person lost since, or None while it stands.

    `organisation` is the one the person registered for, and `acts_for` those with a confirmed affiliation now, by key
    with their kind. Who works for another organisation by now registers anew, on its behalf. Whose address is invited
    is among those for whom the session is, whatever she works for; who `needs_invitation` is so for as long as it is.
    """
    if not is_active:
        return Loss.ACCOUNT
    if organisation is not None and organisation not in acts_for:
        return Loss.AFFILIATION
    if needs_invitation and not is_guest:
        return Loss.INVITATION
    return None if is_guest or admits(audience, acts_for.values()) else Loss.AUDIENCE


def calendar_sequence(*, session_sequence: int, steps: int, has_ended: bool) -> int:
    """The SEQUENCE of one person's calendar file (RFC 5546, 2.1.5): a calendar takes only what is newer than it has.

    It rises with the session's own number, which a new date or place raises, and by one when a person's place ends,
    when she gets a new one, and when she moves to the other room. `steps` are two for each place of hers that ended,
    this one too if it `has_ended`, and one for each change of rooms.
    """
    return session_sequence + steps - (1 if has_ended and steps else 0)
