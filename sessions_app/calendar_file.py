"""Calendar files of sessions (RFC 5545, 5546): the same UID for life, a higher SEQUENCE when a session moves or is off.

No file and no feed holds a personal link or the link of an online meeting: calendars are shared.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parseaddr
from functools import lru_cache
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext, override
from icalendar import Event, vText
from icalendar.parser import Contentline, Parameters

from core import cleaning, links
from core.dates import local
from sessions_app.models import Session
from sessions_app.rules import Form, SessionState

PRODUCT = "-//Partos//Netwerk en Leren//NL"
UID_DOMAIN = "netwerk-en-leren.partos"  # part of an identity, not an address: it outlives a move of the portal
PUBLISH, REQUEST, CANCEL = "PUBLISH", "REQUEST", "CANCEL"
CONFIRMED, TENTATIVE, CANCELLED = "CONFIRMED", "TENTATIVE", "CANCELLED"
# By the rule of the European Union since 1996 (directive 2000/84/EC), without the hundred dates of a zone written out;
# tests/sessions_app/test_calendar_file.py compares it with the system's own zone.
ZONE = """\
BEGIN:VTIMEZONE
TZID:Europe/Amsterdam
X-LIC-LOCATION:Europe/Amsterdam
BEGIN:DAYLIGHT
DTSTART:19960331T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZNAME:CEST
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZNAME:CET
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
""".replace("\n", "\r\n")


@dataclass(frozen=True)
class Entry:
    """What an event says, the same in each calendar that has it in this form and language."""

    uid: UUID
    starts_at: datetime
    ends_at: datetime
    title: str
    status: str = CONFIRMED
    place: str = ""
    about: str = ""
    address: str = ""
    is_private: bool = False


def entry_of(session: Session, *, form: str = "", language: str, called_off: bool = False) -> Entry:
    """For who may read where the session is; with `called_off` it takes this date out of a calendar.

    `form` is how the reader attends, where that is known: who attends a hybrid session online need not travel.
    """
    assert session.starts_at, "only a session with a date stands in a calendar"
    assert session.ends_at, "what starts ends"
    with override(language):
        address = links.absolute(reverse("sessions:detail", args=[session.pk]))
        return Entry(
            uid=session.uid,
            starts_at=session.starts_at,
            ends_at=session.ends_at,
            title=session.title,
            status=CANCELLED if called_off or session.state == SessionState.CANCELLED else CONFIRMED,
            place=gettext("Online") if Form.ONLINE in (session.form, form) else session.place,
            about=f"{session.question}\n\n{address}".strip(),
            address=address,
        )


def calendar_file(session: Session, *, form: str = "", language: str, sequence: int) -> str:
    """The text of the `.ics` of a dated session that anyone may have who may read where it is, in Dutch time.

    `form` as in `entry_of`.
    """
    if session.is_dialogue:
        entry = entry_of_dialogue(session, language=language)
    else:
        entry = own_entry_of(session, form=form, language=language)
    method = CANCEL if entry.status == CANCELLED else PUBLISH
    event = written(entry, sequence=sequence, changed_at=session.changed_at, own=organiser())
    return calendar([event], method=method)


def own_entry_of(session: Session, *, form: str = "", language: str, called_off: bool = False) -> Entry:
    """For one's own calendar, which colleagues may read too: of a closed space no more than the time."""
    if not session.is_closed_space:
        return entry_of(session, form=form, language=language, called_off=called_off)
    with override(language):
        title = gettext("Session Netwerk en Leren")
        about = gettext("What it is about and where is on the page of the session.")
    return _neutral(session, title=title, about=about, called_off=called_off)


def entry_of_dialogue(session: Session, *, language: str, called_off: bool = False) -> Entry:
    """Neither subject nor place nor name: a director's calendar is read by more people than the director."""
    with override(language):
        title = gettext("Conversation Netwerk en Leren")
        about = gettext("Subject and place are in the mail with your invitation.")
    return _neutral(session, title=title, about=about, called_off=called_off)


