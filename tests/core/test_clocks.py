"""A clock that was a day ahead and was set right: nothing waits for the moment that it showed."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core.cache import cache

from core import clocks, delivery
from core.models import Heartbeat, MailState, OutgoingMail
from partos_portal.beat import CarefulScheduler
from partos_portal.celery import app
from tests.core.test_outbox import put

DAY = timedelta(days=1)


@pytest.mark.django_db
def test_mail_of_the_wrong_clock_leaves_at_once(smtp_server, now):
    put("queued", now=now + DAY)
    put("tried", now=now, next_attempt_at=now + DAY, attempts=3)
    put("claimed", now=now, state=MailState.SENDING, claimed_at=now + DAY)
    assert delivery.deliver(clock=lambda: now) == 0
    clocks.mend(now=now)
    assert delivery.deliver(clock=lambda: now) == 3
    assert {row.state for row in OutgoingMail.objects.all()} == {MailState.SENT}


@pytest.mark.django_db
def test_mail_that_waits_for_good_reason_goes_on_waiting(now):
    put("pause", now=now, next_attempt_at=now + delivery.BACK_OFF[-1])
    put("undo", now=now, next_attempt_at=now + timedelta(minutes=5))
    put("in hand", now=now, state=MailState.SENDING, claimed_at=now)
    before = list(OutgoingMail.objects.order_by("pk").values())
    clocks.mend(now=now)
    assert list(OutgoingMail.objects.order_by("pk").values()) == before


@pytest.mark.django_db
@pytest.mark.parametrize(("ahead", "is_kept"), [(DAY, False), (timedelta(0), True)])
def test_what_the_cache_counted_in_the_future_is_forgotten(now, ahead, is_kept):
    Heartbeat.objects.create(name="beat", at=now + ahead)
    cache.set("limit", 5)
    clocks.mend(now=now)
    assert (cache.get("limit") == 5) is is_kept


@pytest.fixture
def scheduler(tmp_path, monkeypatch):
    """Beat's own, with a file in a folder of its own and nothing that takes its messages."""

    def start():
        sent = []
        own = CarefulScheduler(app, schedule_filename=str(tmp_path / "schedule"), lazy=True)
        own.apply_async = lambda entry, **_: sent.append(entry.name) or type("Sent", (), {"id": "1"})
        own.setup_schedule()
        own.sent = sent
        return own

    return start


def run(scheduler) -> set[str]:
    """Tick until nothing is due."""
    for _ in range(4 * len(settings.CELERY_BEAT_SCHEDULE)):
        scheduler.tick()
    return set(scheduler.sent)


def shift(scheduler, by: timedelta) -> None:
    for entry in scheduler.schedule.values():
        entry.last_run_at = app.now() + by
    scheduler.sync()


def test_beat_waits_for_nothing_that_its_file_tells_of_the_future(scheduler):
    before = scheduler()
    shift(before, DAY)
    before.close()
    assert run(scheduler()) >= set(settings.CELERY_BEAT_SCHEDULE)


def test_beat_that_runs_while_the_clock_is_set_back_goes_on(scheduler):
    own = scheduler()
    own.tick()
    own.sent.clear()
    shift(own, DAY)
    assert run(own) >= set(settings.CELERY_BEAT_SCHEDULE)
    assert own.max_interval <= 60
    own.close()


def test_beat_does_not_hurry_while_the_clock_is_right(scheduler):
    own = scheduler()
    assert run(own) == set()
    own.close()


@pytest.mark.parametrize("content", [b"", b"torn", b"\x00" * 4096, b"GDBM"])
def test_a_schedule_file_that_a_power_cut_tore_is_thrown_away(scheduler, tmp_path, content):
    own = scheduler()
    own.close()
    for file in tmp_path.glob("schedule*"):
        file.write_bytes(content)
    again = scheduler()
    assert set(settings.CELERY_BEAT_SCHEDULE) <= set(again.schedule)
    again.close()
