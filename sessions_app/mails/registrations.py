"""Mails to those who registered. Keys start with `session:<id>:`, reminders with `session:<id>:reminder:<person>:`."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core import mail
from core.links import SecretLink
from core.mail import Letter
from core.models import OutgoingMail
from members.models import User
from sessions_app.mails import calendars
from sessions_app.models import LINK_PURPOSE, Registration, Session
from sessions_app.reminder_steps import URGENT
from sessions_app.rules import LIVE, Form, RegistrationState
from sessions_app.streams import REMINDERS


def let_leave(registration: Registration, *, now: datetime) -> None:
    """What waits for this person about the session leaves now, before what changes for her: it tells what she had."""
    mail.send_at_once(f"session:{registration.session_id}:", to=registration.person_id, now=now)


def letter(
    name: str, registration: Registration, *, key: str, calendar: tuple[dict[str, str], ...] = (), **fields
) -> Letter:
    """The one place where the context of these mails is made: for sending, preview and test.

    `calendar` is what sessions_app.mails.calendars gives: for who has or had a seat, and for nobody who waits.
    """
    session = registration.session
    context = {
        "session": session,
        "registration": registration,
        "person": registration.person,
        "shows_link": attends_online(registration),
        "has_seat": registration.is_seated,
        "has_calendar": bool(calendar),
        **fields.pop("context", {}),
    }
    return Letter(
        key=f"session:{session.pk}:{key}",
        to=registration.person,
        template=f"sessions_app/mail/{name}",
        context=context,
        needs_right="sessions_app.view_registration",
        attachments=calendar,
        secret_link=link_to_place(registration) if registration.state in LIVE else None,
        expires_at=fields.pop("expires_at", session.ends_at),  # an address that was refused may be tried much later
        **fields,
    )


# What one's registration came to, for good: it holds whatever becomes of the session.
ENDS = (":cancelled", ":ended", ":rejected", ":lapsed")


def withdraw_reminders(session: Session, *, of: Iterable[int] | None = None) -> None:
    """Of everybody, or of the people with the keys `of`; what is still due is written anew within a minute."""
    mail.withdraw(f"session:{session.pk}:reminder:", of=of)


def withdraw_outdated(session: Session) -> None:
    """Take back what waits and tells of the session as it was, before the mail that tells everyone how it is now.

    Else a confirmation with the old date could leave after it, from a mail server that was away. Whose registration has
    ended reads so all the same.
    """
    withdraw_reminders(session)
    mail.withdraw(f"session:{session.pk}:registration:", but=ENDS)
    mail.withdraw(f"session:{session.pk}:moved:")
    mail.withdraw(f"session:{session.pk}:resumed:")
    if session.starts_at:  # else what waits takes the date out of calendars
        mail.withdraw(f"session:{session.pk}:postponed:")


def link_to_place(registration: Registration) -> SecretLink:
    """Opens the page on which one accepts, declines or cancels without signing in."""
    return SecretLink(view="sessions:place", purpose=LINK_PURPOSE, row=registration.pk, nonce=registration.link_nonce)


def attends_online(registration: Registration) -> bool:
    """The link of the online meeting is for those who are in, and come online (domain.md 3)."""
    return registration.is_seated and registration.form == Form.ONLINE and bool(registration.session.online_link)


def registration_result(registration: Registration, *, note: str = "", now: datetime) -> None:
    """Confirmed, waiting, or waiting for approval: what became of a registration; `note` is from who decided."""
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
            calendar=calendars.of_seat(registration, now=now),
            context={"note": note},
            urgent=True,
        ),
        now=now,
    )


def request_unanswered(registration: Registration, *, now: datetime) -> None:
    """Nobody decided in time, so that there is no seat: the answer that the portal gives by itself."""
    key = f"registration:{registration.pk}:rejected"
    mail.queue(letter("request_unanswered", registration, key=key, urgent=True), now=now)


def seat_offered(registration: Registration, *, now: datetime) -> None:
    """A seat is held for the next in line. Of no use once the offer is over, and withdrawn when it is answered."""
    until = registration.offered_until
    mail.queue(
        letter(
            "seat_offered",
            registration,
            key=f"registration:{registration.pk}:offer:{until:%Y-%m-%dT%H:%MZ}",
            urgent=True,
            expires_at=until,
        ),
        now=now,
    )


def offer_lapsed(registration: Registration, *, now: datetime) -> None:
    mail.queue(letter("offer_lapsed", registration, key=f"registration:{registration.pk}:lapsed", urgent=True), now=now)


def room_changed(registration: Registration, *, now: datetime) -> None:
    """The wish to attend in another form came true. It may come true more than once, so the moment is in the key."""
    mail.queue(
        letter(
            "room_changed",
            registration,
            key=f"registration:{registration.pk}:room:{now:%Y-%m-%dT%H:%M:%S.%fZ}",
            calendar=calendars.of_seat(registration, now=now),
            urgent=True,
        ),
        now=now,
    )


def seat_got(registration: Registration, *, now: datetime) -> None:
    """A seat came free, and this person was first in line."""
    mail.queue(
        letter(
            "seat_got",
            registration,
            key=f"registration:{registration.pk}:seat",
            calendar=calendars.of_seat(registration, now=now),
            urgent=True,
        ),
        now=now,
    )


def registration_cancelled(registration: Registration, *, had_seat: bool, now: datetime) -> None:
    mail.queue(
        letter(
            "registration_cancelled",
            registration,
            key=f"registration:{registration.pk}:cancelled",
            calendar=calendars.of_lost_seat(registration, now=now) if had_seat else (),
            context={"had_seat": had_seat},
            urgent=True,
        ),
        now=now,
    )


def registration_ended(
    registration: Registration, *, why: str, had_seat: bool, reason: str = "", now: datetime
) -> None:
    """Someone else took the person off the list: staff, with a reason, or the portal; `why` is "staff" or a Loss."""
    mail.queue(
        letter(
            "registration_ended",
            registration,
            key=f"registration:{registration.pk}:ended",
            calendar=calendars.of_lost_seat(registration, now=now) if had_seat else (),
            context={"why": why, "reason": reason},
            urgent=True,
        ),
        now=now,
    )


@dataclass(frozen=True)
class Released:
    """A place that its person lost, why, and whether it was a seat."""

    registration: Registration
    why: str
    had_seat: bool

    @property
    def session(self) -> Session:
        return self.registration.session


def registrations_ended(released: list[Released], *, now: datetime) -> None:
    """One person lost these places at once, which is one mail however many there are."""
    if len(released) == 1:
        [one] = released
        registration_ended(one.registration, why=one.why, had_seat=one.had_seat, now=now)
        return
    person = released[0].registration.person
    calendar = calendars_of_lost(released, now=now)
    mail.queue(
        Letter(
            key=f"account:{person.pk}:places:{max(one.registration.pk for one in released)}",
            to=person,
            template="sessions_app/mail/registrations_ended",
            context={
                "person": person,
                "released": released,
                "groups": [
                    (why, [one for one in released if one.why == why])
                    for why in dict.fromkeys(one.why for one in released)
                ],
                "files": len(calendar),
            },
            needs_right="sessions_app.view_registration",
            attachments=calendar,
            urgent=True,
        ),
        now=now,
    )


def calendars_of_lost(released: Iterable[Released], *, now: datetime) -> tuple[dict[str, str], ...]:
    """The files that take the seats among these out of the person's calendar."""
    seats = [one.registration for one in released if one.had_seat]
    return calendars.of_series(seats, called_off=True, now=now)


