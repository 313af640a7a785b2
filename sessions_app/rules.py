"""What a session and a registration may become, and what each move asks (domain.md 4.1-4.3). No query, no clock."""

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush
from typing import Any

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.moves import Moves
from members.rules import OrganisationKind


class SessionState(TextChoices):
    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("sent in")
    IN_CURATION = "in_curation", _("being considered")
    NEEDS_INFO = "needs_info", _("waiting for an answer")
    ACCEPTED = "accepted", _("accepted, no date yet")
    PARKED = "parked", _("parked")
    DECLINED = "declined", _("declined")
    MERGED = "merged", _("merged with another proposal")
    WITHDRAWN = "withdrawn", _("withdrawn")
    PLANNED = "planned", _("date set")
    INVITING = "inviting", _("by invitation")
    OPEN = "open", _("open for registration")
    CLOSED = "closed", _("registration closed")
    HELD = "held", _("held")
    FOLLOWED_UP = "followed_up", _("followed up")
    ARCHIVED = "archived", _("archived")
    CANCELLED = "cancelled", _("cancelled")


S = SessionState
SESSION_MOVES = Moves(
    {
        S.DRAFT: [S.SUBMITTED, S.WITHDRAWN],
        S.SUBMITTED: [S.IN_CURATION, S.WITHDRAWN],
        S.IN_CURATION: [S.NEEDS_INFO, S.ACCEPTED, S.PARKED, S.DECLINED, S.MERGED, S.WITHDRAWN],
        S.NEEDS_INFO: [S.IN_CURATION, S.PARKED, S.DECLINED, S.WITHDRAWN],
        # Cancelled from here is what was postponed and comes off after all.
        S.ACCEPTED: [S.PLANNED, S.PARKED, S.WITHDRAWN, S.CANCELLED],
        # An end state can be reopened, by staff, with a reason.
        S.PARKED: [S.IN_CURATION],
        S.DECLINED: [S.IN_CURATION],
        S.WITHDRAWN: [S.IN_CURATION],
        S.MERGED: [],
        # Back to accepted is postponing: the date is dropped. Held straight from planned records a past session.
        S.PLANNED: [S.OPEN, S.INVITING, S.ACCEPTED, S.CANCELLED, S.HELD],
        S.INVITING: [S.CLOSED, S.ACCEPTED, S.CANCELLED],
        S.OPEN: [S.CLOSED, S.ACCEPTED, S.CANCELLED],
        S.CLOSED: [S.OPEN, S.ACCEPTED, S.CANCELLED, S.HELD],
        S.HELD: [S.FOLLOWED_UP],
        S.FOLLOWED_UP: [S.ARCHIVED],
        S.ARCHIVED: [],
        S.CANCELLED: [S.ACCEPTED],
    }
)
PROPOSAL_STATES = (S.SUBMITTED, S.IN_CURATION, S.NEEDS_INFO)
EDITABLE_BY_PROPOSER = (S.DRAFT, S.NEEDS_INFO)
DATED = (S.PLANNED, S.INVITING, S.OPEN, S.CLOSED, S.HELD, S.FOLLOWED_UP, S.ARCHIVED)
LISTED = (S.PLANNED, S.OPEN, S.CLOSED, S.HELD, S.FOLLOWED_UP, S.ARCHIVED, S.CANCELLED)
UPCOMING = (S.PLANNED, S.INVITING, S.OPEN, S.CLOSED)
PAST = (S.HELD, S.FOLLOWED_UP, S.ARCHIVED)


class Form(TextChoices):
    ON_SITE = "on_site", _("on site")
    ONLINE = "online", _("online")
    HYBRID = "hybrid", _("hybrid")


class Language(TextChoices):
    NL = "nl", _("Dutch")
    EN = "en", _("English")
    BOTH = "both", _("Dutch and English")


class Audience(TextChoices):
    PUBLIC = "public", _("everyone")
    MEMBERS = "members", _("members")
    MEMBERS_AND_PARTNERS = "members_and_partners", _("members and partners")
    INVITED = "invited", _("who is invited")


class Admission(TextChoices):
    DIRECT = "direct", _("direct")
    BY_APPROVAL = "by_approval", _("by approval")
    INVITATION = "invitation", _("by invitation")


