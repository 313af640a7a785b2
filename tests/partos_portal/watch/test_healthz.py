from datetime import timedelta

import pytest
from django.utils import timezone

from core.models import Heartbeat
from core.tasks import tick
from tests.core.test_outbox import put

pytestmark = pytest.mark.django_db


def test_all_is_well_while_beat_ticks_and_no_mail_waits(client):
    tick()
    response = client.get("/healthz")
    assert response.status_code == 200
    report = response.json()
    assert 0 <= report.pop("beat_age") < 60
    assert report == {"well": True, "database": True, "broker": True, "oldest_unsent_mail": None}


@pytest.mark.parametrize("minutes", [3, 600])
def test_a_beat_that_stopped_is_told(client, minutes):
    Heartbeat.objects.create(name="beat", at=timezone.now() - timedelta(minutes=minutes))
    response = client.get("/healthz")
    assert (response.status_code, response.json()["beat_age"] // 60) == (503, minutes)


@pytest.mark.parametrize("ahead", [timedelta(minutes=1), timedelta(days=1)])
def test_a_beat_in_the_future_is_not_well_and_heals_with_the_next_tick(client, ahead):
    """A clock that was wrong and was set right."""
    Heartbeat.objects.create(name="beat", at=timezone.now() + ahead)
    response = client.get("/healthz")
    assert (response.status_code, response.json()["well"]) == (503, False)
    tick()
    assert client.get("/healthz").status_code == 200


def test_mail_that_waits_too_long_is_told(client):
    tick()
    put(now=timezone.now() - timedelta(minutes=20))
    assert client.get("/healthz").status_code == 503


def test_it_costs_three_queries(client, django_assert_num_queries):
    with django_assert_num_queries(3):
        client.get("/healthz")


def test_one_full_mailbox_is_no_outage(client):
    tick()
    put(now=timezone.now() - timedelta(hours=2), attempts=3, error="452 mailbox full")
    assert client.get("/healthz").status_code == 200
