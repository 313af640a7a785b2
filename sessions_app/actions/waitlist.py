"""The one way in which a freed seat finds its next owner."""

from collections import defaultdict
from datetime import datetime

from core import audit
from members.models import Affiliation, User
from sessions_app.mails import registrations as mails
from sessions_app.models import Registration, RegistrationQuerySet, Session
from sessions_app.rules import Loss, RegistrationState, free_seats, gives_seats, loss_of, seat_pools


def fill_seats(session: Session, *, actor: User | None, now: datetime) -> list[Registration]:
    """Give every free seat to the first in line, and tell them; gives the registrations that got one.

    The caller holds the lock on the session row and calls this after whatever may have freed a seat. Does nothing once
    the session has started or is no longer on. Order: first come, first served, per form of attendance; who may no
    longer come is passed over.
    """
    if not gives_seats(state=session.state, starts_at=session.starts_at, now=now):
        return []
    got: list[Registration] = []
    for forms in seat_pools(session.form):
        in_pool = session.registrations.filter(form__in=forms)
        free = free_seats(capacity=session.capacity_for(forms[0]), held=in_pool.holding_seat().count())
        if free == 0:
            continue
        lost = losses(in_pool.waiting())
        queue = [row for row in in_pool.waiting().select_related("person") if row.pk not in lost]
        got += [give_seat(row, session, actor=actor, now=now) for row in queue[:free]]
    return got


def losses(registrations: RegistrationQuerySet) -> dict[int, Loss]:
    """Those of `registrations`, by key, whose person may no longer come, and why; two queries for all of them."""
    acts_for: dict[int, dict[int, str]] = defaultdict(dict)
    confirmed = Affiliation.objects.confirmed().filter(person__in=registrations.order_by().values("person"))
    for person, organisation, kind in confirmed.values_list("person", "organisation", "organisation__kind"):
        acts_for[person][organisation] = kind
    rows = registrations.values_list("pk", "person", "organisation", "person__is_active", "session__audience")
    found = {
        pk: loss_of(is_active=is_active, audience=audience, organisation=organisation, acts_for=acts_for[person])
        for pk, person, organisation, is_active, audience in rows
    }
    return {pk: loss for pk, loss in found.items() if loss}


def give_seat(registration: Registration, session: Session, *, actor: User | None, now: datetime) -> Registration:
    """Confirm one who waits, and tell so by mail; the caller holds the lock and has found a free seat."""
    registration.session = session
    registration.state = RegistrationState.CONFIRMED
    registration.changed_at = now
    registration.save(update_fields=["state", "changed_at"])
    audit.record("registration.seat_got", registration, actor=actor, now=now, session=session.pk)
    mails.seat_got(registration, now=now)
    return registration
