"""Routes to report and to find support, and the integrity agenda (domain.md 4.5). No query, no clock.

The portal shows where one can go. It never takes a report, a name or a case (domain.md 0.6).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.moves import Moves

# A route that nobody checked for longer may lead nowhere; a telephone number changes sooner (domain.md 4.5).
CHECK_EVERY, CHECK_EVERY_WITHOUT_PHONE = timedelta(days=180), timedelta(days=365)
CHECK_STEPS = (
    30,
    14,
    3,
    0,
)  # days before it is due, the furthest first; 0: it is


class ForWhom(TextChoices):
    EMPLOYEE = "employee", _("employees")
    VOLUNTEER = "volunteer", _("volunteers")
    PARTNER = "partner", _("partner organisations")
    PARTICIPANT = "participant", _("people who take part in a project")
    THIRD_PARTY = "third_party", _("others")


class RouteState(TextChoices):
    DRAFT = "draft", _("draft")
    VERIFIED = "verified", _("checked")
    PUBLISHED = "published", _("published")
    DUE_FOR_CHECK = "due_for_check", _("due for a check")
    WITHDRAWN = "withdrawn", _("withdrawn")


R = RouteState
ROUTE_MOVES = Moves(
    {
        R.DRAFT: [R.VERIFIED, R.WITHDRAWN],
        R.VERIFIED: [R.PUBLISHED, R.VERIFIED, R.WITHDRAWN],
        R.PUBLISHED: [R.DUE_FOR_CHECK, R.VERIFIED, R.WITHDRAWN],
        R.DUE_FOR_CHECK: [R.VERIFIED, R.WITHDRAWN],
        R.WITHDRAWN: [R.DRAFT],
    }
)


def check_before(*, verified_at: datetime | None, has_phone: bool) -> datetime | None:
    """When a route has to have been tried again; None for one that never was."""
    return verified_at and verified_at + (CHECK_EVERY if has_phone else CHECK_EVERY_WITHOUT_PHONE)


def route_state(*, stored: str, verified_at: datetime | None, has_phone: bool, now: datetime) -> RouteState:
    """A published route is due for a check 180 days after its last, 365 without a phone: derived, never stored."""
    until = check_before(verified_at=verified_at, has_phone=has_phone)
    if stored == R.PUBLISHED and (until is None or now >= until):
        return R.DUE_FOR_CHECK
    return RouteState(stored)


def check_step(until: datetime, *, now: datetime) -> int | None:
    """The latest step that has come, in days before `until`; 0 once it is over, None before the first."""
    left = until - now
    return min((step for step in CHECK_STEPS if left <= timedelta(days=step)), default=None)


@dataclass(frozen=True)
class Gap:
    """Something that a route lacks: the field that mends it, and a sentence."""

    field: str
    reason: str | Promise


def route_gaps(*, for_whom: list[str], about: str, what_next: str, phone: str, mail: str, web: str) -> list[Gap]:
    """What a route lacks before it can be called checked."""
    gaps = []
    if not for_whom:
        gaps.append(Gap("for_whom", _("Choose for whom this route is.")))
    if not about.strip():
        gaps.append(Gap("about", _("Tell what one can turn to this route with.")))
    if not (phone or mail or web):
        gaps.append(Gap("phone", _("Give a phone number, an e-mail address or a website.")))
    if not what_next.strip():
        gaps.append(Gap("what_next", _("Tell what happens after someone got in touch.")))
    return gaps


class Owner(TextChoices):
    PARTOS = "partos", "Partos"
    GDN = "gdn", "Goede Doelen Nederland"
    BOTH = "both", _("Partos and Goede Doelen Nederland")


class ItemState(TextChoices):
    SIGNALLED = "signalled", _("raised")
    AGENDISED = "agendised", _("on the agenda")
    IN_PROGRESS = "in_progress", _("in progress")
    AGREED = "agreed", _("agreed")
    ROLLED_OUT = "rolled_out", _("in use")
    EVALUATED = "evaluated", _("evaluated")
    PARKED = "parked", _("parked")


A = ItemState
ITEM_MOVES = Moves(
    {
        A.SIGNALLED: [A.AGENDISED, A.PARKED],
        A.AGENDISED: [A.IN_PROGRESS, A.PARKED],
        A.IN_PROGRESS: [A.AGREED, A.PARKED],
        A.AGREED: [A.ROLLED_OUT, A.PARKED],
        A.ROLLED_OUT: [A.EVALUATED, A.PARKED],
        A.EVALUATED: [],
        A.PARKED: [A.SIGNALLED],
    }
)
AT_REST = (A.EVALUATED, A.PARKED)


def item_gaps(*, state: str, next_step: str, next_date: date | None) -> list[Gap]:
    """Each item that is not at rest has a next step and a date (domain.md 4.5)."""
    if state in AT_REST:
        return []
    gaps = []
    if not next_step.strip():
        gaps.append(Gap("next_step", _("Write down the next step.")))
    if next_date is None:
        gaps.append(Gap("next_date", _("Give the date of the next step.")))
    return gaps
