"""The address of one's own calendar: secret, replaced, ended, guessed and asked too often."""

from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse

from core.models import AuditEntry
from members.models import User
from partos_portal.erasure import close_account
from sessions_app.actions import calendar_addresses
from sessions_app.models import CalendarAddress
from sessions_app.views.calendars import GUESSES_A_MINUTE, REQUESTS_A_MINUTE
from tests.factories.sessions import RegistrationFactory
from tests.harness.proving import prove
from tests.sessions_app.feeds.reading import path_of, read

pytestmark = pytest.mark.django_db


def test_the_database_alone_gives_no_address_away(address):
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM sessions_app_calendaraddress")
        row = " ".join(map(str, cursor.fetchone()))
    assert address.token not in row
    assert address.token.rpartition(".")[2] not in row


def test_an_address_is_the_same_each_time_it_is_shown(client, address):
    client.force_login(address.person)
    prove(client)
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
        client.get(reverse("sessions:list"))
    lines = [record.getMessage() for record in caplog.records]
    assert any("sessions:list" in line for line in lines)
    assert not any("personal_feed" in line or address.token[:20] in line for line in lines)
