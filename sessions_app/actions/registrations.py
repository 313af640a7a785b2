"""Registering and cancelling. Every change locks the session row first, then its registrations."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import audit, mail
from core.moves import Refused
from members.models import Organisation, User
from members.permissions import standing_of
from sessions_app import permissions
from sessions_app.actions import waitlist
from sessions_app.mails import registrations as mails
from sessions_app.models import Registration, Session
from sessions_app.rules import (
    LIVE,
    REGISTRATION_MOVES,
    Admission,
    Form,
    RegistrationState,
    SessionState,
    seat_for,
)


class RegistrationRefused(Refused):
    """No seat and no place in the queue, and why."""


@transaction.atomic
def register(
    *,
    session: Session,
    person: User,
    organisation: Organisation | None,
    form: str,
    function: str = "",
    needs_language: str = "",
    actor: User,
    now: datetime,
) -> Registration:
    """Give `person` a seat, or a place in the queue when the session is full (domain.md 4.2).

    Registering twice gives the live registration that is there. Raises RegistrationRefused when the session is not
    open, its deadline has passed, the person is not in its audience, or `organisation` is not one the person acts for.
    """
    session = Session.objects.locked(session.pk)
    live = session.registrations.live()
    if existing := live.filter(person=person).first():
        return existing
    check_may_register(session, person, now=now)
    organisations = standing_of(person).organisations
    if organisation not in organisations and (organisation or organisations):
        raise RegistrationRefused(_("Choose an organisation that you work for."), field="organisation")
    if form not in forms_of(session):
        raise RegistrationRefused(_("Choose how you attend: on site or online."), field="form")
    asks_first = session.admission == Admission.BY_APPROVAL
    state = RegistrationState.REQUESTED if asks_first else seat_in(session, form)
    registration = Registration.objects.create(
        session=session,
        person=person,
        organisation=organisation,
        function=function,
        form=form,
        needs_language=needs_language,
        state=state,
        queued_at=now,
        changed_at=now,
    )
    audit.record("registration.created", registration, actor=actor, now=now, session=session.pk, state=str(state))
    mails.registration_result(registration, now=now)
    return registration


def check_may_register(session: Session, person: User, *, now: datetime) -> None:
    """Raise RegistrationRefused with the one reason that keeps this person out at this moment."""
    if session.state == SessionState.CANCELLED:
        raise RegistrationRefused(_("This session has been cancelled."))
    if session.is_dialogue or session.admission == Admission.INVITATION:
        raise RegistrationRefused(_("This session is by personal invitation."))
    if session.state == SessionState.PLANNED:
        raise RegistrationRefused(_("Registration has not opened yet."))
    if session.state != SessionState.OPEN or session.starts_at is None or session.starts_at <= now:
        raise RegistrationRefused(_("Registration for this session has closed."))
    if session.registration_deadline and session.registration_deadline <= now:
        raise RegistrationRefused(_("The registration deadline has passed."))
    if not permissions.is_in_audience(person, session):
        raise RegistrationRefused(
            _("This session is for people of member organisations. Ask your organisation to confirm you first.")
        )


def forms_of(session: Session) -> list[str]:
    """How one can attend: both ways when the session is hybrid."""
    return [Form.ON_SITE, Form.ONLINE] if session.form == Form.HYBRID else [session.form]


def seat_in(session: Session, form: str) -> RegistrationState:
    """What a newcomer gets now; the caller holds the lock on the session row."""
    pool = next(forms for forms in waitlist.seat_pools(session) if form in forms)
    live = session.registrations.live().filter(form__in=pool)
    return seat_for(
        capacity=session.capacity_for(form), held=live.holding_seat().count(), waiting=live.waiting().count()
    )


@transaction.atomic
def cancel(*, registration: Registration, actor: User | None, now: datetime) -> Registration:
    """Give up a seat or a place in the queue, until the session starts; the first in line gets the seat.

    Cancelling what is over already changes nothing. Raises RegistrationRefused once the session has started.
    """
    session = Session.objects.locked(registration.session_id)
    registration = session.registrations.select_related("person").get(pk=registration.pk)
    if registration.state not in LIVE:
        return registration
    if session.starts_at and session.starts_at <= now:
        raise RegistrationRefused(_("This session has started; you can no longer cancel."))
    had_seat = registration.state == RegistrationState.CONFIRMED
    _move(
        registration,
        RegistrationState.CANCELLED if had_seat else RegistrationState.WITHDRAWN,
        "registration.cancelled",
        session=session,
        actor=actor,
        now=now,
    )
    mail.withdraw(f"session:{session.pk}:reminder:{registration.person_id}:")
    mails.registration_cancelled(registration, had_seat=had_seat, now=now)
    waitlist.fill_seats(session, actor=actor, now=now)
    return registration


def cancel_all_of(person: User, *, actor: User | None, now: datetime) -> int:
    """Give up every seat and place in a queue of what is still to come, as when an account closes; gives the number.

    A postponed session has no date and counts as still to come.
    """
    live = Registration.objects.live().filter(person=person).exclude(session__starts_at__lte=now).order_by("session_id")
    for registration in (rows := list(live)):
        cancel(registration=registration, actor=actor, now=now)
    return len(rows)


@transaction.atomic
def decide(*, registration: Registration, admit: bool, actor: User, now: datetime) -> Registration:
    """Admit someone who asked for a seat, or not; one who is admitted to a full session waits in line."""
    session = Session.objects.locked(registration.session_id)
    registration = session.registrations.select_related("person").get(pk=registration.pk)
    if registration.state != RegistrationState.REQUESTED:
        raise RegistrationRefused(_("This request has been decided already."))
    state = seat_in(session, registration.form) if admit else RegistrationState.REJECTED
    _move(registration, state, "registration.decided", session=session, actor=actor, now=now)
    mails.registration_result(registration, now=now)
    return registration


def _move(
    registration: Registration,
    state: RegistrationState,
    verb: str,
    *,
    session: Session,
    actor: User | None,
    now: datetime,
) -> None:
    REGISTRATION_MOVES.check(registration.state, state, _("That is not possible any more."))
    old = str(registration.state)
    registration.session = session
    registration.state = state
    registration.changed_at = now
    registration.save(update_fields=["state", "changed_at"])
    audit.record(verb, registration, actor=actor, now=now, session=session.pk, old=old, new=str(state))