class Confidentiality(TextChoices):
    OPEN = "open", _("open")
    INTERNAL = "internal", _("for members")
    CHATHAM_HOUSE = "chatham_house", _("Chatham House Rule")
    CLOSED_SPACE = "closed_space", _("closed space")


class SeriesRegistration(TextChoices):
    """For what one registers at a series; either way each date has its own seats and its own line."""

    WHOLE = "whole", _("for the whole series at once")
    PER_DATE = "per_date", _("for each date apart")


class HostingPart(TextChoices):
    CONTENT_LEAD = "content_lead", _("leads the content")
    FACILITATE = "facilitate", _("facilitates")
    CO_HOST = "co_host", _("co-hosts")


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
REGISTRATION_MOVES = Moves(
    {
        R.REQUESTED: [R.CONFIRMED, R.WAITLISTED, R.REJECTED, R.WITHDRAWN, R.CANCELLED],
        R.WAITLISTED: [R.OFFERED, R.CONFIRMED, R.WITHDRAWN, R.CANCELLED],
        R.OFFERED: [R.CONFIRMED, R.DECLINED, R.EXPIRED, R.WITHDRAWN, R.CANCELLED],
        R.CONFIRMED: [R.CANCELLED, R.ATTENDED, R.NO_SHOW],
        # Whoever ticks people off makes mistakes: each can be put right while attendance is noted.
        R.ATTENDED: [R.NO_SHOW, R.CONFIRMED],
        R.NO_SHOW: [R.ATTENDED, R.CONFIRMED],
        **{end: [] for end in (R.REJECTED, R.WITHDRAWN, R.DECLINED, R.EXPIRED, R.CANCELLED)},
    }
)
LIVE = (R.REQUESTED, R.WAITLISTED, R.OFFERED, R.CONFIRMED)
# Who has a seat, whether or not it was noted that she came: for everyone but hosts and staff these are the same.
SEATED = (R.CONFIRMED, R.ATTENDED, R.NO_SHOW)
HOLDING_SEAT = (R.OFFERED, *SEATED)
WITH_A_PLACE = (R.REQUESTED, R.WAITLISTED, *HOLDING_SEAT)


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


def state_as_told(state: str) -> str:
    """The state as the person, peers and the employer read it: whether someone came is told to none (domain.md 4.2)."""
    return R.CONFIRMED if state in SEATED else state


NOTING_ATTENDANCE = (S.OPEN, S.CLOSED, S.HELD, S.FOLLOWED_UP)
WALK_IN = timedelta(minutes=60)  # before the start, when the first people come
NEEDS_KEPT = timedelta(days=14)  # after the end, what people need of access and food (domain.md 5.5)
LIST_KEPT = timedelta(days=14)  # after the end: how long hosts see who came, and attendance can be put right


def attendance_opens(*, starts_at: datetime, doors_open_at: datetime | None) -> datetime:
    """From when it can be noted who is here: an hour before the start, or when the doors open if that is earlier."""
    return min(starts_at - WALK_IN, doors_open_at or starts_at)


def list_closes(*, ends_at: datetime | None, is_closed_space: bool) -> datetime | None:
    """Until when hosts see who is coming: two weeks after the end; of a closed space, which leaves no history, the end.

    None while there is no date.
    """
    return ends_at and (ends_at if is_closed_space else ends_at + LIST_KEPT)


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

LEAST_SEATS, MOST_SEATS = 1, 2000
MOST_GUESTS = 500  # addresses invited to one session
TITLE_LENGTH, QUESTION_LENGTH = 160, 2000
NEEDS_LENGTH = 500
FIRST_ANSWER_WORKING_DAYS = 10  # domain.md 4.8: a proposer hears from staff within this time


@dataclass(frozen=True)
class Gap:
    """Something that a move needs and the session lacks: the form field that mends it, and a sentence."""

    field: str
    reason: str | Promise


