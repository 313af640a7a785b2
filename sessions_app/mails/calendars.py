"""The calendar file that goes with a mail, so that the reader's calendar acts on it by itself.

The same text goes twice (core.delivery): as an alternative of the body, which is what Outlook and Gmail take for an
invitation, and as a file, which the others can open. Of several in one mail only the first does.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any

from members.models import User
from sessions_app.calendar_file import CANCEL, REQUEST, entry_of_dialogue, own_entry_of, personal_file
from sessions_app.models import Invitation, Registration, Session
from sessions_app.rules import InvitationState, RegistrationState, calendar_sequence


def of_seat(
    registration: Registration, *, session: Session | None = None, steps: int | None = None, now: datetime
) -> tuple[dict[str, str], ...]:
    """REQUEST for who has a seat at a session with a date; nothing for who waits, and nothing without a date.

    Whoever calls this for many gives `steps`, from `steps_of`.
    """
    session = session or registration.session
    if registration.state != RegistrationState.CONFIRMED or session.starts_at is None:
        return ()
    return _file(registration, session, steps=steps, called_off=False, now=now)


def of_lost_seat(
    registration: Registration, *, session: Session | None = None, steps: int | None = None, now: datetime
) -> tuple[dict[str, str], ...]:
    """CANCEL, for who had a seat in the calendar: the seat is gone, or `session` with its date is off.

    Nothing without a date: the calendar lost it when the date was dropped.
    """
    session = session or registration.session
    if session.starts_at is None:
        return ()
    return _file(registration, session, steps=steps, called_off=True, now=now)


def of_invitation(
    invitation: Invitation, *, session: Session | None = None, called_off: bool = False, now: datetime
) -> tuple[dict[str, str], ...]:
    """REQUEST for who accepted a dialogue; CANCEL for who undid that, or when `session` with its date is off.

    Neither has subject, place or name in it. Nothing for who never accepted, and nothing without a date.
    """
    session = session or invitation.session
    accepts = invitation.state == InvitationState.ACCEPTED
    if session.starts_at is None or not (accepts or invitation.times_undone):
        return ()
    return _as_attachment(
        session,
        address=invitation.email,
        language=invitation.language,
        sequence=invitation.calendar_sequence,
        called_off=called_off or not accepts,
        now=now,
        name="gesprek.ics",
        entry_for=entry_of_dialogue,
    )


def of_series(
    registrations: Iterable[Registration], *, called_off: bool = False, now: datetime
) -> tuple[dict[str, str], ...]:
    """A file for each date at which one person has a seat, or had one and gave it up: REQUEST or CANCEL.

    They are the files that a mail about that date alone has, so that an event that has moved is found again, and ends.
    `registrations` hold their session. Nothing when none of those has a date. One query for all of them, or none.
    """
    states = {RegistrationState.CANCELLED} if called_off else {RegistrationState.CONFIRMED}
    rows = [row for row in registrations if row.state in states and row.session.starts_at]
    if not rows:
        return ()
    person = rows[0].person
    steps = Registration.objects.calendar_steps_of(person, [row.session for row in rows])
    return tuple(
        file
        for number, row in enumerate(rows, start=1)
        for file in _file(
            row,
            row.session,
            person=person,
            steps=steps.get(row.session_id, 0),
            called_off=called_off,
            now=now,
            name=f"bijeenkomst-{number}.ics",
        )
    )


def steps_of(session: Session, registrations: Iterable[Registration]) -> dict[int, int]:
    """By person, for all of them in one query."""
    return Registration.objects.calendar_steps(session, [row.person_id for row in registrations])


def _file(
    registration: Registration,
    session: Session,
    *,
    steps: int | None,
    called_off: bool,
    now: datetime,
    person: User | None = None,
    name: str = "bijeenkomst.ics",
) -> tuple[dict[str, str], ...]:
    person = person or registration.person
    if steps is None:
        steps = Registration.objects.calendar_steps(session, [person.pk]).get(person.pk, 0)
    return _as_attachment(
        session,
        address=person.email,
        language=person.language,
        sequence=calendar_sequence(
            session_sequence=session.sequence,
            steps=steps,
            has_ended=registration.state == RegistrationState.CANCELLED,
        ),
        called_off=called_off,
        now=now,
        name=name,
        entry_for=partial(own_entry_of, form=registration.form),
    )


def _as_attachment(
    session: Session, *, called_off: bool, now: datetime, name: str = "bijeenkomst.ics", **fields: Any
) -> tuple[dict[str, str], ...]:
    text = personal_file(session, called_off=called_off, at=now, **fields)
    method = CANCEL if called_off else REQUEST
    return ({"name": name, "content_type": "application/ics", "content": text, "method": method},)
