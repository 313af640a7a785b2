"""Calendars to subscribe to: what stands in them, what must never, and what a program that asks each hour gets."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
import vobject
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from icalendar import Calendar

from core.models import AuditEntry
from leerlijnen.rules import ActivityKind
from members.models import User
from partos_portal.erasure import close_account
from sessions_app.actions import calendar_addresses, curation, planning, registrations
from sessions_app.calendar_feed import SHOWN_BACK
from sessions_app.calendar_file import UID_DOMAIN
from sessions_app.models import CalendarAddress, Registration, Session
from sessions_app.rules import Audience, Confidentiality, Form, InvitationState, RegistrationState, SessionState
from sessions_app.views.calendars import GUESSES_A_MINUTE, REQUESTS_A_MINUTE
from tests.factories.leerlijnen import ActivityFactory, load_2026
from tests.factories.members import member_person
from tests.factories.sessions import DialogueFactory, InvitationFactory, RegistrationFactory, SessionFactory

pytestmark = pytest.mark.django_db
WHY = {"reason": "De spreker is ziek."}
SECRETS = ("SECRET-LINK", "SECRET-PLACE", "SECRET-DIALOGUE", "SECRET-ISSUE", "SECRET-NAME")


@pytest.fixture(autouse=True)
def _nothing_counted():
    cache.clear()


@pytest.fixture
def address(practitioner, now):
    return calendar_addresses.make(person=practitioner, actor=practitioner, now=now)


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


# What must never stand in them


@pytest.fixture
def planted(practitioner, now):
    """A session of members and a dialogue with everything in them that could leak; gives the paths of public feeds."""
    programme = load_2026()
    line = programme.learning_lines.order_by("number").first()
    tracks = {track.code: track for track in programme.tracks.all()}
    where = {"programme": programme, "learning_line": line}
    session = SessionFactory(
        **where, track=tracks["practitioner"], title="Ledenbijeenkomst", question="SECRET-ISSUE", place="SECRET-PLACE",
        form=Form.HYBRID, capacity_online=5, online_link="https://video.example/SECRET-LINK",
    )  # fmt: skip
    RegistrationFactory(session=session, person=practitioner, form=Form.ONLINE)
    RegistrationFactory(session=session, person=member_person(name="SECRET-NAME"))
    dialogue = DialogueFactory(
        **where, track=tracks["leadership"], title="SECRET-DIALOGUE", question="SECRET-ISSUE", place="SECRET-PLACE",
        host=practitioner, online_link="https://video.example/SECRET-LINK",
    )  # fmt: skip
    InvitationFactory(session=dialogue, name="SECRET-NAME", state=InvitationState.ACCEPTED)
    return [
        "/bijeenkomsten/agenda.ics",
        f"/programma/{programme.year}/agenda.ics",
        f"/programma/{programme.year}/practitioner/agenda.ics",
        f"/leerlijnen/{line.slug}/agenda.ics",
    ]


@pytest.mark.parametrize("language", ["", "/en"])
def test_a_public_feed_holds_title_and_date_and_nothing_of_members(client, planted, language):
    for path in planted:
        answer = client.get(language + path)
        assert answer.status_code == 200
        assert [secret for secret in SECRETS if secret in plain(answer)] == [], path
        [event] = read(answer).values()
        assert event["SUMMARY"] == "Ledenbijeenkomst"
        assert "LOCATION" not in event


def test_who_is_signed_in_gets_the_same_public_feed(client, planted, staff):
    before = [client.get(path).content for path in planted]
    client.force_login(staff)
    assert [client.get(path).content for path in planted] == before


def test_no_feed_has_the_track_of_dialogues(client, planted, staff):
    for person in (None, staff):
        if person:
            client.force_login(person)
        for track in ("leadership", "niets"):
            assert client.get(planted[2].replace("practitioner", track)).status_code == 404


@pytest.mark.parametrize(
    ("form", "shown"), [(Form.ON_SITE, ["SECRET-PLACE", "SECRET-ISSUE"]), (Form.ONLINE, ["SECRET-ISSUE"])]
)
def test_ones_own_feed_holds_the_place_but_no_link_no_name_and_no_dialogue_that_one_hosts(
    client, planted, address, form, shown
):
    Registration.objects.filter(person=address.person).update(form=form)
    answer = client.get(path_of(address))
    assert [secret for secret in SECRETS if secret in plain(answer)] == shown
    assert list(read(answer)) == ["Ledenbijeenkomst"]
    assert address.token not in plain(answer)
    assert address.person.email not in plain(answer)


def test_a_dialogue_stands_in_the_feed_of_who_accepted_without_subject_place_or_name(client, director, now):
    address = calendar_addresses.make(person=director, actor=director, now=now)
    dialogue = DialogueFactory(
        title="SECRET-DIALOGUE", question="SECRET-ISSUE", place="SECRET-PLACE", registered=0,
        online_link="https://video.example/SECRET-LINK",
    )  # fmt: skip
    invitation = InvitationFactory(
        session=dialogue, email=director.email, name="SECRET-NAME", state=InvitationState.SENT
    )
    InvitationFactory(session=dialogue, state=InvitationState.ACCEPTED)
    for state, number in [("sent", 0), ("accepted", 1), ("declined", 0), ("revoked", 0), ("accepted", 1)]:
        invitation.state = state
        invitation.save()
        answer = client.get(path_of(address))
        events = list(read(answer).values())
        assert len(events) == number, state
        assert [secret for secret in SECRETS if secret in plain(answer)] == []
    assert events[0]["DTSTART"].dt == dialogue.starts_at
    assert events[0]["CLASS"] == "PRIVATE"
    assert "LOCATION" not in events[0]
    assert "URL" not in events[0]
    long_ago = {"starts_at": now - timedelta(hours=27), "ends_at": now - timedelta(hours=24)}
    Session.objects.filter(pk=dialogue.pk).update(**long_ago)
    assert read(client.get(path_of(address))) == {}


def test_what_is_for_everyone_shows_all_to_everyone_but_its_link(client):
    SessionFactory(audience=Audience.PUBLIC, place="Plein 1", form=Form.HYBRID, online_link="https://x.example/SECRET")
    answer = client.get("/bijeenkomsten/agenda.ics")
    [event] = read(answer).values()
    assert event["LOCATION"] == "Plein 1"
    assert "SECRET" not in plain(answer)


# What stands in them


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
    session = curation.reopen(session=session, reason="Toch wel.", actor=staff, now=now + timedelta(minutes=1))
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


@pytest.mark.parametrize("kind", ["closed space", "peer space"])
def test_of_a_closed_space_a_feed_tells_the_time_and_only_until_the_end(client, practitioner, address, now, kind):
    secret = {"title": "SECRET-TITLE", "question": "SECRET-ISSUE", "place": "SECRET-PLACE"}
    session = closed_space(kind, **secret, starts_at=now - timedelta(minutes=30))
    RegistrationFactory(session=session, person=practitioner)
    hosted = closed_space(kind, **secret, host=practitioner)
    text = plain(client.get(path_of(address)))
    assert "SECRET" not in text
    assert session.get_absolute_url() not in text
    assert text.count("SUMMARY:Bijeenkomst Netwerk en Leren") == text.count("CLASS:PRIVATE") == 2
    Session.objects.filter(pk=session.pk).update(ends_at=now)
    events = list(Calendar.from_ical(client.get(path_of(address)).content.decode()).walk("VEVENT"))
    assert [str(event["UID"]) for event in events] == [f"{hosted.uid}@{UID_DOMAIN}"]


def test_a_closed_space_that_has_ended_is_not_in_ones_agenda(client, practitioner, now):
    session = closed_space("closed space", title="SECRET-TITLE", starts_at=now - timedelta(days=1))
    RegistrationFactory(session=session, person=practitioner)
    client.force_login(practitioner)
    assert "SECRET" not in client.get("/mijn-agenda/").content.decode()
    Session.objects.filter(pk=session.pk).update(ends_at=now + timedelta(hours=1))
    assert "SECRET" in client.get("/mijn-agenda/").content.decode()


def closed_space(kind, **fields):
    if kind == "closed space":
        return SessionFactory(confidentiality=Confidentiality.CLOSED_SPACE, **fields)
    session = SessionFactory(**fields)
    where = {"learning_line": session.learning_line, "track": session.track}
    session.activity = ActivityFactory(kind=ActivityKind.PEER_SPACE, **where)
    session.save()
    return session


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


# What a program gets that asks each hour


@pytest.fixture(params=["own", "public"])
def feed(request, address, practitioner):
    RegistrationFactory(person=practitioner)
    return path_of(address) if request.param == "own" else "/bijeenkomsten/agenda.ics"


def test_nothing_new_is_a_304_by_digest_and_by_moment(client, feed):
    first = client.get(feed)
    assert first["Content-Type"] == "text/calendar; charset=utf-8"
    for header in ({"if-none-match": first["ETag"]}, {"if-modified-since": first["Last-Modified"]}):
        again = client.get(feed, headers=header)
        assert (again.status_code, again.content) == (304, b"")
        assert again["ETag"] == first["ETag"]
    assert client.get(feed).content == first.content


def test_each_change_is_seen_also_when_two_fall_in_one_second(client, feed, staff, now):
    seen = client.get(feed)
    session = Session.objects.get()
    for place in ("Zaal A", "Zaal B"):
        Session.objects.filter(pk=session.pk).update(title=place, changed_at=now)
        for name, header in (("if-none-match", "ETag"), ("if-modified-since", "Last-Modified")):
            answer = client.get(feed, headers={name: seen[header]})
            assert answer.status_code == 200, name
        seen = client.get(feed)


def test_what_is_gone_is_seen_by_who_asks_by_moment_alone(client, practitioner, address, now):
    row = RegistrationFactory(person=practitioner)
    path = path_of(address)
    seen = client.get(path)
    registrations.cancel(registration=row, actor=practitioner, now=now)
    answer = client.get(path, headers={"if-modified-since": seen["Last-Modified"]})
    assert answer.status_code == 200
    assert read(answer) == {}


def test_head_answers_as_get_without_the_body(client, feed):
    got, head = client.get(feed), client.head(feed)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("ETag", "Last-Modified", "Content-Type", "Cache-Control"):
        assert head[name] == got[name]
    assert client.post(feed).status_code == 405


def test_a_feed_sets_no_cookie_and_stays_out_of_search_engines(client, feed, address):
    answer = client.get(feed)
    assert not answer.cookies
    assert "noindex" in answer["X-Robots-Tag"]
    if address.token in feed:
        assert "private" in answer["Cache-Control"]
        assert answer["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("which", ["own", "public"])
def test_a_feed_asks_at_most_four_queries_however_long_it_is(client, practitioner, address, now, which):
    asked = {}
    for rows in (1, 30):
        while Registration.objects.of(practitioner).count() < rows:
            RegistrationFactory(person=practitioner)
            SessionFactory(host=practitioner)
            InvitationFactory(email=practitioner.email, state=InvitationState.ACCEPTED)
        path = path_of(address) if which == "own" else "/bijeenkomsten/agenda.ics"
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(path)
        assert answer.content.count(b"BEGIN:VEVENT") == rows * (3 if which == "own" else 2)
        asked[rows] = len(captured)
    assert asked == {1: 4, 30: 4} if which == "own" else {1: 1, 30: 1}


@pytest.mark.django_db(transaction=True)
def test_a_public_feed_is_kept_and_never_old(client, django_assert_num_queries):
    session = SessionFactory(title="Oud")
    client.get("/bijeenkomsten/agenda.ics")
    with django_assert_num_queries(0):
        kept = client.get("/bijeenkomsten/agenda.ics", headers={"accept-encoding": "br"})
    assert kept["Content-Encoding"] == "br"
    session.title = "Nieuw"
    session.save()
    assert list(read(client.get("/bijeenkomsten/agenda.ics"))) == ["Nieuw"]


# The address


def test_the_database_alone_gives_no_address_away(address):
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM sessions_app_calendaraddress")
        row = " ".join(map(str, cursor.fetchone()))
    assert address.token not in row
    assert address.token.rpartition(".")[2] not in row


def test_an_address_is_the_same_each_time_it_is_shown(client, address):
    client.force_login(address.person)
    pages = {client.get("/mijn-agenda/abonneren/").content.decode() for _ in range(2)}
    for page in pages:
        assert f"http://localhost:8000/mijn-agenda/{address.token}.ics" in page
        assert f"webcal://localhost:8000/mijn-agenda/{address.token}.ics" in page


def test_a_replaced_an_ended_and_an_unknown_address_answer_alike(client, practitioner, address, now):
    old = path_of(address)
    new = path_of(calendar_addresses.make(person=practitioner, actor=practitioner, now=now))
    assert client.get(new).status_code == 200
    replaced, unknown = client.get(old), client.get("/mijn-agenda/WzEsImFiYyJd.vals.ics")
    assert calendar_addresses.end(person=practitioner, actor=practitioner, now=now)
    assert not calendar_addresses.end(person=practitioner, actor=practitioner, now=now)
    ended = client.get(new)
    for answer in (replaced, unknown, ended):
        assert (answer.status_code, answer.content) == (404, unknown.content)
        assert dict(answer.headers) | {"X-Request-ID": ""} == dict(unknown.headers) | {"X-Request-ID": ""}
    verbs = AuditEntry.objects.filter(verb__startswith="calendar_address").order_by("pk")
    assert [verb.partition(".")[2] for verb in verbs.values_list("verb", flat=True)] == ["made", "replaced", "ended"]


def test_the_address_of_one_person_is_not_that_of_another(client, practitioner, address, director, now):
    RegistrationFactory(person=practitioner)
    other = calendar_addresses.make(person=director, actor=director, now=now)
    signature = address.token.rpartition(".")[2]
    forged = f"{other.token.rpartition('.')[0]}.{signature}"
    assert client.get(f"/mijn-agenda/{forged}.ics").status_code == 404
    assert read(client.get(path_of(other))) == {}


def test_guessing_costs_no_query_and_soon_gets_no_answer(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        answers = [client.get(f"/mijn-agenda/WzEsImFiYyJd.{n:043}.ics") for n in range(GUESSES_A_MINUTE + 5)]
    assert [answer.status_code for answer in answers[:GUESSES_A_MINUTE]] == [404] * GUESSES_A_MINUTE
    assert answers[-1].status_code == 429
    assert 0 < int(answers[-1]["Retry-After"]) <= 60


def test_an_address_that_is_asked_a_hundred_times_a_minute_says_when_to_come_back(client, address, now, time_machine):
    time_machine.move_to(now.replace(second=20), tick=False)
    statuses = [client.get(path_of(address)).status_code for _ in range(100)]
    assert statuses == [200] * REQUESTS_A_MINUTE + [429] * (100 - REQUESTS_A_MINUTE)
    assert client.get(path_of(address))["Retry-After"] == "40"
    time_machine.move_to(now.replace(second=20) + timedelta(seconds=40), tick=False)
    assert client.get(path_of(address)).status_code == 200


def test_a_busy_address_keeps_nobody_else_from_the_own_calendar(client, address, director, now):
    other = calendar_addresses.make(person=director, actor=director, now=now)
    for _ in range(REQUESTS_A_MINUTE + GUESSES_A_MINUTE + 5):
        client.get(path_of(address))
        client.get("/mijn-agenda/vals.ics")
    assert client.get(path_of(other)).status_code == 200


@pytest.mark.parametrize("end", ["closes the account", "may not sign in any more"])
def test_the_address_ends_with_the_account(client, practitioner, functional_administrator, address, now, end):
    if end == "closes the account":
        close_account(person=practitioner, actor=functional_administrator, now=now)
        assert not CalendarAddress.objects.exists()
    else:
        User.objects.filter(pk=practitioner.pk).update(is_active=False)
    assert client.get(path_of(address)).status_code == 404


def test_no_line_of_the_log_holds_the_address(client, address, caplog):
    with caplog.at_level("DEBUG"):
        client.get(path_of(address))
        client.get(f"/mijn-agenda/{address.token}x.ics")
    lines = [record.getMessage() for record in caplog.records]
    assert any("sessions:personal_feed" in line for line in lines)
    assert not any(address.token[:20] in line for line in lines)


# The page


def test_one_makes_replaces_and_ends_the_address_on_the_page(practitioner):
    client = Client(enforce_csrf_checks=False)
    client.force_login(practitioner)
    page = reverse("sessions:subscribe")
    assert ".ics" not in client.get(page).content.decode().split("<main")[1]
    for name in ("make_address", "end_address"):
        assert client.get(reverse(f"sessions:{name}")).status_code == 302
        assert not CalendarAddress.objects.exists()
    client.post(reverse("sessions:make_address"))
    first = CalendarAddress.objects.get().token
    assert first in client.get(page).content.decode()
    client.post(reverse("sessions:make_address"))
    second = CalendarAddress.objects.get().token
    text = client.get(page)
    assert second in text.content.decode()
    assert first not in text.content.decode()
    assert "no-store" in text["Cache-Control"]
    client.post(reverse("sessions:end_address"))
    assert not CalendarAddress.objects.exists()


def test_public_pages_name_their_feed(client, planted):
    for page, feed in zip(
        [
            "/bijeenkomsten/",
            urlsplit(planted[1]).path.removesuffix("agenda.ics"),
            planted[3].removesuffix("agenda.ics"),
        ],
        [planted[0], planted[1], planted[3]],
        strict=True,
    ):
        text = client.get(page).content.decode()
        assert f"webcal://localhost:8000{feed}" in text
        assert client.get(feed).status_code == 200


def test_the_clock_of_a_feed_is_dutch_on_both_sides_of_the_change(client, practitioner, address, now):
    year = now.year + 1
    march = max(
        day for day in (datetime(year, 3, n, 13, 15, tzinfo=now.tzinfo) for n in range(1, 32)) if day.weekday() == 6
    )
    for start in (march - timedelta(days=1), march - timedelta(hours=1)):
        RegistrationFactory(session=SessionFactory(title=f"{start:%j}", starts_at=start), person=practitioner)
    events = read(client.get(path_of(address))).values()
    assert {(event["DTSTART"].dt.hour, event["DTSTART"].dt.minute) for event in events} == {(14, 15)}
