"""More workers and beats than one on the same database and broker: nothing is doubled."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.models import Heartbeat, MailState, OutgoingMail
from tests.faults.conftest import a_day_passes, people_with_seats
from tests.harness.crew import BEAT
from tests.harness.waiting import eventually

READERS = 300


@pytest.mark.one_pair
@pytest.mark.servers
def test_two_beats_and_two_workers_send_each_reminder_once(crew, mail_server, counts):
    addresses = people_with_seats(READERS, sessions=6)
    crew.start("worker", "worker2", "beat", "beat2")
    a_day_passes()
    sent = OutgoingMail.objects.filter(state=MailState.SENT)
    eventually(lambda: sent.count() >= READERS, within=60, what="a reminder for each")
    later = timezone.now() + timedelta(seconds=2 * BEAT)  # both go on asking for what has its key already
    eventually(lambda: Heartbeat.objects.filter(at__gt=later).exists(), within=30, what="more strikes of beat")
    assert [name for name, child in crew.children.items() if child.poll() is not None] == []
    readers = [message["To"] for message in mail_server.messages]
    lost = set(addresses) - set(readers)
    counts(taken=len(readers), readers=READERS, doubled=len(readers) - len(set(readers)), lost=len(lost))
    assert sorted(readers) == sorted(addresses)
    assert OutgoingMail.objects.count() == READERS
    assert "Traceback" not in crew.log("worker") + crew.log("worker2")
