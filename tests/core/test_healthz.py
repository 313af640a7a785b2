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
    assert response.json() == {
        "well": True, "database": True, "broker": True, "beat_age": 0, "oldest_unsent_mail": None,
    }  # fmt: skip


@pytest.mark.parametrize("minutes", [3, 600])
def test_a_beat_that_stopped_is_told(client, minutes):
    Heartbeat.objects.create(name="beat", at=timezone.now() - timedelta(minutes=minutes))
    response = client.get("/healthz")
    assert (response.status_code, response.json()["beat_age"] // 60) == (503, minutes)


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