def submit_gaps(
    *, has_line: bool, has_workstream: bool, has_track: bool, question: str, title: str, has_content_lead: bool,
    role_count: int, language: str,
) -> list[Gap]:  # fmt: skip
    """What a proposal lacks before it can be sent in (domain.md 4.1)."""
    gaps = []
    if not title.strip():
        gaps.append(Gap("title", _("Give the session a title.")))
    if has_line == has_workstream:
        gaps.append(Gap("subject", _("Choose one learning line or one workstream.")))
    if has_line and not has_track:
        gaps.append(Gap("track", _("Choose for whom the session is: practitioners or leadership.")))
    if not question.strip():
        gaps.append(Gap("question", _("Write down the question that the session is about.")))
    if not has_content_lead:
        gaps.append(Gap("content_lead", _("Choose the organisation that leads the content.")))
    if not role_count:
        gaps.append(Gap("partos_roles", _("Choose at least one of the four roles of Partos.")))
    if not language:
        gaps.append(Gap("language", _("Choose the language of the session.")))
    return gaps


def plan_gaps(
    *, starts_at: datetime | None, ends_at: datetime | None, form: str, place: str, online_link: str,
    capacity: int | None, capacity_online: int | None, for_whom: str, is_dialogue: bool,
) -> list[Gap]:  # fmt: skip
    """What a session lacks before its date stands (domain.md 4.1). A dialogue needs no number of seats."""
    gaps = []
    if not starts_at:
        gaps.append(Gap("starts_at", _("Give a date and a start time.")))
    if not ends_at:
        gaps.append(Gap("ends_at", _("Give an end time.")))
    if starts_at and ends_at and ends_at <= starts_at:
        gaps.append(Gap("ends_at", _("The end must be after the start.")))
    if not form:
        gaps.append(Gap("form", _("Choose on site, online or hybrid.")))
    if form in (Form.ON_SITE, Form.HYBRID) and not place.strip():
        gaps.append(Gap("place", _("Give the place.")))
    if form in (Form.ONLINE, Form.HYBRID) and not online_link:
        gaps.append(Gap("online_link", _("Give the link of the online meeting.")))
    if not for_whom.strip():
        gaps.append(Gap("for_whom", _("Tell for whom the session is.")))
    if not is_dialogue:
        gaps += capacity_gaps(form=form, capacity=capacity, capacity_online=capacity_online)
    return gaps


def capacity_gaps(*, form: str, capacity: int | None, capacity_online: int | None) -> list[Gap]:
    wanted = {"capacity": capacity}
    if form == Form.HYBRID:
        wanted["capacity_online"] = capacity_online
    reason = _("Give the number of seats, from %(least)s to %(most)s.") % {"least": LEAST_SEATS, "most": MOST_SEATS}
    return [
        Gap(field, reason) for field, seats in wanted.items() if seats is None or not LEAST_SEATS <= seats <= MOST_SEATS
    ]


def open_gaps(
    *, content_lead_kinds: list[str], has_facilitator: bool, audience: str, admission: str, confidentiality: str,
    registration_deadline: datetime | None, starts_at: datetime | None, now: datetime,
) -> list[Gap]:  # fmt: skip
    """What a session lacks before people can register (domain.md 4.1; 0.3: a member or partner leads the content).

    `content_lead_kinds` are the kinds of the organisations that lead the content. One that is neither member nor
    partner (Partos, a ministry) is refused even beside one that is.
    """
    gaps = []
    if not has_member_content_lead(content_lead_kinds):
        gaps.append(Gap("content_lead", _("A member or partner must lead the content.")))
    if not has_facilitator:
        gaps.append(Gap("hostings", _("Tell which organisation facilitates the session.")))
    if not audience:
        gaps.append(Gap("audience", _("Choose who may register.")))
    if not admission:
        gaps.append(Gap("admission", _("Choose how people are admitted.")))
    if not confidentiality:
        gaps.append(Gap("confidentiality", _("Choose how confidential the session is.")))
    if not registration_deadline:
        gaps.append(Gap("registration_deadline", _("Give the registration deadline.")))
    elif starts_at and registration_deadline > starts_at:
        gaps.append(Gap("registration_deadline", _("Registration must close before the session starts.")))
    if starts_at and starts_at <= now:
        gaps.append(Gap("starts_at", _("This session has started already.")))
    return gaps


