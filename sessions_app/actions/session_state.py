"""What every change of a session's state has in common: the move is allowed, it is written, and it leaves a trail."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import audit
from core.moves import Moves, Refused
from core.years import outside
from leerlijnen.models import Programme
from members.models import User
from sessions_app.models import CurationNote, Session, SessionChange, as_text
from sessions_app.permissions import can_curate
from sessions_app.rules import SESSION_MOVES, Gap, HostingPart, SessionState, open_gaps

# What a session's number for calendars rises when what ended stands again: one step, and two for the places that ended
# with it (models.registration_sets.STEPS). Else a calendar that took it out would not take it in again.
STEPS_BACK = 3
NOTHING: Mapping[str, tuple[str, str]] = MappingProxyType({})


class SessionRefused(Refused):
    """The session stays as it is, and why."""


def check_curates(actor: User | None) -> None:
    """Raise SessionRefused unless `actor` is programme staff, or None: the portal itself."""
    if actor is not None and not can_curate(actor):
        raise SessionRefused(_("Only programme staff can do this."))


def locked(session: Session, actor: User | None) -> Session:
    """The row of the session, held until the transaction ends; refuses as `check_curates` does."""
    check_curates(actor)
    return Session.objects.locked(session.pk)


def check_move(session: Session, state: SessionState, moves: Moves = SESSION_MOVES) -> None:
    """Raise MoveRefused when `state` may not follow the session's own by the table `moves`."""
    reason = gettext("This cannot be done with a session that is “%(state)s”.") % {"state": session.get_state_display()}
    moves.check(session.state, state, reason)


def check_nobody_waits(session: Session) -> None:
    """Raise SessionRefused while people are registered or invited: they hear of it only when staff cancel."""
    if session.registrations.live().exists() or session.invitations.live().exists():
        raise SessionRefused(_("People are registered or invited. Only staff can end it, by cancelling the session."))


def check_gaps(gaps: list[Gap]) -> None:
    """Raise SessionRefused with the first thing that is missing, at its field."""
    if gaps:
        raise SessionRefused(gaps[0].reason, field=gaps[0].field)


def check_years(now: datetime, **moments: datetime | None) -> None:
    """Raise SessionRefused, at its field, for a moment outside the years of the programmes."""
    check_gaps(year_gaps(now, **moments))


def year_gaps(now: datetime, **moments: datetime | None) -> list[Gap]:
    """The moments that no programme is about, with one year around those that there are; one query."""
    years = Programme.objects.years(now)
    given = {field: moment for field, moment in moments.items() if moment is not None}
    return [Gap(field, outside(years)) for field, moment in given.items() if moment.year not in years]


def check_reason(reason: str, *, field: str = "reason") -> None:
    """Raise SessionRefused for an empty reason, because someone reads it."""
    if not reason.strip():
        raise SessionRefused(_("Write down why; it is sent to the people concerned."), field=field)


def write_move(session: Session, state: SessionState, *, actor: User | None, now: datetime) -> None:
    """Save the row in its new state, with whatever else changed in it, and write the trail."""
    old = str(session.state)
    session.state = state
    session.changed_at = now
    session.save()
    record(f"session.{state}", session, actor=actor, now=now, old=old)


def drop_date(session: Session, *, now: datetime) -> None:
    """Leave a session without date; the caller saves it."""
    session.starts_at = session.ends_at = session.doors_open_at = None
    session.registration_deadline = session.dated_at = None
    session.date_dropped_at = now
    session.cancelled_at = None


def record(
    verb: str,
    session: Session,
    *,
    also: Mapping[str, tuple[str, str]] = NOTHING,
    actor: User | None,
    now: datetime,
    **codes,
) -> None:
    """An entry in the trail, and a row in the session's own history, which says what was changed into what.

    About a leadership dialogue both name no person (architecture, audit).
    """
    actor = None if session.is_dialogue else actor
    audit.record(verb, session, actor=actor, now=now, **codes)
    write_history(verb, session, also=also, actor=actor, now=now)


def write_history(
    verb: str, session: Session, *, also: Mapping[str, tuple[str, str]] = NOTHING, actor: User | None, now: datetime
) -> None:
    """What was done and what it changed, old and new, since the row was locked; `also` is what hangs on other rows."""
    changes = [(name, _shown(name, old), _shown(name, new)) for name, old, new in session.changed_since()]
    changes += [(name, old, new) for name, (old, new) in also.items() if old != new]
    SessionChange.objects.bulk_create(
        SessionChange(session=session, verb=verb, author=actor, field=name, old=old, new=new, at=now)
        for name, old, new in changes or [("", "", "")]
    )
    if changes:
        session.note_as_it_is()  # the next entry of the same act tells only what came after


def _shown(name: str, value: Any) -> str:
    """Of a row that the session points at its name, as it is called at this moment."""
    model = Session._meta.get_field(name).related_model
    return as_text(value if model is None or value is None else model._base_manager.get(pk=value))


def write_note(session: Session, kind: str, text: str, *, actor: User, now: datetime) -> CurationNote:
    """What someone typed, on a row of its own, so that it can be erased; kept with the state it was written in."""
    return CurationNote.objects.create(
        session=session, kind=kind, state=session.state, text=text.strip(), author=actor, at=now
    )


def content_lead_kinds(session: Session) -> list[str]:
    """The kinds of the organisations that lead the content, for rules.has_member_content_lead."""
    leads = session.hostings.filter(part=HostingPart.CONTENT_LEAD)
    return list(leads.values_list("organisation__kind", flat=True))


def opening_gaps(session: Session, *, now: datetime) -> list[Gap]:
    """What a session lacks before people can register; refuses nothing itself. Two queries."""
    return open_gaps(
        content_lead_kinds=content_lead_kinds(session),
        has_facilitator=session.hostings.filter(part=HostingPart.FACILITATE).exists(),
        audience=session.audience,
        admission=session.admission,
        confidentiality=session.confidentiality,
        registration_deadline=session.registration_deadline,
        starts_at=session.starts_at,
        now=now,
    )
