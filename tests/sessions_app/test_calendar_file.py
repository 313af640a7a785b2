"""Calendar files: what they say, read by two parsers, and what they must never say."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
import vobject
from icalendar import Calendar

from core.dates import AMSTERDAM
from sessions_app.calendar_feed import feed
from sessions_app.calendar_file import ZONE, calendar, calendar_file, personal_file
from sessions_app.rules import Form, SessionState, calendar_sequence
from tests.factories.sessions import SessionFactory

pytestmark = pytest.mark.django_db
AT = datetime(2026, 10, 1, 9, tzinfo=UTC)


def file_of(session, **fields):
    given = {"address": "noor@leden.example", "language": "nl", "sequence": 3, "called_off": False, "at": AT}
    return personal_file(session, **(given | fields))


def test_the_zone_is_that_of_the_system_to_the_minute():
    [written_out] = Calendar.from_ical(f"BEGIN:VCALENDAR\r\n{ZONE}END:VCALENDAR\r\n").walk("VTIMEZONE")
    zone = written_out.to_tz(lookup_tzid=False)  # by its rules; by its name it would be the system's own
    hour = datetime(2026, 1, 1, 0, 30, tzinfo=UTC)
    changes = 0
    while hour.year < 2037:
        here = hour.astimezone(AMSTERDAM)
        written = hour.astimezone(zone)
        assert (written.replace(tzinfo=None), written.utcoffset()) == (here.replace(tzinfo=None), here.utcoffset())
        changes += (hour - timedelta(hours=6)).astimezone(AMSTERDAM).utcoffset() != here.utcoffset()
        hour += timedelta(hours=6)
    assert changes == 22


@pytest.mark.parametrize("read", [Calendar.from_ical, vobject.readOne])
def test_two_parsers_read_the_same_moment_on_both_sides_of_the_clock_change(read):
    for utc in (datetime(2026, 10, 24, 12, 15, tzinfo=UTC), datetime(2026, 10, 25, 13, 15, tzinfo=UTC)):
        text = file_of(SessionFactory(starts_at=utc))
        assert f"DTSTART;TZID=Europe/Amsterdam:{utc:%Y%m%d}T141500\r\n" in text
        parsed = read(text)
        start = parsed.walk("VEVENT")[0]["DTSTART"].dt if read == Calendar.from_ical else parsed.vevent.dtstart.value
        assert start == utc
        assert (start.hour, start.minute) == (14, 15)


def test_a_title_with_everything_in_it_comes_through_both_parsers():
    title = 'Macht, geld; en \\ "wij": één gesprek ' + "ü" * 60
    session = SessionFactory(title=title, question="Regel één\nRegel twee; met, komma", place="Zaal 1, 2e etage; links")
    text = file_of(session)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    ours, other = Calendar.from_ical(text).walk("VEVENT")[0], vobject.readOne(text).vevent
    assert ours["SUMMARY"] == other.summary.value == title
    assert ours["LOCATION"] == other.location.value == session.place
    assert str(ours["DESCRIPTION"]).startswith(session.question)


def test_an_invitation_names_its_reader_alone_and_the_portal_as_organiser(settings):
    settings.DEFAULT_FROM_EMAIL = "Netwerk en Leren <portaal@localhost>"
    text = file_of(SessionFactory(registered=2))
    [event] = Calendar.from_ical(text).walk("VEVENT")
    assert "METHOD:REQUEST\r\n" in text
    assert event["ATTENDEE"] == "mailto:noor@leden.example"
    assert {name: event["ATTENDEE"].params[name] for name in ("PARTSTAT", "RSVP")} == {
        "PARTSTAT": "ACCEPTED",
        "RSVP": "FALSE",
    }
    assert event["ORGANIZER"] == "mailto:portaal@localhost"
    assert event["DTSTAMP"].dt == AT
    assert event["SEQUENCE"] == 3


def test_what_is_called_off_is_withdrawn_by_method_and_status():
    for session, called_off in ((SessionFactory(), True), (SessionFactory(state=SessionState.CANCELLED), False)):
        text = file_of(session, called_off=called_off)
        assert "METHOD:CANCEL\r\n" in text
        assert "STATUS:CANCELLED\r\n" in text


def test_no_file_holds_a_link_to_the_meeting():
    session = SessionFactory(form=Form.HYBRID, capacity_online=5, online_link="https://video.example/SECRET-LINK")
    for text in (file_of(session), calendar_file(session, language="nl", sequence=0)):
        assert "SECRET" not in text.replace("\r\n ", "")


def test_the_file_for_everyone_names_nobody():
    text = calendar_file(SessionFactory(registered=1), language="en", sequence=0)
    assert "METHOD:PUBLISH" in text
    assert "ATTENDEE" not in text


def test_the_same_session_has_the_same_identity_on_another_host(settings):
    session = SessionFactory(uid=UUID(int=7))
    before = Calendar.from_ical(file_of(session)).walk("VEVENT")[0]["UID"]
    settings.PORTAL_URL = "https://elders.example"
    text = file_of(session)
    assert Calendar.from_ical(text).walk("VEVENT")[0]["UID"] == before
    assert "https://elders.example" in text.replace("\r\n ", "")


def test_an_empty_calendar_is_one_too():
    assert Calendar.from_ical(calendar([])).walk("VEVENT") == []


def test_the_number_rises_with_each_thing_that_happens_to_a_place():
    """Seat, moved, the other room, given up, back again, moved, given up, moved meanwhile, back again."""
    life = [
        *((0, 0, False), (1, 0, False), (1, 1, False), (1, 3, True), (1, 3, False), (2, 3, False)),
        *((2, 5, True), (3, 5, False)),
    ]
    numbers = [
        calendar_sequence(session_sequence=moved, steps=steps, has_ended=has_ended) for moved, steps, has_ended in life
    ]
    assert all(later > earlier for earlier, later in pairwise(numbers)), numbers


def test_a_calendar_never_holds_a_control_character_whatever_was_stored_before():
    session = SessionFactory()
    session.title = "Een\x07 titel\x0bmet\u202e signs"
    session.question, session.place = "Een\x0bvraag\x00\u2028van drie", "Zaal\x1b 4\x07"
    text = file_of(session) + calendar_file(session, language="nl", sequence=1) + feed("Lijn\x07 \x0bvier", [])
    assert [sign for sign in text.replace("\r\n", "") if not sign.isprintable()] == []
    assert "SUMMARY:Een titel met signs\r\n" in text
    assert "NAME:Lijn vier\r\n" in text
