"""Calendars that one subscribes to: those that anyone may have, and a person's own.

A feed says the same until something in it changes: its moments are those of the sessions, and none is that of the
request. It has no METHOD, so that DTSTAMP is the last change (RFC 5545, 3.8.7.2).
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from django.contrib.auth.models import AnonymousUser
from django.utils.text import capfirst
from django.utils.translation import gettext, override
from icalendar import vText

from core import cleaning
from members.models import User
from sessions_app import permissions
from sessions_app.calendar_file import (
    CANCELLED,
    TENTATIVE,
    Entry,
    calendar,
    entry_of,
    entry_of_dialogue,
    own_entry_of,
    written,
)
from sessions_app.models import Invitation, Registration, Session
from sessions_app.rules import LIVE, Form, RegistrationState

VISITOR = AnonymousUser()
SHOWN_BACK = timedelta(days=365)  # as long as registrations are kept (domain.md 5.5)
REFRESH = "PT1H"


def public_feed(sessions: Iterable[Session], *, name: str, language: str) -> str:
    """`sessions` are what a visitor may know of; of each no more than a visitor reads on its page."""
    with override(language):
        return feed(
            name,
            [
                written(
                    entry_for_visitors(session, language=language),
                    sequence=session.sequence,
                    changed_at=session.changed_at,
                )
                for session in sessions
            ],
        )


def entry_for_visitors(session: Session, *, language: str) -> Entry:
    """Title, date and form; what is for everyone shows the rest to everyone (domain.md 3)."""
    entry = entry_of(session, language=language)
    if permissions.is_in_audience(VISITOR, session):
        return entry
    form = capfirst(session.get_form_display())
    more = gettext("Who takes part reads the place and the question on the page of the session.")
    place = entry.place if session.form == Form.ONLINE else ""
    return replace(entry, place=place, about=f"{form}. {more}\n\n{entry.address}")


def personal_feed(person: User, *, language: str, now: datetime) -> str:
    """What this person has a seat at, waits for or hosts, and the dialogues that she accepted. Three queries.

    A dialogue stands in no calendar of anybody else's, also not of who hosts it (domain.md 3). What one waited for, and
    a closed space, stand in it until the end.
    """
    since = now - SHOWN_BACK
    with override(language):
        entries = {
            session.pk: (session, entry_of_host(session, language=language), session.changed_at)
            for session in Session.objects.in_calendar_of_host(person, since=since)
        }
        for row in Registration.objects.in_calendar_of(person, since=since, now=now):
            if row.session_id not in entries:  # once in the calendar; a host comes anyway
                changed_at = max(row.session.changed_at, row.changed_at)
                entries[row.session_id] = (row.session, entry_of_registration(row, language=language), changed_at)
        for invitation in Invitation.objects.in_calendar_of(person, now=now):
            session = invitation.session
            session.sequence = invitation.calendar_sequence
            entries[session.pk] = (session, entry_of_dialogue(session, language=language), session.changed_at)
        ordered = sorted(entries.values(), key=lambda found: (found[1].starts_at, found[0].pk))
        events = [
            written(entry, sequence=session.sequence, changed_at=changed_at) for session, entry, changed_at in ordered
        ]
        return feed(gettext("My Netwerk en Leren"), events)


def entry_of_host(session: Session, *, language: str) -> Entry:
    entry = own_entry_of(session, language=language)
    part = gettext("You host this session.")
    return replace(entry, about=f"{part}\n\n{entry.about}")


def entry_of_registration(registration: Registration, *, language: str) -> Entry:
    """What one has no seat at yet is tentative, keeps no time occupied and says so before its title."""
    entry = own_entry_of(registration.session, form=registration.form, language=language)
    has_no_seat_yet = registration.state in LIVE and registration.state != RegistrationState.CONFIRMED
    if entry.status != CANCELLED and has_no_seat_yet:
        title = f"{capfirst(registration.get_state_display())}: {entry.title}"
        return replace(entry, status=TENTATIVE, title=title)
    return entry


def feed(name: str, events: list[str]) -> str:
    """A calendar with a name, that programs read again every hour: each of them knows one of the two ways to say so."""
    words = vText(cleaning.line(name)).to_ical().decode()
    more = (
        f"NAME:{words}\r\nX-WR-CALNAME:{words}\r\nX-WR-TIMEZONE:Europe/Amsterdam\r\n"
        f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}\r\nX-PUBLISHED-TTL:{REFRESH}\r\n"
    )
    return calendar(events, more=more)