def _neutral(session: Session, *, title: str, about: str, called_off: bool) -> Entry:
    assert session.starts_at, "only a session with a date stands in a calendar"
    assert session.ends_at, "what starts ends"
    return Entry(
        uid=session.uid,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        title=title,
        status=CANCELLED if called_off or session.state == SessionState.CANCELLED else CONFIRMED,
        about=about,
        is_private=True,
    )


def personal_file(
    session: Session,
    *,
    address: str,
    language: str,
    sequence: int,
    called_off: bool,
    at: datetime,
    entry_for: Callable[..., Entry] = own_entry_of,
) -> str:
    """What makes one person's calendar take a session up, move it, or take it out (RFC 5546, REQUEST and CANCEL).

    The reader at the mail address `address` is the only one who attends, and has said so by registering or accepting:
    no answer is asked. Who organises is the portal, because a host's address is nobody's business. `at` is the moment
    of the message: of two with the same number the later one counts. `entry_for` is entry_of_dialogue for a dialogue.
    """
    entry = entry_for(session, language=language, called_off=called_off)
    attendee = line(
        "ATTENDEE",
        f"mailto:{address}",
        {"CUTYPE": "INDIVIDUAL", "ROLE": "REQ-PARTICIPANT", "PARTSTAT": "ACCEPTED", "RSVP": "FALSE"},
    )
    event = written(entry, sequence=sequence, changed_at=session.changed_at, at=at, own=organiser() + attendee)
    return calendar([event], method=CANCEL if entry.status == CANCELLED else REQUEST)


def written(entry: Entry, *, sequence: int, changed_at: datetime, at: datetime | None = None, own: str = "") -> str:
    """One event: what is the same for all, between its number and moments and the lines `own` of this copy.

    `at` is the moment of a message; without one it is that of the last change.
    """
    return (
        f"BEGIN:VEVENT\r\nSEQUENCE:{sequence}\r\nDTSTAMP:{in_utc(at or changed_at)}\r\n"
        f"LAST-MODIFIED:{in_utc(changed_at)}\r\n{lines_of(entry)}{own}END:VEVENT\r\n"
    )


def in_utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


@lru_cache(maxsize=4096)
def lines_of(entry: Entry) -> str:
    """Kept, because everybody who registers gets these lines, and folding them takes longer than all the rest."""
    event = Event()
    event.add("uid", f"{entry.uid}@{UID_DOMAIN}")
    event.add("summary", cleaning.line(entry.title))
    event.add("dtstart", local(entry.starts_at))
    event.add("dtend", local(entry.ends_at))
    event.add("status", entry.status)
    event.add("transp", "OPAQUE" if entry.status == CONFIRMED else "TRANSPARENT")
    if entry.place:
        event.add("location", cleaning.line(entry.place))
    if entry.address:
        event.add("url", entry.address)
    if entry.about:
        event.add("description", vText(cleaning.paragraphs(entry.about)))
    if entry.is_private:
        event.add("class", "PRIVATE")
    text = event.to_ical().decode()
    return text.removeprefix("BEGIN:VEVENT\r\n").removesuffix("END:VEVENT\r\n")


@lru_cache(maxsize=1)
def organiser() -> str:
    """The portal, by the name and address that its mail comes from."""
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return line("ORGANIZER", f"mailto:{address}", {"CN": name or "Netwerk en Leren"})


def line(name: str, value: str, parameters: dict[str, str]) -> str:
    return Contentline.from_parts(name, Parameters(parameters), cleaning.line(value)).to_ical().decode() + "\r\n"


def calendar(events: Iterable[str], *, method: str = "", more: str = "") -> str:
    """A whole calendar around `events`; `more` are further lines of its own."""
    method = f"METHOD:{method}\r\n" if method else ""
    head = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{PRODUCT}\r\nCALSCALE:GREGORIAN\r\n{method}{more}{ZONE}"
    return f"{head}{''.join(events)}END:VCALENDAR\r\n"
