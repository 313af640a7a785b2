"""The one way in which a freed seat finds its next owner."""

from datetime import datetime

from core import audit
from members.models import User
from sessions_app.mails import registrations as mails
from sessions_app.models import Registration, Session
from sessions_app.rules import Form, RegistrationState, SessionState, free_seats

GIVING_SEATS = (SessionState.OPEN, SessionState.CLOSED)


def fill_seats(session: Session, *, actor: User | None, now: datetime) -> list[Registration]:
    """Give every free seat to the first in line, and tell them; gives the registrations that got one.

    The caller holds the lock on the session row and calls this after whatever may have freed a seat. Does nothing once
    the session has started or is no longer on. Order: first come, first served, per form of attendance.
    """
    if session.state not in GIVING_SEATS or session.starts_at is None or session.starts_at <= now:
        return []
    got: list[Registration] = []
    for forms in seat_pools(session):
        held = session.registrations.holding_seat().filter(form__in=forms).count()
        free = free_seats(capacity=session.capacity_for(forms[0]), held=held)
        queue = session.registrations.waiting().filter(form__in=forms).select_related("person")
        got += [give_seat(row, session, actor=actor, now=now) for row in (queue if free is None else queue[:free])]
    return got


def seat_pools(session: Session) -> list[list[str]]:
    """The forms of attendance that share a number of seats: a hybrid session has two numbers, others one."""
    if session.is_hybrid:
        return [[Form.ON_SITE], [Form.ONLINE]]
    return [[Form.ON_SITE, Form.ONLINE]]


def give_seat(registration: Registration, session: Session, *, actor: User | None, now: datetime) -> Registration:
    """Confirm one who waits, and tell so by mail; the caller holds the lock and has found a free seat."""
    registration.session = session
    registration.state = RegistrationState.CONFIRMED
    registration.changed_at = now
    registration.save(update_fields=["state", "changed_at"])
    audit.record("registration.seat_got", registration, actor=actor, now=now, session=session.pk)
    mails.seat_got(registration, now=now)
    return registration
