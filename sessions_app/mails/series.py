"""Mails about several dates at once. Keys start with `series:<id>:`."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from core import mail
from core.mail import Letter
from core.models import OutgoingMail
from members.models import User
from sessions_app.mails import calendars
from sessions_app.mails.registrations import attends_online, link_to_place
from sessions_app.models import Registration, Series, Session
from sessions_app.rules import LIVE


def registered(
    series: Series,
    person: User,
    registrations: Sequence[Registration],
    *,
    why: str,
    note: str = "",
    now: datetime,
) -> None:
    """What one person has at each of these dates, in one mail with a calendar file for each.

    `why` is "registered", "decided", with a `note` of who decided, or "added" for a date that came later.
    `registrations` hold their session and are in the order of the dates.
    """
    _queue("series_registered", series, person, registrations, why=why, note=note, called_off=False, now=now)


def renew(session: Session, *, now: datetime) -> None:
    """This date of a series changed: whose mail about several dates still waits gets it as they are now."""
    if session.series is None:
        return
    waiting = OutgoingMail.objects.not_left().filter(
        key__startswith=f"series:{session.series.pk}:", kind="sessions_app.series_registered"
    )
    for row in waiting.exclude(recipient=None).select_related("recipient"):
        why, newest = row.key.split(":")[2], row.key.split(":")[4]
        mail.withdraw_rows(OutgoingMail.objects.not_left().filter(pk=row.pk))
        told = Registration.objects.of_series(session.series).live().filter(person=row.recipient, pk__lte=newest)
        if dates := list(told.filter(pk=newest) if why == "added" else told):
            registered(session.series, row.recipient, dates, why=why, now=now)


def left(series: Series, person: User, registrations: Sequence[Registration], *, now: datetime) -> None:
    """All these dates were given up in one go; `registrations` have their new state."""
    _queue("series_left", series, person, registrations, why="left", called_off=True, now=now)


def planned(series: Series, people: Iterable[User], sessions: Iterable[Session], *, now: datetime) -> None:
    """To the hosts and proposers: all the dates that were made, in one mail each."""
    dates = list(sessions)
    letters = [
        Letter(
            key=f"series:{series.pk}:planned:{person.pk}",
            to=person,
            template="sessions_app/mail/series_planned",
            context={"series": series, "person": person, "dates": dates},
            needs_right="sessions_app.curate_session",
        )
        for person in people
    ]
    mail.queue_all(letters, now=now)


def _queue(
    name: str,
    series: Series,
    person: User,
    registrations: Sequence[Registration],
    *,
    why: str,
    note: str = "",
    called_off: bool,
    now: datetime,
) -> None:
    rows = list(registrations)
    for row in rows:
        row.shows_link = attends_online(row)  # type: ignore[attr-defined]
    calendar = calendars.of_series(rows, called_off=called_off, now=now)
    context = {
        "series": series,
        "person": person,
        "rows": rows,
        "why": why,
        "note": note,
        "colleague": rows[0].registered_by,
        "files": len(calendar),
    }
    live = [row for row in rows if row.state in LIVE]
    mail.queue(
        Letter(
            key=f"series:{series.pk}:{why}:{person.pk}:{max(row.pk for row in rows)}",
            to=person,
            template=f"sessions_app/mail/{name}",
            context=context,
            needs_right="sessions_app.view_registration",
            attachments=calendar,
            secret_link=link_to_place(live[0]) if live else None,
            urgent=True,
        ),
        now=now,
    )