def has_member_content_lead(kinds: list[str]) -> bool:
    """At least one organisation leads the content, and all that do are members or partners."""
    return bool(kinds) and all(kind in ("member", "partner") for kind in kinds)


# Seats are given in these states, until the session starts.
GIVING_SEATS = (S.OPEN, S.CLOSED)


def gives_seats(*, state: str, starts_at: datetime | None, now: datetime) -> bool:
    """Whether someone can still be admitted or move up: the session is on, has a date and has not started."""
    return state in GIVING_SEATS and starts_at is not None and now < starts_at


def takes_answers(*, state: str, starts_at: datetime | None, now: datetime) -> bool:
    """Whether who is offered a seat can answer: the session has a date and has not started, opened (again) or not."""
    return state in UPCOMING and starts_at is not None and now < starts_at


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


def loss_of(
    *, is_active: bool, audience: str, organisation: int | None, acts_for: Mapping[int, str], is_guest: bool = False
) -> Loss | None:
    """What a registration hangs on and the person lost since, or None while it stands.

    `organisation` is the one the person registered for, and `acts_for` those with a confirmed affiliation now, by key
    with their kind. Who works for another organisation by now registers anew, on its behalf. Whose address is invited
    is among those for whom the session is, whatever she works for.
    """
    if not is_active:
        return Loss.ACCOUNT
    if organisation is not None and organisation not in acts_for:
        return Loss.AFFILIATION
    return None if is_guest or admits(audience, acts_for.values()) else Loss.AUDIENCE


def calendar_sequence(*, session_sequence: int, times_ended: int, has_ended: bool) -> int:
    """The SEQUENCE of one person's calendar file (RFC 5546, 2.1.5): a calendar takes only what is newer than it has.

    It rises with the session's own number, which a new date or place raises, and by one both when a person's place
    ends and when she gets a new one. `times_ended` counts her places that ended, this one too if it `has_ended`.
    """
    return session_sequence + 2 * times_ended - (1 if has_ended and times_ended else 0)


# What a calendar tells of a session; the other columns are not read for it.
IN_CALENDARS = (
    *("uid", "sequence", "state", "title", "question", "form", "place", "starts_at", "ends_at", "changed_at"),
    "audience",
)


def forms_of(form: str) -> list[str]:
    """How one can attend a session of this form: both ways when it is hybrid."""
    return [Form.ON_SITE, Form.ONLINE] if form == Form.HYBRID else [form]


def seat_pools(form: str) -> list[list[str]]:
    """The ways to attend that share a number of seats: a hybrid session has two numbers, others one."""
    both: list[str] = [Form.ON_SITE, Form.ONLINE]
    return [[way] for way in both] if form == Form.HYBRID else [both]


def pool_with(way: str, *, form: str) -> list[str]:
    """Those that share their seats with this way to attend."""
    return next(pool for pool in seat_pools(form) if way in pool)


@dataclass(frozen=True)
class Seats:
    """The seats of one pool: how many there are (None: no limit), how many are held, and who waits for one."""

    capacity: int | None
    held: int
    waiting: int

    @property
    def free(self) -> int | None:
        return free_seats(capacity=self.capacity, held=self.held)

    @property
    def has_room(self) -> bool:
        """A newcomer gets a seat at once."""
        return seat_for(capacity=self.capacity, held=self.held, waiting=self.waiting) == R.CONFIRMED


def seat_for(*, capacity: int | None, held: int, waiting: int) -> RegistrationState:
    """Confirmed while a seat is free and nobody waits before you; otherwise the waiting list."""
    free = capacity is None or held < capacity
    return RegistrationState.CONFIRMED if free and not waiting else RegistrationState.WAITLISTED


def free_seats(*, capacity: int | None, held: int) -> int | None:
    """Seats that may still be given; None when there is no limit, 0 when more are held than there are."""
    return None if capacity is None else max(0, capacity - held)


LEAST_OFFER_HOURS, OFFER_HOURS, MOST_OFFER_HOURS = 1, 48, 14 * 24  # domain.md 4.2, 4.8
SEATS_GO_DIRECTLY = timedelta(hours=24)  # before the start nobody is asked any more whether the seat is still wanted
SHORTEST_OFFER = timedelta(hours=4)  # one has to be able to read a mail


