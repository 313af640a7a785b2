"""Reminders: one for each step and date, none lost, none doubled (domain.md 4.8)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core import delivery
from core.models import OutgoingMail
from members.models import User
from sessions_app import reminders
from sessions_app.actions import planning, registrations
from sessions_app.models import Session
from sessions_app.rules import RegistrationState, SessionState
from tests.factories.sessions import RegistrationFactory, SessionFactory

pytestmark = pytest.mark.django_db


def session_in(now, **fields):
    """A session that starts after `timedelta(**fields)`, with one person who registered long ago."""
    return SessionFactory(starts_at=now + timedelta(**fields), registered=1)


def keys():
    return sorted(OutgoingMail.objects.values_list("key", flat=True))


@pytest.mark.parametrize(
    ("start", "step"),
    [
        ({"days": 8}, None),
        ({"days": 7, "minutes": 1}, None),
        ({"days": 7}, "T-7d"),
        ({"days": 3}, "T-7d"),  # the worker was down for days: the latest due step goes out
        ({"days": 1, "minutes": 1}, "T-7d"),
        ({"days": 1}, "T-1d"),  # and only the latest
        ({"minutes": 5}, "T-1d"),
        ({"minutes": 0}, None),
        ({"days": -1}, None),
    ],
)
def test_only_the_latest_due_step_goes_out(now, start, step):
    session = session_in(now, **start)
    assert reminders.queue_due(now=now) == (1 if step else 0)
    if step:
        person = session.registrations.get().person
        assert keys() == [f"session:{session.pk}:reminder:{person.pk}:{step}:{session.starts_at:%Y-%m-%dT%H:%MZ}"]


def test_an_account_that_is_off_is_not_reminded(now):
    session = session_in(now, days=6)
    User.objects.filter(pk=session.registrations.get().person_id).update(is_active=False)
    assert reminders.queue_due(now=now) == 0


def test_run_every_minute_for_ten_days_each_step_comes_once(now):
    session_in(now, days=9)
    for minute in range(0, 10 * 24 * 60, 7):
        reminders.queue_due(now=now + timedelta(minutes=minute))
    assert [key.split(":")[4] for key in keys()] == ["T-1d", "T-7d"]


def test_sent_and_asked_again_it_does_not_come_twice(now, smtp_server):
    session_in(now, days=1)
    for _ in range(3):
        reminders.queue_due(now=now)
        delivery.deliver(clock=timezone.now)
    assert len(smtp_server.messages) == 1


@pytest.mark.parametrize("state", [s for s in SessionState if s not in (SessionState.OPEN, SessionState.CLOSED)])
def test_nothing_goes_out_for_a_session_that_is_not_on(now, state):
    session_in(now, days=1)
    Session.objects.update(state=state)
    assert reminders.queue_due(now=now) == 0


@pytest.mark.parametrize("state", [s for s in RegistrationState if s != RegistrationState.CONFIRMED])
def test_only_who_has_a_seat_is_reminded(now, state):
    RegistrationFactory(session=SessionFactory(starts_at=now + timedelta(days=1)), state=state)
    assert reminders.queue_due(now=now) == 0


def test_who_registered_after_the_step_was_just_told_and_is_not_reminded_of_it(now):
    session = SessionFactory(starts_at=now + timedelta(days=3))
    RegistrationFactory(session=session, changed_at=now)
    assert reminders.queue_due(now=now) == 0
    assert reminders.queue_due(now=now + timedelta(days=2)) == 1


def test_who_wants_no_reminders_gets_none(now):
    session = session_in(now, days=1)
    session.registrations.get().person.__class__.objects.update(mail_choices={"reminders": "none"})
    assert reminders.queue_due(now=now) == 0


def test_cancelling_takes_the_waiting_reminder_back(now):
    session = session_in(now, days=1)
    reminders.queue_due(now=now)
    registration = session.registrations.get()
    registrations.cancel(registration=registration, actor=registration.person, now=now)
    states = dict(OutgoingMail.objects.values_list("kind", "state"))
    assert states == {"sessions_app.reminder": "withdrawn", "sessions_app.registration_cancelled": "queued"}


def test_a_reminder_is_of_no_use_once_the_session_has_started(now, smtp_server):
    session = session_in(now, minutes=30)
    reminders.queue_due(now=now)
    delivery.deliver(clock=lambda: session.starts_at)
    assert smtp_server.messages == []


@pytest.mark.parametrize("rows", [1, 30])
def test_looking_for_what_is_due_costs_the_same_for_many(now, rows, django_assert_num_queries):
    SessionFactory(starts_at=now + timedelta(days=1), registered=rows)
    reminders.queue_due(now=now)
    with django_assert_num_queries(3):
        reminders.queue_due(now=now)


def test_registration_closes_by_itself_at_the_deadline_and_not_before(now):
    session = SessionFactory(registration_deadline=now)
    other = SessionFactory()
    assert planning.close_past_deadline(now=now - timedelta(seconds=1)) == 0
    assert planning.close_past_deadline(now=now) == 1
    assert planning.close_past_deadline(now=now) == 0
    assert [s.state for s in (session, other) if not s.refresh_from_db()] == [SessionState.CLOSED, SessionState.OPEN]


def test_every_task_that_beat_names_exists():
    from partos_portal.celery import app

    app.loader.import_default_modules()
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)


def test_what_was_cancelled_between_looking_and_writing_is_not_reminded_of(now):
    session = session_in(now, days=1)
    assert [step for _row, step in reminders.missing(now=now)] == ["T-1d"]
    Session.objects.update(state=SessionState.CANCELLED)
    assert reminders.queue_due_of([session.pk], now=now) == 0
