"""The one way in which a freed seat finds its next owner: offered, taken or passed on (domain.md 4.2)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from members.models import User
from sessions_app.actions.registration_state import (
    NOT_POSSIBLE,
    RegistrationRefused,
    check_keeps,
    check_may_still_come,
    locked,
    losses,
    trail,
    withdraw_offer_mail,
    write,
)
from sessions_app.mails import registrations as mails
from sessions_app.models import Registration, Session
from sessions_app.rules import (
    REGISTRATION_MOVES,
    RegistrationState,
    Turn,
    free_seats,
    gives_seats,
    offer_ends_at,
    offer_holds,
    pool_with,
    seats_to_give,
    takes_answers,
)

LAPSED = _("The time to take this seat has passed, and it goes to the next in line. You can join the line again.")


# Giving


def fill_seats(session: Session, *, actor: User | None, now: datetime) -> list[Registration]:
    """Hold every free seat for the next in line, and tell them; gives the registrations that got one.

    Until a day before the start the seat is offered for the hours that the session gives, from then on it is given
    directly (`rules.offer_ends_at`). Who only changes rooms gets the seat directly too, and leaves one for the next.
    The caller holds the lock on the session row and calls this after whatever may have freed a seat. Does nothing once
    the session has started or is no longer on. Who may no longer come is passed over.
    """
    if not gives_seats(state=session.state, starts_at=session.starts_at, now=now):
        return []
    assert session.starts_at, "a session that gives seats has a date"
    until = offer_ends_at(hours=session.offer_hours, starts_at=session.starts_at, now=now)
    given = next_seats(session)
    rows = session.registrations.select_related("person").in_bulk([turn.who.key for turn in given])
    for turn in given:
        row = rows[turn.who.key]
        if turn.who.has_seat:
            change_room(row, session, actor=actor, now=now)
        elif until:
            offer_seat(row, session, until=until, actor=actor, now=now)
        else:
            give_seat(row, session, actor=actor, now=now)
    return [rows[turn.who.key] for turn in given]


def next_seats(session: Session) -> list[Turn]:
    """Who gets the seats that are free by the numbers of `session`, in which order and why; changes nothing."""
    registrations = session.registrations.order_by()
    passed_over: set[int] = set()
    while True:
        rooms, held = registrations.rooms(session, without=passed_over, only_next=True)
        given = seats_to_give(rooms, held=held, shares=session.shares_fairly)
        lost = losses(registrations.filter(pk__in=[turn.who.key for turn in given])) if given else {}
        if not lost:
            return given
        passed_over |= set(lost)  # and look again: a seat that one does not get counts for no organisation


def give_seat(
    registration: Registration,
    session: Session,
    *,
    verb: str = "registration.seat_got",
    actor: User | None,
    now: datetime,
) -> None:
    """Confirm one who waits, and tell so by mail; the caller holds the lock and has found a free seat."""
    write(registration, RegistrationState.CONFIRMED, verb, session=session, actor=actor, now=now)
    mails.seat_got(registration, now=now)


def offer_seat(
    registration: Registration, session: Session, *, until: datetime, actor: User | None, now: datetime
) -> None:
    """Hold a seat for one who waits, who is asked by mail; the caller holds the lock and has found a free seat."""
    registration.offered_until = until
    write(registration, RegistrationState.OFFERED, "registration.offered", session=session, actor=actor, now=now)
    mails.seat_offered(registration, now=now)


def change_room(registration: Registration, session: Session, *, actor: User | None, now: datetime) -> None:
    """Give one who has a seat the other form of attendance that was wished for."""
    registration.form, registration.wished_form, registration.wished_at = registration.wished_form, "", None
    registration.session = session
    registration.changed_at = now
    registration.room_changes += 1
    registration.save(update_fields=["form", "wished_form", "wished_at", "changed_at", "room_changes"])
    trail("registration.room_changed", registration, session=session, actor=actor, now=now, form=registration.form)
    mails.let_leave(registration, now=now)
    mails.withdraw_reminders(session, of=[registration.person_id])
    mails.room_changed(registration, now=now)


# Answering an offer


@transaction.atomic
def accept(*, registration: Registration, actor: User | None, now: datetime) -> Registration:
    """Take the seat that is held. Taking it twice gives what one has.

    Raises RegistrationRefused once the offer has lapsed, was declined or withdrawn, while the session has no date, and
    for who may no longer come. Whatever is refused, the seat goes on to the next in line by itself.
    """
    session, registration = locked(registration)
    if registration.state == RegistrationState.CONFIRMED:
        return registration
    check_offered(registration, session, now=now)
    check_may_still_come(registration)
    write(registration, RegistrationState.CONFIRMED, "registration.accepted", session=session, actor=actor, now=now)
    withdraw_offer_mail(registration)
    mails.registration_result(registration, now=now)
    return registration


@transaction.atomic
def decline(*, registration: Registration, actor: User | None, now: datetime) -> Registration:
    """Leave the seat that is held to the next in line. Declining twice changes nothing.

    Raises RegistrationRefused once the offer has lapsed, was accepted or withdrawn.
    """
    session, registration = locked(registration)
    if registration.state == RegistrationState.DECLINED:
        return registration
    check_offered(registration, session, now=now)
    write(registration, RegistrationState.DECLINED, "registration.declined", session=session, actor=actor, now=now)
    withdraw_offer_mail(registration)
    mails.registration_cancelled(registration, had_seat=False, now=now)
    fill_seats(session, actor=actor, now=now)
    return registration


def check_offered(registration: Registration, session: Session, *, now: datetime) -> None:
    """Raise RegistrationRefused with the one reason for which there is no seat to answer about."""
    if registration.state == RegistrationState.EXPIRED:
        raise RegistrationRefused(LAPSED)
    if registration.state == RegistrationState.CONFIRMED:
        raise RegistrationRefused(_("You have taken this seat already. If you can not come after all, cancel."))
    if registration.state != RegistrationState.OFFERED:
        raise RegistrationRefused(_("No seat is being held for you at this session."))
    if not session.starts_at:
        raise RegistrationRefused(_("This session is postponed. Your seat is held until there is a new date."))
    if not takes_answers(state=session.state, starts_at=session.starts_at, now=now):
        raise RegistrationRefused(NOT_POSSIBLE)
    if not offer_holds(state=registration.state, offered_until=registration.offered_until, now=now):
        raise RegistrationRefused(LAPSED)


def expire_offers(*, now: datetime) -> int:
    """End the offers whose time is over and pass the seats on; gives their number. One transaction a session.

    While a session is postponed its offers stay: nobody can decide about a date that is not there.
    """
    lapsed = Registration.objects.lapsed(now).order_by("session_id").values_list("session", flat=True).distinct()
    return sum(expire_offers_of(Session(pk=pk), now=now) for pk in lapsed)


@transaction.atomic
def expire_offers_of(session: Session, *, now: datetime) -> int:
    """As `expire_offers`, for one session, looked at again under its lock."""
    session = Session.objects.locked(session.pk)
    rows = list(session.registrations.lapsed(now).select_related("person").order_by("pk"))
    for row in rows:
        write(row, RegistrationState.EXPIRED, "registration.expired", session=session, actor=None, now=now)
        withdraw_offer_mail(row)
        if takes_answers(state=session.state, starts_at=session.starts_at, now=now):  # else there is no line to join
            mails.offer_lapsed(row, now=now)
    fill_seats(session, actor=None, now=now)
    return len(rows)


def renew_offers(session: Session, *, now: datetime) -> None:
    """Hold offered seats anew after the date has changed; the caller holds the lock, and tells those concerned."""
    if not session.starts_at or session.starts_at <= now:
        return
    until = offer_ends_at(hours=session.offer_hours, starts_at=session.starts_at, now=now) or session.starts_at
    session.registrations.filter(state=RegistrationState.OFFERED).update(offered_until=until)


# By hand


@transaction.atomic
def promote(*, registration: Registration, actor: User, now: datetime) -> Registration:
    """Give one who waits a free seat, or the seat that is held for her; staff may pass over others (domain.md 4.2).

    Raises RegistrationRefused for an actor who keeps no registrations, for who may no longer come, when the session
    gives no seats (any more), and when none is free in that room.
    """
    check_keeps(actor)
    session, registration = locked(registration)
    if registration.is_seated:
        return registration
    REGISTRATION_MOVES.check(registration.state, RegistrationState.CONFIRMED, NOT_POSSIBLE)
    if not gives_seats(state=session.state, starts_at=session.starts_at, now=now):
        raise RegistrationRefused(_("This session gives no seats now."))
    check_may_still_come(registration)
    if registration.state != RegistrationState.OFFERED:
        forms = pool_with(registration.form, form=session.form)
        held = session.registrations.filter(form__in=forms).holding_seat().count()
        if free_seats(capacity=session.capacity_for(registration.form), held=held) == 0:
            raise RegistrationRefused(_("All seats are taken or held for someone. Raise the number of seats first."))
    withdraw_offer_mail(registration)
    give_seat(registration, session, verb="registration.promoted", actor=actor, now=now)
    return registration
