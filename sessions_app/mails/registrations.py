"""Mails to those who registered. Keys start with `session:<id>:`, reminders with `session:<id>:reminder:<person>:`."""

from collections.abc import Iterable
from datetime import datetime

from core import mail
from core.mail import Letter
from members.models import User
from sessions_app.calendar_file import calendar_file
from sessions_app.models import Registration, Session
from sessions_app.rules import Form, RegistrationState


def letter(name: str, registration: Registration, *, key: str, calendar: bool = False, **fields) -> Letter:
    """The one place where the context of these mails is made: for sending, preview and test."""
    session = registration.session
    context = {
        "session": session,
        "registration": registration,
        "person": registration.person,
        "shows_link": attends_online(registration),
        **fields.pop("context", {}),
    }
    attachments = ()
    if calendar:
        attachments = (
            {
                "name": "bijeenkomst.ics",
                "content_type": "text/calendar",
                "content": calendar_file(session, language=registration.person.language),
            },
        )
    return Letter(
        key=f"session:{session.pk}:{key}",
        to=registration.person,
        template=f"sessions_app/mail/{name}",
        context=context,
        needs_right="sessions_app.view_registration",
        attachments=attachments,
        **fields,
    )


def attends_online(registration: Registration) -> bool:
    """The link of the online meeting is for those who are in, and come online (domain.md 3)."""
    return (
        registration.state == RegistrationState.CONFIRMED
        and registration.form == Form.ONLINE
        and bool(registration.session.online_link)
    )


def registration_result(registration: Registration, *, now: datetime) -> None:
    """Confirmed, waiting, or waiting for approval: what became of a registration at once."""
    names = {
        RegistrationState.CONFIRMED: "registration_confirmed",
        RegistrationState.WAITLISTED: "registration_waiting",
        RegistrationState.REQUESTED: "registration_requested",
        RegistrationState.REJECTED: "registration_rejected",
    }
    state = RegistrationState(registration.state)
    mail.queue(
        letter(
            names[state],
            registration,
            key=f"registration:{registration.pk}:{state}",
            calendar=state == RegistrationState.CONFIRMED,
            urgent=True,
        ),
        now=now,
    )


def seat_got(registration: Registration, *, now: datetime) -> None:
    """A seat came free, and this person was first in line."""
    mail.queue(
        letter("seat_got", registration, key=f"registration:{registration.pk}:seat", calendar=True, urgent=True),
        now=now,
    )


def registration_cancelled(registration: Registration, *, had_seat: bool, now: datetime) -> None:
    mail.queue(
        letter(
            "registration_cancelled",
            registration,
            key=f"registration:{registration.pk}:cancelled",
            context={"had_seat": had_seat},
            urgent=True,
        ),
        now=now,
    )


def session_moved(session: Session, registrations: Iterable[Registration], *, now: datetime) -> None:
    """To everyone with a live registration; the calendar file has the same UID and a higher SEQUENCE."""
    _to_all("session_moved", session, registrations, f"moved:{session.sequence}", now=now, calendar=True)


def session_postponed(session: Session, registrations: Iterable[Registration], *, now: datetime) -> None:
    _to_all("session_postponed", session, registrations, f"postponed:{session.sequence}", now=now)


def session_cancelled(session: Session, registrations: Iterable[Registration], reason: str, *, now: datetime) -> None:
    context = {"reason": reason}
    _to_all(
        "session_cancelled", session, registrations, f"cancelled:{session.sequence}", now=now, calendar=True,
        context=context,
    )  # fmt: skip


def _to_all(name, session, registrations, key, *, now, **fields):
    letters = []
    for registration in registrations:
        registration.session = session
        letters.append(letter(name, registration, key=f"{key}:{registration.person_id}", **fields))
    mail.queue_all(letters, now=now)


def reminder_key(session: Session, person: User, step: str) -> str:
    """Of this session, person, step and date: it exists once, or not (architecture.md 3)."""
    return f"session:{session.pk}:reminder:{person.pk}:{step}:{session.starts_at:%Y-%m-%dT%H:%MZ}"


def reminder(registration: Registration, *, step: str) -> Letter:
    session = registration.session
    key = reminder_key(session, registration.person, step).removeprefix(f"session:{session.pk}:")
    return letter("reminder", registration, key=key, context={"step": step}, expires_at=session.starts_at)
