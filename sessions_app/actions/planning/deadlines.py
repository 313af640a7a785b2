"""Until when people can register: one working day before, unless staff say otherwise (domain.md 4.8)."""

from dataclasses import replace
from datetime import datetime

from core.dates import as_long_before, is_day_off, working_days_before
from sessions_app.actions.planning.schedules import Schedule
from sessions_app.models import Session

CLOSES_AT = 17  # Dutch time


def default_deadline(starts_at: datetime) -> datetime:
    """At five on the working day before."""
    return working_days_before(starts_at, 1, is_day_off).replace(hour=CLOSES_AT, minute=0, second=0, microsecond=0)


def with_deadline(session: Session, schedule: Schedule, *, now: datetime) -> Schedule:
    """`schedule` with the deadline that holds when none is given; nothing for a dialogue, or once it would be over."""
    if schedule.registration_deadline or schedule.starts_at is None or session.is_dialogue:
        return schedule
    deadline = default_deadline(schedule.starts_at)
    return replace(schedule, registration_deadline=deadline) if deadline > now else schedule


def moved_along(session: Session, schedule: Schedule, *, now: datetime) -> Schedule:
    """`schedule` of a session that moves, with what staff left as it was as long before the start as it was.

    The working day before stays that, and so does a deadline that would be over by now because the session comes
    sooner. Whoever types another moment means it.
    """
    old, new = session.starts_at, schedule.starts_at
    if old is None or new is None or old == new:
        return schedule
    doors, deadline = session.doors_open_at, session.registration_deadline
    if doors and _is_same(doors, schedule.doors_open_at):
        schedule = replace(schedule, doors_open_at=as_long_before(doors, old, new))
    if deadline and _is_same(deadline, schedule.registration_deadline):
        along = as_long_before(deadline, old, new)
        if deadline == default_deadline(old) or (along <= now < deadline):
            along = default_deadline(new)
        schedule = replace(schedule, registration_deadline=along)
    return schedule


def _is_same(moment: datetime, typed: datetime | None) -> bool:
    """A form shows no seconds."""
    return typed is not None and moment.replace(second=0, microsecond=0) == typed.replace(second=0, microsecond=0)
