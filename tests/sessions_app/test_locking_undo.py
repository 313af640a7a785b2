"""Undo, send-now and a worker at the same moment: a move is taken back whole, or stands and mails all."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from core import delivery
from core.models import Act, AuditEntry, MailState, OutgoingMail
from core.moves import Refused
from sessions_app.actions import planning, undoing
from sessions_app.models import Session
from sessions_app.rules import SessionState
from tests.factories.sessions import SessionFactory
from tests.sessions_app.test_locking_seats import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def done(staff):
    """A session with three people that was cancelled, and the act."""
    session = SessionFactory(registered=3)
    undoing.do(planning.cancel, session=session, reason="Ziek.", name="cancel", actor=staff, now=timezone.now())
    return session, Act.objects.get()


def attempt(action, act, staff, now):
    def tries():
        try:
            action(act=act.pk, actor=staff, now=now)
        except Refused:
            return False
        return True

    return tries


def states():
    return set(OutgoingMail.objects.values_list("state", flat=True))


def test_eight_press_undo_and_it_is_undone_once(staff):
    session, act = done(staff)
    results = at_once(*[attempt(undoing.undo, act, staff, timezone.now())] * 8)
    assert sum(results) == 1
    assert session.registrations.live().count() == 3
    assert AuditEntry.objects.filter(verb="session.undone").count() == 1
    assert states() == {MailState.WITHDRAWN}


def test_undo_and_send_now_at_the_same_moment_leave_one_of_the_two(staff):
    session, act = done(staff)
    now = timezone.now()
    at_once(*[attempt(undoing.undo, act, staff, now), attempt(undoing.send_now, act, staff, now)] * 4)
    delivery.deliver(clock=timezone.now)
    whole(session)


def test_a_worker_that_claims_as_it_is_undone_sends_all_or_nothing(staff):
    for _ in range(3):
        OutgoingMail.objects.all().delete()
        mail.outbox.clear()
        session, act = done(staff)
        moment = act.waits_until
        at_once(
            attempt(undoing.undo, act, staff, moment - timedelta(seconds=1)),  # on a clock that is a little behind
            *[lambda moment=moment: delivery.deliver(clock=lambda: moment)] * 3,
        )
        whole(session)
        Act.objects.all().delete()


def whole(session):
    state = Session.objects.get(pk=session.pk).state
    if state == SessionState.CANCELLED:
        assert states() == {MailState.SENT}
        assert len(mail.outbox) == 3
    else:
        assert session.registrations.live().count() == 3
        assert states() == {MailState.WITHDRAWN}
        assert mail.outbox == []
