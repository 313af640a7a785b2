"""The calendar file of one session (RFC 5545): the same UID for life, SEQUENCE raised when it moves or is cancelled."""

from django.urls import reverse
from django.utils.translation import gettext, override
from icalendar import Calendar, Event, vText

from core import links
from core.dates import local
from sessions_app.models import Session
from sessions_app.rules import Form, SessionState

PRODUCT = "-//Partos//Netwerk en Leren//NL"
UID_DOMAIN = "netwerk-en-leren.partos"  # part of an identity, not an address: it outlives a move of the portal


def calendar_file(session: Session, *, language: str, called_off: bool = False) -> str:
    """The text of the `.ics` of a dated session, in Dutch time with its VTIMEZONE.

    With `called_off` it takes this date out of a calendar, as it does for a cancelled session.
    It holds no personal link and no link of the online meeting: calendars are shared.
    """
    cancelled = called_off or session.state == SessionState.CANCELLED
    with override(language):
        event = Event()
        event.add("uid", f"{session.uid}@{UID_DOMAIN}")
        event.add("dtstamp", session.changed_at)
        event.add("last-modified", session.changed_at)
        event.add("sequence", session.sequence)
        event.add("summary", session.title)
        event.add("dtstart", local(session.starts_at))
        event.add("dtend", local(session.ends_at))
        event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
        event.add("location", session.place if session.form != Form.ONLINE else gettext("Online"))
        address = links.absolute(reverse("sessions:detail", args=[session.pk]))
        event.add("url", address)
        event.add("description", vText(f"{session.question}\n\n{address}".strip()))
        calendar = Calendar()
        calendar.add("prodid", PRODUCT)
        calendar.add("version", "2.0")
        calendar.add("method", "CANCEL" if cancelled else "PUBLISH")
        calendar.add_component(event)
        calendar.add_missing_timezones()
    return calendar.to_ical().decode()
