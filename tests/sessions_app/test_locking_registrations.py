"""Many want the last seat at once: one gets it, the others stand in line in order, nobody is lost."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from core.models import OutgoingMail
from members.models import User
from sessions_app.actions import registrations
from sessions_app.models import Registration, Session
from sessions_app.rules import Form, RegistrationState
from tests.factories.members import AffiliationFactory, OrganisationFactory
from tests.factories.sessions import SessionFactory

pytestmark = pytest.mark.django_db(transaction=True)
THREADS, PROCESSES = 50, 4


def crowd(number):
    organisation = OrganisationFactory()
    return [AffiliationFactory(organisation=organisation).person for _ in range(number)]


def all_at_once(work, arguments):
    """Run `work` for each argument in a thread of its own, all starting together; an error fails the test."""
    start = Barrier(len(arguments))

    def run(argument):
        start.wait()
        try:
            return work(argument)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(arguments)) as pool:
        return list(pool.map(run, arguments))


def register(session_pk, person_pk):
    person = User.objects.get(pk=person_pk)
    return registrations.register(
        session=Session(pk=session_pk),
        person=person,
        organisation=person.affiliations.get().organisation,
        form=Form.ON_SITE,
        actor=person,
        now=timezone.now(),
    )


def assert_one_won_and_nobody_is_lost(session, people, *, seats=1):
    rows = list(session.registrations.order_by("pk"))
    assert {row.person_id for row in rows} == {person.pk for person in people}
    assert len(rows) == len(people)
    states = [row.state for row in rows]
    assert states.count(RegistrationState.CONFIRMED) == seats
    assert states.count(RegistrationState.WAITLISTED) == len(people) - seats
    # Whoever came first under the lock has the seat; the rest wait in the order in which they came.
    assert states[:seats] == [RegistrationState.CONFIRMED] * seats
    assert OutgoingMail.objects.count() == len(people)


def test_fifty_threads_want_the_last_seat():
    session = SessionFactory(capacity=1)
    people = crowd(THREADS)
    all_at_once(lambda person: register(session.pk, person.pk), people)
    assert_one_won_and_nobody_is_lost(session, people)


CONTENDER = """
import json, sys
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
django.setup()
from tests.sessions_app.test_locking_registrations import all_at_once, register
session, people = json.loads(sys.argv[2])
all_at_once(lambda person: register(session, person), people)
"""


def test_four_processes_want_the_last_seat():
    session = SessionFactory(capacity=1)
    people = crowd(PROCESSES * 13)
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    contenders = [
        subprocess.Popen(
            [
                sys.executable, "-c", CONTENDER, str(connection.settings_dict["NAME"]),
                json.dumps([session.pk, [person.pk for person in people[part::PROCESSES]]]),
            ],
            env=env,
        )
        for part in range(PROCESSES)
    ]  # fmt: skip
    assert [contender.wait(timeout=120) for contender in contenders] == [0] * PROCESSES
    assert_one_won_and_nobody_is_lost(session, people)


def test_one_person_clicking_twenty_times_gets_one_registration_and_one_mail():
    session = SessionFactory()
    [person] = crowd(1)
    rows = all_at_once(lambda _: register(session.pk, person.pk), range(20))
    assert {row.pk for row in rows} == {Registration.objects.get().pk}
    assert OutgoingMail.objects.count() == 1


def test_ten_cancel_while_ten_register_and_the_seats_stay_full():
    session = SessionFactory(capacity=10)
    holders, newcomers = crowd(10), crowd(10)
    for person in holders:
        register(session.pk, person.pk)
    leaving = list(session.registrations.confirmed().select_related("person"))

    def act(thing):
        if isinstance(thing, Registration):
            return registrations.cancel(registration=thing, actor=thing.person, now=timezone.now())
        return register(session.pk, thing.pk)

    all_at_once(act, [*leaving, *newcomers])
    assert session.registrations.holding_seat().count() == 10
    assert session.registrations.waiting().count() == 0
    assert set(session.registrations.holding_seat().values_list("person", flat=True)) == {p.pk for p in newcomers}
