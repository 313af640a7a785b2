"""How the tests read a calendar to subscribe to."""

import vobject
from icalendar import Calendar


def path_of(address, language=""):
    return f"{language}/mijn-agenda/{address.token}.ics"


def read(answer):
    """The events of a feed by title, as both parsers read them."""
    text = answer.content.decode()
    events = {str(event["SUMMARY"]): event for event in Calendar.from_ical(text).walk("VEVENT")}
    other = vobject.readOne(text)
    assert {event.summary.value: event.dtstart.value for event in getattr(other, "vevent_list", [])} == {
        title: event["DTSTART"].dt for title, event in events.items()
    }
    return events


def plain(answer):
    return answer.content.decode().replace("\r\n ", "")
