"""A mail server that refuses, is busy, hangs, drops the line and goes away, with real workers sending to it."""

import pytest
from django.utils import timezone

from core import refusals
from core.models import MailState, OutgoingMail
from tests.faults.conftest import a_day_passes, a_minute_passes, people_with_seats
from tests.harness.waiting import eventually

pytestmark = [pytest.mark.one_pair, pytest.mark.servers]
READERS = 40


def states() -> dict[str, int]:
    found = list(OutgoingMail.objects.values_list("state", flat=True))
    return {state: found.count(state) for state in set(found)}


def put_back() -> int:
    """The number of mails that were tried, or were about to be, and wait for better times."""
    return OutgoingMail.objects.filter(state=MailState.QUEUED).exclude(error="").count()


def errors() -> set[str]:
    return {error.partition(":")[0] for error in OutgoingMail.objects.values_list("error", flat=True) if error}


def test_a_server_that_misbehaves_in_every_way_costs_nobody_a_mail(crew, mail_server, counts):
    addresses = people_with_seats(READERS, sessions=2)
    wrong = set(addresses[:3])
    crew.start("worker", "beat")

    mail_server.go_away()
    a_day_passes()
    eventually(lambda: put_back() == READERS, within=30, what="mails that wait for the server")
    assert errors() == {"ConnectionRefusedError"}
    assert not OutgoingMail.objects.exclude(attempts=0).exists()  # nobody was tried, so it costs no attempt
    mail_server.come_back()

    mail_server.busy = True
    a_minute_passes()
    eventually(lambda: OutgoingMail.objects.filter(attempts=1).count() == READERS, within=30, what="451 for each")
    assert errors() == {"SMTPDataError"}
    assert states() == {"queued": READERS}
    mail_server.busy = False

    mail_server.stalled = True
    a_minute_passes()
    eventually(lambda: mail_server.waiting, within=30, what="a worker that waits for an answer")
    eventually(lambda: put_back() == READERS, within=30, what="a worker that gave up waiting")
    assert "SMTPServerDisconnected" in errors() or "TimeoutError" in errors(), errors()
    mail_server.stalled = False
    eventually(lambda: not mail_server.waiting, within=10, what="the end of the stall")

    mail_server.silent = True
    a_minute_passes()
    eventually(lambda: mail_server.messages, within=30, what="a mail whose answer is lost")
    eventually(lambda: put_back() == READERS, within=30, what="a worker that lost the line")
    mail_server.silent = False

    mail_server.refused = wrong
    a_minute_passes()
    eventually(lambda: states() == {"sent": READERS - 3, "held": 3}, within=30, what="all but who is refused")
    held = OutgoingMail.objects.filter(state=MailState.HELD)
    assert set(held.values_list("to", flat=True)) == wrong
    assert all("550" in error for error in held.values_list("error", flat=True))  # what staff read in the admin

    mail_server.refused = set()
    for address in wrong:
        refusals.lift(address, now=timezone.now())
    eventually(lambda: states() == {"sent": READERS}, within=30, what="what was held, sent again")

    copies = mail_server.copies()
    lost = set(addresses) - {message["To"] for message in mail_server.messages}
    doubled = sum(copies.values()) - len(copies)
    counts(taken=sum(copies.values()), readers=READERS, doubled=doubled, lost=len(lost))
    assert not lost
    assert len(copies) == READERS
    assert {key for key, number in copies.items() if number - 1 > mail_server.unanswered[key]} == set()
    assert "Traceback" not in crew.log("worker")
    assert not any(address in crew.log("worker") for address in addresses)
