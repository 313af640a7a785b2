"""Mails to those who decide about requests for a seat. Keys start with `session:<id>:requests:`."""

from datetime import datetime, timedelta

from core import digest, mail
from core.mail import About, Letter
from members.models import User
from sessions_app.models import Registration, Session
from sessions_app.permissions import keepers
from sessions_app.streams import REQUESTS_AT_MINE, SEAT_REQUESTS


def withdraw(session: Session) -> None:
    """Somebody decided, asked or went: what still waits names another number, and is written anew within a minute."""
    mail.withdraw(_prefix(session.pk))


def withdraw_older(session: Session, *, but: list[str]) -> None:
    """A newer letter with the number of now takes the place of one that has not left yet."""
    mail.withdraw(_prefix(session.pk), but=but)


def _prefix(session_pk: int) -> str:
    return f"session:{session_pk}:requests:"


def waiting(
    session: Session, rows: list[Registration], *, answered_by: datetime, staff: dict[int, User], now: datetime
) -> list[Letter]:
    """How many ask for a seat at `session`, in one letter to each of `staff` and of its hosts.

    `rows` are all who ask, and `answered_by` the first moment at which the portal answers by itself. The newest is in
    the key, so that nobody hears twice of the same. It comes with the daily mail, or at once where that is too late.
    """
    is_urgent = answered_by <= digest.next_moment(now) + timedelta(hours=1)
    hosts = User.objects.filter(is_active=True, pk__in=session.hostings.with_person_there().values("person"))
    readers = {**{person.pk: person for person in hosts}, **staff}
    newest = max(row.pk for row in rows)
    letters = []
    for reader in readers.values():
        decides = reader.pk in staff
        stream = SEAT_REQUESTS if decides else REQUESTS_AT_MINE
        letters.append(
            Letter(
                key=f"{_prefix(session.pk)}{newest}:{reader.pk}",
                to=reader,
                template="sessions_app/mail/seats_asked",
                context={
                    "session": session,
                    "number": len(rows),
                    "answered_by": answered_by,
                    "decides": decides,
                },
                needs_right="sessions_app.view_registration",
                expires_at=session.starts_at,
                stream=None if is_urgent and decides else stream,
                about=About(
                    key=f"session:{session.pk}", title=session.title, view="sessions:participants", row=session.pk
                ),
            )
        )
    return letters


def last_call(session: Session, number: int, *, answered_by: datetime) -> list[Letter]:
    """To all who decide, at once: so many have no answer, and the portal gives it soon. Once for each such moment."""
    return [
        Letter(
            key=f"{_prefix(session.pk)}last:{answered_by:%Y-%m-%dT%H:%MZ}:{reader.pk}",
            to=reader,
            template="sessions_app/mail/seats_asked",
            context={
                "session": session,
                "number": number,
                "answered_by": answered_by,
                "decides": True,
                "is_last": True,
            },
            needs_right="sessions_app.view_registration",
            expires_at=answered_by,
        )
        for reader in keepers()
    ]
