"""What a session may become, and what each move asks (domain.md 4.1)."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from core.moves import Moves


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
# What puts a mistake right, with what hung on it; asked by `resuming` alone.
PUT_RIGHT = Moves(
    {
        **dict.fromkeys(S, ()),
        S.CANCELLED: [S.ACCEPTED, S.PLANNED, S.INVITING, S.OPEN, S.CLOSED],
        S.HELD: [S.CLOSED],
    }
)


class Resume(TextChoices):
    """How a session that was called off is taken up again."""

    AS_IT_WAS = "as_it_was", _("As it was: same date and place, and everybody is back")
    WITHOUT_DATE = "without_date", _("Without a date: everybody is back, and hears that a new date follows")
    EMPTY = "empty", _("Anew: without a date and without the people who had registered")


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


LEAST_SEATS, MOST_SEATS = 1, 2000
SEATS_WANTED = format_lazy(_("Give the number of seats, from {least} to {most}."), least=LEAST_SEATS, most=MOST_SEATS)
TITLE_LENGTH, QUESTION_LENGTH = 160, 2000
FIRST_ANSWER_WORKING_DAYS = 10  # domain.md 4.8: a proposer hears from staff within this time
# What staff may correct without telling everyone; date, form and place change by moving, states by their own actions.
# Its place in the programme is no correction: a track makes it a dialogue, or none.
CHANGEABLE = frozenset(
    {
        *("title", "question", "description", "language", "for_whom", "audience", "admission", "confidentiality"),
        *("registration_deadline", "capacity", "capacity_online", "offer_hours", "most_per_organisation"),
    }
)


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
    return [
        Gap(field, SEATS_WANTED)
        for field, seats in wanted.items()
        if seats is None or not LEAST_SEATS <= seats <= MOST_SEATS
    ]


def is_by_invitation(*, audience: str, admission: str) -> bool:
    """Only who is invited by address may register, and knows of it."""
    return audience == Audience.INVITED or admission == Admission.INVITATION


def fair_share_gaps(*, most_per_organisation: int | None, is_closed_space: bool) -> list[Gap]:
    """In a closed space the line goes by time alone: another order would tell that a colleague is in it."""
    if most_per_organisation is None or not is_closed_space:
        return []
    return [Gap("most_per_organisation", _("In a closed space who came first goes first. Leave this empty."))]


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


# What a calendar tells of a session; the other columns are not read for it.
IN_CALENDARS = (
    *("uid", "sequence", "state", "title", "question", "form", "place", "starts_at", "ends_at", "changed_at"),
    *("audience", "confidentiality", "activity"),
)
