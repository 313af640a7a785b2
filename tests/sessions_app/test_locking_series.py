"""Many register for a whole series and for its dates at once: no seat is given twice, nobody is lost, nothing hangs."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.models import OutgoingMail
from members.models import User
from sessions_app.actions import series_registrations
from sessions_app.models import Registration, Series
from sessions_app.rules import Form, RegistrationState
from tests.factories.sessions import SeriesFactory, SessionFactory
from tests.sessions_app.test_locking_registrations import all_at_once, crowd, register

pytestmark = pytest.mark.django_db(transaction=True)
DATES, PEOPLE = 4, 16


def a_series(capacity):
    one = SeriesFactory()
    # The lowest key has the latest date: locks go by key, whatever the order of the dates.
    for number in range(DATES):
        SessionFactory(series=one, capacity=capacity, starts_at=timezone.now() + timedelta(days=90 - 7 * number))
    return one


def register_for_all(one, person_pk):
    person = User.objects.get(pk=person_pk)
    return series_registrations.register(
        series=Series(pk=one.pk),
        person=person,
        organisation=person.affiliations.get().organisation,
        form=Form.ON_SITE,
        actor=person,
        now=timezone.now(),
    )


def assert_seats(one, seats, people):
    for session in one.sessions.all():
        rows = list(session.registrations.all())
        assert len({row.person_id for row in rows}) == len(rows) == people
        assert [row.state for row in rows].count(RegistrationState.CONFIRMED) == seats


def test_all_want_the_last_seat_of_every_date():
    one = a_series(capacity=1)
    people = crowd(PEOPLE)
    all_at_once(lambda person: register_for_all(one, person.pk), people)
    assert_seats(one, 1, PEOPLE)
    assert OutgoingMail.objects.count() == PEOPLE
    # Whoever was first has the seat at every date: a series is taken whole, not date by date.
    won = Registration.objects.filter(state=RegistrationState.CONFIRMED).values_list("person", flat=True)
    assert len(set(won)) == 1


def test_whole_registrations_single_ones_and_cancelling_at_once():
    one = a_series(capacity=3)
    people = crowd(PEOPLE)
    early = people[:4]
    for person in early:
        register_for_all(one, person.pk)
    sessions = list(one.sessions.order_by("-pk").values_list("pk", flat=True))
    work = [("cancel", person, None) for person in early]
    work += [("all", person, None) for person in people[4:10]]
    work += [("one", person, pk) for person in people[10:] for pk in sessions]
    work += [("all", person, None) for person in people[4:10]]  # each twice

    def act(item):
        what, person, pk = item
        if what == "all":
            return register_for_all(one, person.pk)
        if what == "one":
            return register(pk, person.pk)
        return series_registrations.cancel(series=one, person=person, actor=person, now=timezone.now())

    all_at_once(act, work)
    for session in one.sessions.all():
        live = session.registrations.live()
        assert live.count() == PEOPLE - len(early)
        assert live.holding_seat().count() == 3
