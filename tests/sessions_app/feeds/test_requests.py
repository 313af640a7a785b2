"""What a program gets that asks for a calendar each hour."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions_app.actions import registrations
from sessions_app.models import Registration, Session
from sessions_app.rules import InvitationState
from tests.factories.sessions import InvitationFactory, RegistrationFactory, SessionFactory
from tests.sessions_app.feeds.reading import path_of, read

pytestmark = pytest.mark.django_db


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