def offer_ends_at(*, hours: int, starts_at: datetime, now: datetime) -> datetime | None:
    """Until when a freed seat is held for the next in line, or None when it is given directly (domain.md 4.2).

    `hours` is what the session gives. An offer ends a day before the start, so that the seat can still go to another;
    one that would be shorter than four hours for that reason lasts four (or what the session gives, if that is less).
    """
    last = starts_at - SEATS_GO_DIRECTLY
    if now >= last:
        return None
    whole = now + timedelta(hours=hours)
    return min(whole, max(last, now + SHORTEST_OFFER))


def offer_holds(*, state: str, offered_until: datetime | None, now: datetime) -> bool:
    """A seat is held for someone who can still take it."""
    return state == R.OFFERED and offered_until is not None and now < offered_until


@dataclass(frozen=True)
class Waiting:
    """Someone in a line: the key of the registration, since when, and for which organisation (None: for nobody's).

    `has_seat` is who holds a seat in the other room of a hybrid session and wants to change to this one.
    """

    key: int
    since: datetime
    organisation: int | None = None
    has_seat: bool = False


def line(waiting: Iterable[Waiting], *, held: Mapping[int, int], shares: bool) -> list[int]:
    """The keys of who waits, in the order in which they get the seats that come free one by one (domain.md 4.2).

    First come, first served; or, where a session shares its seats fairly (`shares`), who comes for the organisation
    with the fewest seats, then who came first, each seat counting for the next. A maximum per organisation needs no
    rule of its own: whose organisation is below it holds fewer seats than whose is at it. `held` is the number of
    seats that each organisation holds in the session. Who comes for no organisation shares with nobody, and one's own
    seat in the other room does not count against changing.
    """
    rows = sorted(waiting, key=lambda row: (row.since, row.key))
    if not shares:
        return [row.key for row in rows]
    groups: dict[Any, deque[Waiting]] = defaultdict(deque)
    for row in rows:
        alone = row.organisation is None or row.has_seat
        groups[("alone", row.key) if alone else row.organisation].append(row)

    def turn(group, seats: int) -> tuple:
        first = groups[group][0]
        return seats, first.since, first.key, group

    def seats_of(row: Waiting) -> int:
        return 0 if row.organisation is None else held.get(row.organisation, 0) - row.has_seat

    heap = [turn(group, seats_of(members[0])) for group, members in groups.items()]
    heapify(heap)
    order = []
    while heap:
        seats, _since, key, group = heappop(heap)
        order.append(key)
        groups[group].popleft()
        if groups[group]:
            heappush(heap, turn(group, seats + 1))
    return order


REPLY_BEFORE = timedelta(days=10)  # domain.md 4.8
NAMES_KEPT = timedelta(hours=24)  # after the planned end of a dialogue (domain.md 4.3)


class LinkOpens(TextChoices):
    """What a mailed link to an invitation opens on this device."""

    FULLY = "fully"
    AFTER_ASKING = "after_asking"
    NOTHING = "nothing"


def invitation_is_open(*, state: str, session_state: str, ends_at: datetime | None, now: datetime) -> bool:
    """An answer can be given and changed until the end of the dialogue (domain.md 4.3)."""
    return state in ANSWERABLE and session_state in (S.INVITING, S.CLOSED) and ends_at is not None and now < ends_at


def link_opens(*, state: str, nonce: str, link_nonce: str, device: str) -> LinkOpens:
    """`nonce` is the one key to an invitation: the mailed link's until it is answered, then the answering device's.

    So an answered invitation opens fully on that device only, and a link that was mailed anew has to be claimed.
    """
    if device and device == nonce:
        return LinkOpens.FULLY
    if link_nonce != nonce:
        return LinkOpens.NOTHING
    return LinkOpens.FULLY if state == V.SENT else LinkOpens.AFTER_ASKING


def reply_by(*, starts_at: datetime, now: datetime) -> datetime | None:
    """Ten days before the dialogue (domain.md 4.8), or None when that has passed: then any answer is in time."""
    moment = starts_at - REPLY_BEFORE
    return moment if moment > now else None
