"""Two hosts at the door, each with a phone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.models import AuditEntry
from members.models import User
from sessions_app.actions import attendance
from sessions_app.models import Registration, Session
from sessions_app.rules import RegistrationState, SessionState
from tests.factories.sessions import SessionFactory
from tests.sessions_app.test_locking_registrations import all_at_once

pytestmark = pytest.mark.django_db(transaction=True)
R = RegistrationState


def on_now(host, **fields):
    return SessionFactory(
        state=SessionState.CLOSED, starts_at=timezone.now() - timedelta(minutes=5), host=host, **fields
    )


def tap(row, host, state=R.ATTENDED):
    return attendance.note(
        registration=Registration(pk=row.pk, session_id=row.session_id), state=state,
        actor=User.objects.get(pk=host.pk), now=timezone.now(),
    )  # fmt: skip


def test_ten_taps_on_one_name_note_it_once(host):
    row = on_now(host, registered=1).registrations.get()
    all_at_once(lambda _: tap(row, host), range(10))
    row.refresh_from_db()
    assert row.state == R.ATTENDED
    assert AuditEntry.objects.count() == 1


def test_who_is_ticked_while_another_says_that_the_rest_was_not_there_is_lost_in_neither(host):
    session = on_now(host, registered=10)
    rows = list(session.registrations.order_by("pk"))

    def act(thing):
        if isinstance(thing, Registration):
            return tap(thing, host)
        actor = User.objects.get(pk=host.pk)
        return attendance.note_rest_absent(session=thing, actor=actor, now=timezone.now())

    all_at_once(act, [*rows[:5], Session(pk=session.pk)])
    states = dict(session.registrations.values_list("pk", "state"))
    assert [states[row.pk] for row in rows] == ["attended"] * 5 + ["no_show"] * 5
