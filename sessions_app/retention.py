"""How long is kept who came, who was invited and what was written about it (domain.md 5.5)."""

from collections import Counter
from datetime import datetime, timedelta

from dateutil.relativedelta import relativedelta
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from core import mail
from core.retention import DOMAIN, PROPOSAL, Period, Then, delete
from sessions_app.actions import invitations
from sessions_app.models import (
    IN_CLOSED_SPACE,
    CurationNote,
    Guest,
    NeedsNote,
    Registration,
    RegistrationCount,
    SeriesMembership,
    Session,
    SessionChange,
)
from sessions_app.rules import CLOSED_SPACE_KEPT, LIVE, NAMES_KEPT, NEEDS_KEPT, SessionState

OFF = (SessionState.DECLINED, SessionState.WITHDRAWN, SessionState.MERGED, SessionState.CANCELLED)


def old_registrations(limit: datetime) -> QuerySet[Registration]:
    """Of sessions that ended, and those given up at a session without a date.

    Who still has a place at a postponed session keeps it.
    """
    over = Q(session__ends_at__lte=limit)
    given_up = Q(session__ends_at=None, changed_at__lte=limit) & ~Q(state__in=LIVE)
    return Registration.objects.filter(over | given_up)


def old_memberships(limit: datetime) -> QuerySet[SeriesMembership]:
    """Of series of which every date ended, or is off; who came to one later than that waits for its next date."""
    undated = Q(ends_at=None) & ~Q(state__in=OFF)
    later = Session.objects.filter(Q(ends_at__gt=limit) | undated, series=OuterRef("series"))
    return SeriesMembership.objects.filter(~Exists(later.order_by()), since__lte=limit)


def old_guests(limit: datetime) -> QuerySet[Guest]:
    """Of sessions that ended, and of those that have no date and that nothing was done to since."""
    over = Q(session__ends_at__lte=limit)
    return Guest.objects.filter(over | Q(session__ends_at=None, invited_at__lte=limit, session__changed_at__lte=limit))


def of_closed_spaces(limit: datetime) -> QuerySet[Registration]:
    return old_registrations(limit).filter(IN_CLOSED_SPACE)


def guests_of_closed_spaces(limit: datetime) -> QuerySet[Guest]:
    return Guest.objects.filter(IN_CLOSED_SPACE, session__ends_at__lte=limit)


def forget_closed_spaces(rows: QuerySet[Registration], now: datetime) -> int:
    """Their numbers stay, as those of any session; the mails about them go as well, which tell who got one."""
    sessions = set(rows.order_by().values_list("session", flat=True))
    number = count_and_delete(rows, now)
    mail.forget(*(f"session:{pk}:" for pk in sorted(sessions)))
    return number


def forget_guests_of_closed_spaces(rows: QuerySet[Guest], now: datetime) -> int:
    """With the mails about the session, also where nobody registered."""
    sessions = set(rows.order_by().values_list("session", flat=True))
    number = delete(rows, now)
    mail.forget(*(f"session:{pk}:" for pk in sorted(sessions)))
    return number


def count_and_delete(rows: QuerySet[Registration], now: datetime) -> int:
    """Add the registrations to the numbers of their session, then delete them. Locks the sessions, lower key first."""
    sessions = sorted(set(rows.order_by().values_list("session", flat=True)))
    list(Session.objects.filter(pk__in=sessions).order_by("pk").select_for_update().values_list("pk"))
    found = {pk: tuple(key) for pk, *key in rows.order_by().values_list("pk", "session", "form", "state")}
    before = RegistrationCount.objects.filter(session__in=sessions).values_list("session", "form", "state", "number")
    totals = Counter({tuple(key): number for *key, number in before})
    totals.update(found.values())
    RegistrationCount.objects.bulk_create(
        [
            RegistrationCount(session_id=session, form=form, state=state, number=totals[session, form, state])
            for session, form, state in sorted(set(found.values()))
        ],
        update_conflicts=True,
        unique_fields=["session", "form", "state"],
        update_fields=["number"],
    )
    Registration.objects.filter(pk__in=found).delete()
    return len(found)


