"""The calendar file of one session (RFC 5545): the same UID for life, SEQUENCE raised when it moves or is cancelled."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext, override
from icalendar import Calendar, Event, vText

from core import links
from core.dates import local
from sessions_app.models import Session
from sessions_app.rules import Form, SessionState

PRODUCT = "-//Partos//Netwerk en Leren//NL"
UID_DOMAIN = "netwerk-en-leren.partos"  # part of an identity, not an address: it outlives a move of the portal


@dataclass(frozen=True)
class Entry:
    """All that the file of a session is made of."""

    pk: int
    uid: UUID
    sequence: int
    changed_at: datetime
    starts_at: datetime
    ends_at: datetime
    title: str
    question: str
    place: str
    is_online: bool
    is_cancelled: bool
    language: str


def calendar_file(session: Session, *, language: str, called_off: bool = False) -> str:
    """The text of the `.ics` of a dated session, in Dutch time with its VTIMEZONE.

    With `called_off` it takes this date out of a calendar, as it does for a cancelled session.
    It holds no personal link and no link of the online meeting: calendars are shared.
    """
    return written(
        Entry(
            pk=session.pk,
            uid=session.uid,
            sequence=session.sequence,
            changed_at=session.changed_at,
            starts_at=session.starts_at,
            ends_at=session.ends_at,
            title=session.title,
            question=session.question,
            place=session.place,
            is_online=session.form == Form.ONLINE,
            is_cancelled=called_off or session.state == SessionState.CANCELLED,
            language=language,
        )
    )


@lru_cache(maxsize=128)
def written(entry: Entry) -> str:
    """Kept, because everybody who registers gets the same file, and its VTIMEZONE takes longer than the rest of it."""
    with override(entry.language):
        event = Event()
        event.add("uid", f"{entry.uid}@{UID_DOMAIN}")
        event.add("dtstamp", entry.changed_at)
        event.add("last-modified", entry.changed_at)
        event.add("sequence", entry.sequence)
        event.add("summary", entry.title)
        event.add("dtstart", local(entry.starts_at))
        event.add("dtend", local(entry.ends_at))
        event.add("status", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
        event.add("location", gettext("Online") if entry.is_online else entry.place)
        address = links.absolute(reverse("sessions:detail", args=[entry.pk]))
        event.add("url", address)
        event.add("description", vText(f"{entry.question}\n\n{address}".strip()))
        calendar = Calendar()
        calendar.add("prodid", PRODUCT)
        calendar.add("version", "2.0")
        calendar.add("method", "CANCEL" if entry.is_cancelled else "PUBLISH")
        calendar.add_component(event)
        calendar.add_missing_timezones()
    return calendar.to_ical().decode()
