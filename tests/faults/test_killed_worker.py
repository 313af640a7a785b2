"""kill -9 for the worker while it writes and sends reminders: each reader gets hers, whatever the moment."""

import asyncio
import random
from collections.abc import Callable

import pytest

from core.models import MailState, OutgoingMail
from tests.faults.conftest import a_day_passes, people_with_seats
from tests.harness.waiting import eventually

SEED = 20261015
IN_HAND = 2  # mails that one killed worker can have in hand at most: its pool has two processes


@pytest.mark.parametrize(
    ("readers", "kills"), [(500, 3), pytest.param(2000, 30, marks=[pytest.mark.long, pytest.mark.timeout(600)])]
)
def test_every_reader_gets_the_reminder_however_often_the_worker_is_killed(crew, mail_server, counts, readers, kills):
    addresses = people_with_seats(readers, sessions=readers // 50)
    moments = Moments(random.Random(SEED), kills=kills, mails=readers, kill=lambda: crew.kill("worker"))
    mail_server.on_mail = moments.strike
    crew.start("worker", "beat")
    a_day_passes()
    eventually(lambda: OutgoingMail.objects.count() >= moments.written, within=60, what="reminders in the outbox")
    crew.kill("worker")  # at the first moment it is still writing them

    def all_is_sent() -> bool:
        moments.armed |= crew.revive()
        return not moments.ahead and OutgoingMail.objects.filter(state=MailState.SENT).count() == readers

    eventually(all_is_sent, within=readers / 10 + kills * 15, what=f"{readers} mails sent, {moments.ahead} to come")
    copies = mail_server.copies()
    extra = sum(copies.values()) - len(copies)
    lost = set(addresses) - {message["To"] for message in mail_server.messages}
    counts(
        seed=SEED, kills=crew.starts["worker"] - 1, taken=sum(copies.values()), readers=len(addresses), doubled=extra,
        lost=len(lost),
    )  # fmt: skip
    assert not lost
    # One Message-ID a reader: a second copy is the same mail, and mail programs can tell.
    assert len(copies) == OutgoingMail.objects.count() == readers
    assert crew.starts["worker"] - 1 == kills
    assert extra <= kills * IN_HAND
    assert {key for key, number in copies.items() if number - 1 > mail_server.unanswered[key]} == set()
    assert "Traceback" not in crew.log("beat")


class Moments:
    """When the worker dies, drawn by lot: first while it writes, then by the number of the mail that it offers.

    Of each of those also by lot: before the server has taken the mail, when it has and has not answered, or within
    a few thousandths of a second after its answer.
    """

    def __init__(self, lot: random.Random, *, kills: int, mails: int, kill: Callable[[], None]):
        self.written = lot.randrange(1, mails)
        numbers = sorted(lot.sample(range(1, mails), kills - 1))
        self.ahead = [(number, lot.choice(["offered", "taken", "answered"]), lot.random() / 50) for number in numbers]
        self.armed = False  # one kill for each worker
        self.kill = kill

    def strike(self, number: int, kept: bool) -> None:
        """Kill when this is the moment; called by the mail server."""
        if not self.armed or not self.ahead or number < self.ahead[0][0]:
            return
        _number, when, delay = self.ahead[0]
        if (when == "offered") == kept:
            return
        del self.ahead[0]
        self.armed = False
        if when == "answered":
            asyncio.get_running_loop().call_later(delay, self.kill)
        else:
            self.kill()