def forget_dialogues(rows: QuerySet[Session], now: datetime) -> int:
    for session in (dialogues := list(rows.order_by("pk"))):  # locked in this order
        invitations.forget(session=session, now=now)
    return len(dialogues)


def unsent_drafts(limit: datetime) -> QuerySet[Session]:
    return Session.objects.filter(state=SessionState.DRAFT, submitted_at=None, changed_at__lte=limit)


def old_notes(limit: datetime) -> QuerySet[CurationNote]:
    """Of sessions that ended, and of proposals that came to nothing."""
    came_to_nothing = Q(session__ends_at=None, session__state__in=OFF, session__changed_at__lte=limit)
    return CurationNote.objects.filter(Q(session__ends_at__lte=limit) | came_to_nothing)


def old_changes(limit: datetime) -> QuerySet[SessionChange]:
    """As `old_notes`: the history of a session goes with what was written about it."""
    came_to_nothing = Q(session__ends_at=None, session__state__in=OFF, session__changed_at__lte=limit)
    return SessionChange.objects.filter(Q(session__ends_at__lte=limit) | came_to_nothing)


def old_needs(limit: datetime) -> QuerySet[NeedsNote]:
    """Of sessions that ended and of registrations that did; while a session has no date a year after it was typed."""
    return NeedsNote.objects.of_no_use(ended=limit, written=limit - relativedelta(months=12))


PERIODS = (
    Period(
        kind="dialogues",
        what=_("who was invited to a leadership dialogue, and answered what"),
        keep=NAMES_KEPT,
        source=DOMAIN,
        due=invitations.due_to_be_forgotten,
        then=Then.COUNT,
        act=forget_dialogues,
    ),
    Period(
        kind="needs",
        what=_("what people need of access and food, after the session or once they do not come"),
        keep=NEEDS_KEPT,
        source=DOMAIN,
        due=old_needs,
    ),
    Period(
        kind="closed_spaces",
        what=_("who registered for a closed space or a peer space, and the mails about it, after it"),
        keep=CLOSED_SPACE_KEPT,
        source=DOMAIN,
        due=of_closed_spaces,
        then=Then.COUNT,
        act=forget_closed_spaces,
    ),
    Period(
        kind="closed_space_guests",
        what=_("addresses that were invited to a closed space or a peer space, after it"),
        keep=CLOSED_SPACE_KEPT,
        source=DOMAIN,
        due=guests_of_closed_spaces,
        act=forget_guests_of_closed_spaces,
    ),
    Period(
        kind="registrations",
        what=_("who registered for a session, after it"),
        keep=relativedelta(months=12),
        source=DOMAIN,
        due=old_registrations,
        then=Then.COUNT,
        act=count_and_delete,
    ),
    Period(
        kind="series",
        what=_("who was on a series as a whole, after its last date"),
        keep=relativedelta(months=12),
        source=DOMAIN,
        due=old_memberships,
    ),
    Period(
        kind="guests",
        what=_("addresses that were invited to a session, after it"),
        keep=relativedelta(months=12),
        source=DOMAIN,
        due=old_guests,
    ),
    Period(
        kind="notes",
        what=_("questions, answers and reasons about a proposal, after the session or the decision"),
        keep=relativedelta(months=12),
        source=PROPOSAL,
        due=old_notes,
    ),
    Period(
        kind="changes",
        what=_("who changed what in a session, after the session or the decision"),
        keep=relativedelta(months=12),
        source=PROPOSAL,
        due=old_changes,
    ),
    Period(
        kind="drafts",
        what=_("proposals that were never sent in"),
        keep=relativedelta(months=12),
        source=PROPOSAL,
        due=unsent_drafts,
    ),
    Period(
        kind="thrown_away_drafts",
        what=_("proposals that their writer threw away"),
        keep=timedelta(days=30),
        source=PROPOSAL,
        due=lambda limit: Session.objects.filter(Session.objects.thrown_away(), changed_at__lte=limit),
    ),
)
