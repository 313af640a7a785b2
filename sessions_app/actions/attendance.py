"""Who was there: a fact for planning, noted by hosts and staff, and told to no peer and no employer (domain.md 4.2).

The trail is kept for ever. It says who noted what at which session, and never of whom.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core.moves import Refused
from members.models import User
from sessions_app import permissions
from sessions_app.actions.session_state import record
from sessions_app.models import Registration, Session
from sessions_app.rules import REGISTRATION_MOVES, SEATED, RegistrationState


class AttendanceRefused(Refused):
    """Nothing is noted, and why."""


@transaction.atomic
def note(*, registration: Registration, state: str, actor: User, now: datetime) -> Registration:
    """Note that someone is here (`attended`), was not there (`no_show`), or neither yet (`confirmed`).

    Noting the same twice changes nothing. Raises AttendanceRefused for who is not a host of this session nor keeps its
    registrations, of a leadership dialogue and a closed space, more than an hour before the start or two weeks after
    the end, for `no_show` before the start, and for somebody without a seat.
    """
    session = _locked(registration.session_id, actor, now=now)
    registration = session.registrations.get(pk=registration.pk)
    if state not in SEATED or registration.state not in SEATED:
        raise AttendanceRefused(_("This person has no seat at this session."))
    if registration.state == state:
        return registration
    if state == RegistrationState.NO_SHOW:
        _check_started(session, now=now)
    REGISTRATION_MOVES.check(registration.state, state, _("That is not possible any more."))
    _write(session, [registration], RegistrationState(state), actor=actor, now=now)
    return registration


@transaction.atomic
def note_rest_absent(*, session: Session, actor: User, now: datetime) -> int:
    """Note of everyone with a seat who was not ticked that they were not there; gives their number.

    Raises AttendanceRefused as `note` does.
    """
    session = _locked(session.pk, actor, now=now)
    _check_started(session, now=now)
    rest = list(session.registrations.confirmed())
    if rest:
        _write(session, rest, RegistrationState.NO_SHOW, actor=actor, now=now)
    return len(rest)


def forget(session: Session) -> None:
    """Take back what was noted, because the session gets another date or is off; the caller holds its lock."""
    noted = session.registrations.filter(state__in=(RegistrationState.ATTENDED, RegistrationState.NO_SHOW))
    noted.update(state=RegistrationState.CONFIRMED)


def _locked(session_pk: int, actor: User, *, now: datetime) -> Session:
    session = Session.objects.locked(session_pk)
    if not permissions.may_note_attendance(actor, session):
        raise AttendanceRefused(_("Only hosts of this session and programme staff can do this."))
    if not session.notes_attendance(now):
        raise AttendanceRefused(
            _("Who is here can be noted from an hour before the start until two weeks after the end.")
        )
    return session


def _check_started(session: Session, *, now: datetime) -> None:
    if session.starts_at is None or now < session.starts_at:
        raise AttendanceRefused(_("Before the start nobody is late. Note this once the session has begun."))


def _write(
    session: Session, registrations: list[Registration], state: RegistrationState, *, actor: User, now: datetime
) -> None:
    old = str(registrations[0].state)
    for registration in registrations:
        registration.state = state  # and no more: the moment of the change stands in one's own calendar feed
    Registration.objects.bulk_update(registrations, ["state"])
    record(
        "session.attendance_noted", session, actor=actor, now=now, old=old, new=str(state), number=len(registrations)
    )