def session_moved(
    session: Session,
    registrations: Iterable[Registration],
    switched: set[int],
    *,
    before: Session | None = None,
    now: datetime,
) -> None:
    """To everyone with a live registration; the calendar file has the same UID and a higher SEQUENCE.

    `switched` are the registrations that attend in another form than before, which the mail tells. It names the old
    date and place too when `before`, the session as it was, is given.
    """
    key = f"moved:{session.sequence}"
    _to_all("session_moved", session, registrations, key, switched=switched, now=now, context={"before": before})


def session_postponed(
    session: Session, registrations: Iterable[Registration], before: Session, reason: str, *, now: datetime
) -> None:
    """`before` is the session with the date that is dropped: the calendar file takes that out."""
    key = f"postponed:{session.sequence}"
    context = {"reason": reason, "before": before}
    _to_all("session_postponed", session, registrations, key, called_off=before, now=now, context=context)


def session_cancelled(session: Session, registrations: Iterable[Registration], reason: str, *, now: datetime) -> None:
    """`registrations` still have the state that they had before."""
    key = f"cancelled:{session.sequence}"
    _to_all("session_cancelled", session, registrations, key, called_off=session, now=now, context={"reason": reason})


def session_resumed(
    session: Session, registrations: Iterable[Registration], elsewhere: Collection[int], reason: str, *, now: datetime
) -> None:
    """It was cancelled and is on after all: to everyone who is back, one mail each, with what she has.

    `elsewhere` are the keys of people who have registered for something else at that time meanwhile.
    """
    key = f"resumed:{session.sequence}"
    _to_all("session_resumed", session, registrations, key, elsewhere=elsewhere, now=now, context={"reason": reason})


