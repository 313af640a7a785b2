"""What must never stand in a calendar to subscribe to."""

from datetime import timedelta

import pytest
from icalendar import Calendar

from leerlijnen.rules import ActivityKind
from sessions_app.actions import calendar_addresses
from sessions_app.calendar_file import UID_DOMAIN
from sessions_app.models import Registration, Session
from sessions_app.rules import Audience, Confidentiality, Form, InvitationState
from tests.factories.leerlijnen import ActivityFactory
from tests.factories.sessions import DialogueFactory, InvitationFactory, RegistrationFactory, SessionFactory
from tests.sessions_app.feeds.reading import path_of, plain, read

pytestmark = pytest.mark.django_db
SECRETS = ("SECRET-LINK", "SECRET-PLACE", "SECRET-DIALOGUE", "SECRET-ISSUE", "SECRET-NAME")


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
