"""Another form of attendance at a hybrid session, which is two rooms with seats of their own (domain.md 4.2)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from members.models import User
from sessions_app.actions import waitlist
from sessions_app.actions.registration_state import RegistrationRefused, check_may_still_come, locked, trail, write
from sessions_app.actions.registrations import seat_in
from sessions_app.mails import registrations as mails
from sessions_app.models import Registration, Session
from sessions_app.rules import RegistrationState, forms_of, gives_seats, other_form_of


@transaction.atomic
def attend_otherwise(*, registration: Registration, form: str, actor: User, now: datetime) -> Registration:
    """Change how someone attends a hybrid session, on site or online.

    Who has a seat keeps it and waits in the other line until one comes free there; who waits joins the end of the other
    line, or gets a seat at once when nobody stands in it. Asking for what one has takes a wish back. Raises
    RegistrationRefused for another session, for a form that there is not, once the session gives no seats, for who may
    no longer come, and while a seat is being held: that is to be answered first.
    """
    session, registration = locked(registration)
    if not session.is_hybrid or form not in forms_of(session.form):
        raise RegistrationRefused(_("Choose how you attend: on site or online."), field="form")
    if not gives_seats(state=session.state, starts_at=session.starts_at, now=now):
        raise RegistrationRefused(_("You can change this only while the session is still to come."))
    check_may_still_come(registration)
    match registration.state:
        case RegistrationState.CONFIRMED:
            _wish(registration, form, session, actor=actor, now=now)
        case RegistrationState.WAITLISTED | RegistrationState.REQUESTED:
            _change_lines(registration, form, session, actor=actor, now=now)
        case RegistrationState.OFFERED:
            raise RegistrationRefused(_("A seat is being held for you. Accept or decline it first."))
        case _:
            raise RegistrationRefused(_("You are not on the list of this session any more."))
    registration.refresh_from_db()
    return registration


@transaction.atomic
def take_meanwhile(*, registration: Registration, actor: User, now: datetime) -> Registration:
    """Take a free seat in the other room of a hybrid session, and keep the place in the line that one stands in.

    Raises RegistrationRefused for who does not wait, for another session, once the session gives no seats, for who may
    no longer come, and when there is no seat or others wait for it.
    """
    session, registration = locked(registration)
    if not session.is_hybrid or registration.state != RegistrationState.WAITLISTED:
        raise RegistrationRefused(_("You are not on the waiting list of this session any more."))
    if not gives_seats(state=session.state, starts_at=session.starts_at, now=now):
        raise RegistrationRefused(_("You can change this only while the session is still to come."))
    check_may_still_come(registration)
    form, line, since = other_form_of(registration.form), registration.form, registration.queued_at
    if seat_in(session, form) != RegistrationState.CONFIRMED:
        raise RegistrationRefused(_("That seat has just been taken. You still stand in line for yours."))
    confirmed = RegistrationState.CONFIRMED
    write(registration, confirmed, "registration.seat_meanwhile", session=session, actor=actor, now=now, form=form)
    registration.form, registration.wished_form, registration.wished_at = form, line, since
    registration.save(update_fields=["form", "wished_form", "wished_at"])
    mails.registration_result(registration, now=now)
    return registration


def _wish(registration: Registration, form: str, session: Session, *, actor: User, now: datetime) -> None:
    wished = "" if form == registration.form else form
    if wished == registration.wished_form:
        return
    registration.wished_form, registration.wished_at = wished, now if wished else None
    registration.save(update_fields=["wished_form", "wished_at"])
    trail("registration.wished", registration, session=session, actor=actor, now=now, form=wished or "none")
    waitlist.fill_seats(session, actor=actor, now=now)


def _change_lines(registration: Registration, form: str, session: Session, *, actor: User, now: datetime) -> None:
    if form == registration.form:
        return
    room = seat_in(session, form)
    registration.form, registration.queued_at = form, now
    registration.save(update_fields=["form", "queued_at"])
    trail("registration.line_changed", registration, session=session, actor=actor, now=now, form=form)
    if registration.state == RegistrationState.WAITLISTED and room == RegistrationState.CONFIRMED:
        waitlist.give_seat(registration, session, actor=actor, now=now)
