"""What stands in a calendar to subscribe to, and for how long."""

from datetime import datetime, timedelta

import pytest
from django.core.cache import cache

from sessions_app.actions import planning, registrations, resuming
from sessions_app.calendar_feed import SHOWN_BACK
from sessions_app.models import Session
from sessions_app.rules import RegistrationState, Resume, SessionState
from tests.factories.sessions import RegistrationFactory, SessionFactory
from tests.sessions_app.feeds.reading import path_of, plain, read

pytestmark = pytest.mark.django_db
WHY = {"reason": "De spreker is ziek."}


def test_the_own_feed_tells_a_seat_from_a_wish_and_what_one_hosts(client, practitioner, address, now):
    for state in ("confirmed", "waitlisted", "requested", "offered", "withdrawn", "rejected", "cancelled"):
        RegistrationFactory(
            session=SessionFactory(title=state), person=practitioner, state=state,
            offered_until=now + timedelta(days=1) if state == "offered" else None,
        )  # fmt: skip
    SessionFactory(title="hosted", host=practitioner)
    both = SessionFactory(title="both", host=practitioner)
    RegistrationFactory(session=both, person=practitioner, state=RegistrationState.WAITLISTED)
    was = SessionFactory(title="was", starts_at=now - timedelta(days=3), state=SessionState.HELD)
    RegistrationFactory(session=was, person=practitioner, state=RegistrationState.NO_SHOW)
    old = SessionFactory(title="old", starts_at=now - SHOWN_BACK - timedelta(days=1), state=SessionState.HELD)
    RegistrationFactory(session=old, person=practitioner, state=RegistrationState.ATTENDED)
    SessionFactory(title="of others", registered=1)
    events = read(client.get(path_of(address)))
    assert {title: str(event["STATUS"]) for title, event in events.items()} == {
        "confirmed": "CONFIRMED",
        "was": "CONFIRMED",
        "hosted": "CONFIRMED",
        "both": "CONFIRMED",
        "Op de wachtlijst: waitlisted": "TENTATIVE",
        "Gevraagd: requested": "TENTATIVE",
        "Plaats aangeboden: offered": "TENTATIVE",
    }
    assert "Je organiseert" in events["hosted"]["DESCRIPTION"]


def test_what_is_cancelled_stays_as_cancelled_for_who_had_a_place(client, practitioner, staff, address, now):
    session = SessionFactory(title="Vervalt")
    RegistrationFactory(session=session, person=practitioner, state=RegistrationState.WAITLISTED)
    given_up = SessionFactory(title="Eerder afgemeld", registered=1)
    mine = RegistrationFactory(session=given_up, person=practitioner)
    registrations.cancel(registration=mine, actor=practitioner, now=now - timedelta(days=1))
    for row in (session, given_up):
        planning.cancel(session=row, **WHY, actor=staff, now=now)
    events = read(client.get(path_of(address)))
    assert {title: str(event["STATUS"]) for title, event in events.items()} == {"Vervalt": "CANCELLED"}
    public = read(client.get("/bijeenkomsten/agenda.ics"))
    assert {str(event["STATUS"]) for event in public.values()} == {"CANCELLED"}


def test_a_later_correction_takes_what_was_cancelled_out_of_no_feed(client, practitioner, staff, address, now):
    session = SessionFactory(title="Vervalt")
    RegistrationFactory(session=session, person=practitioner)
    planning.cancel(session=session, **WHY, actor=staff, now=now)
    changes = {"description": "Beter gezegd."}
    planning.change(session=session, changes=changes, actor=staff, now=now + timedelta(minutes=1))
    events = read(client.get(path_of(address)))
    assert {title: str(event["STATUS"]) for title, event in events.items()} == {"Vervalt": "CANCELLED"}


def test_what_was_called_off_before_it_got_a_new_date_is_in_no_feed(client, practitioner, staff, address, now):
    session = SessionFactory(title="Vervalt twee keer")
    RegistrationFactory(session=session, person=practitioner)
    planning.cancel(session=session, **WHY, actor=staff, now=now)
    session = resuming.resume(
        session=session, how=Resume.EMPTY, reason="Toch wel.", actor=staff, now=now + timedelta(minutes=1)
    )
    assert session.cancelled_at is None
    Session.objects.filter(pk=session.pk).update(
        state=SessionState.OPEN, starts_at=now + timedelta(days=5), ends_at=now + timedelta(days=6)
    )
    planning.cancel(session=session, **WHY, actor=staff, now=now + timedelta(minutes=2))
    assert read(client.get(path_of(address))) == {}


def test_who_waited_in_vain_has_it_in_the_feed_until_the_end(client, practitioner, address, now):
    for state in ("waitlisted", "requested", "offered"):
        session = SessionFactory(title=state, starts_at=now - timedelta(days=30), state=SessionState.CLOSED)
        RegistrationFactory(session=session, person=practitioner, state=state)
    running = SessionFactory(title="bezig", starts_at=now - timedelta(minutes=30), state=SessionState.CLOSED)
    RegistrationFactory(session=running, person=practitioner, state=RegistrationState.WAITLISTED)
    assert list(read(client.get(path_of(address)))) == ["Op de wachtlijst: bezig"]


def test_what_is_postponed_leaves_the_feeds(client, practitioner, staff, address, now):
    session = SessionFactory()
    RegistrationFactory(session=session, person=practitioner)
    planning.postpone(session=session, **WHY, actor=staff, now=now)
    assert read(client.get(path_of(address))) == read(client.get("/bijeenkomsten/agenda.ics")) == {}


def test_a_feed_has_a_name_and_says_how_often_to_come_back(client, address):
    for language, name in (("", "Mijn Netwerk en Leren"), ("/en", "My Netwerk en Leren")):
        text = plain(client.get(path_of(address, language)))
        for line in (
            *(f"NAME:{name}", f"X-WR-CALNAME:{name}", "REFRESH-INTERVAL;VALUE=DURATION:PT1H", "X-PUBLISHED-TTL:PT1H"),
        ):
            assert f"\r\n{line}\r\n" in text
        assert "METHOD" not in text
        assert "BEGIN:VTIMEZONE" in text


def test_moments_and_identity_are_those_of_the_session_on_any_host(client, settings):
    session = SessionFactory()
    before = read(client.get("/bijeenkomsten/agenda.ics"))[session.title]
    settings.PORTAL_URL = "https://elders.example"
    cache.clear()
    after = read(client.get("/bijeenkomsten/agenda.ics"))[session.title]
    assert before["UID"] == after["UID"]
    for name in ("DTSTAMP", "LAST-MODIFIED"):
        assert before[name].dt == after[name].dt == session.changed_at.replace(microsecond=0)


def test_the_clock_of_a_feed_is_dutch_on_both_sides_of_the_change(client, practitioner, address, now):
    year = now.year + 1
    march = max(
        day for day in (datetime(year, 3, n, 13, 15, tzinfo=now.tzinfo) for n in range(1, 32)) if day.weekday() == 6
    )
    for start in (march - timedelta(days=1), march - timedelta(hours=1)):
        RegistrationFactory(session=SessionFactory(title=f"{start:%j}", starts_at=start), person=practitioner)
    events = read(client.get(path_of(address))).values()
    assert {(event["DTSTART"].dt.hour, event["DTSTART"].dt.minute) for event in events} == {(14, 15)}