def withdraw_cancelled(session: Session) -> set[int]:
    """Take back what waits and tells that the session is off; gives the people who were told so by none that left."""
    rows = OutgoingMail.objects.not_left().filter(key__startswith=f"session:{session.pk}:cancelled:")
    people = {pk for pk in rows.values_list("recipient", flat=True) if pk}
    mail.withdraw_rows(rows)
    mail.withdraw(f"session:{session.pk}:organisers:cancelled:")
    return people


def _to_all(
    name: str,
    session: Session,
    registrations: Iterable[Registration],
    key: str,
    *,
    called_off: Session | None = None,
    switched: Collection[int] = (),
    elsewhere: Collection[int] = (),
    context: dict[str, Any] | None = None,
    now: datetime,
) -> None:
    """One mail each. The calendar file of who has a seat moves the session, or takes it out as in `called_off`."""
    registrations = list(registrations)
    steps = calendars.steps_of(session, registrations)
    letters = []
    for registration in registrations:
        registration.session = session
        given = {"steps": steps.get(registration.person_id, 0), "now": now}
        calendar: tuple[dict[str, str], ...] = ()
        if called_off is None:
            calendar = calendars.of_seat(registration, **given)
        elif registration.state == RegistrationState.CONFIRMED:
            calendar = calendars.of_lost_seat(registration, session=called_off, **given)
        letters.append(
            letter(
                name,
                registration,
                key=f"{key}:{registration.person_id}",
                calendar=calendar,
                context={
                    "switched": registration.pk in switched,
                    "is_elsewhere": registration.person_id in elsewhere,
                    **(context or {}),
                },
            )
        )
    mail.queue_all(letters, now=now)


def last_call(registration: Registration) -> Letter:
    """A day is left to take the seat that is held; of no use once the offer is over or was answered."""
    until = registration.offered_until
    return letter(
        "seat_last_call",
        registration,
        key=f"registration:{registration.pk}:offer:{until:%Y-%m-%dT%H:%MZ}:last",
        urgent=True,
        expires_at=until,
    )


def reminder_key(session: Session, person: User, step: str) -> str:
    """Of this session, person, step and date: it exists once, or not (architecture.md 3)."""
    return f"session:{session.pk}:reminder:{person.pk}:{step}:{session.starts_at:%Y-%m-%dT%H:%MZ}"


def reminder(registration: Registration, *, step: str) -> Letter:
    session = registration.session
    key = reminder_key(session, registration.person, step).removeprefix(f"session:{session.pk}:")
    return letter(
        "reminder",
        registration,
        key=key,
        context={"step": step, "text_of_host": session.reminder_text},
        urgent=step in URGENT,
        expires_at=session.starts_at,
        stream=REMINDERS,
    )
