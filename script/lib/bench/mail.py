"""Reminders: writing 10,000 of them to the outbox, and sending them."""

import time
from collections.abc import Iterator
from statistics import median

from django.core.mail import get_connection
from django.db import connection, transaction

from core import delivery
from core.models import MailState, OutgoingMail
from core.tasks import deliver_mail
from script.lib.bench import inside
from script.lib.bench.client import Clients
from script.lib.bench.figures import Figure, at_most, ratio_at_least
from script.lib.bench.portal import Bench
from sessions_app.tasks import queue_reminders

PATIENCE = 300.0
WAKE_UPS = 2  # as many as the worker has processes; queueing wakes it oftener


def empty_outbox() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE core_outgoingmail")


def copies(rows: list[OutgoingMail]) -> list[OutgoingMail]:
    for row in rows:
        row.pk = None
        row._state.adding = True
    return rows


def timed(work) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def queueing(bench: Bench, clients: Clients, *, rounds: int, seconds: float) -> Iterator[Figure]:
    """The task that finds and writes what is due, called here, beside one insert of the same rows."""
    empty_outbox()
    with inside.asked() as statements:
        queue_reminders()
    rows = list(OutgoingMail.objects.order_by("pk"))
    number = len(rows)

    def write() -> float:
        empty_outbox()
        return timed(queue_reminders)

    def insert() -> float:
        empty_outbox()
        prepared = copies(rows)
        with transaction.atomic():
            return timed(lambda: OutgoingMail.objects.bulk_create(prepared))

    took = [(write(), insert()) for _ in range(rounds)]
    if OutgoingMail.objects.count() != number:
        raise RuntimeError("not every round wrote as many reminders")
    ours, floor = (median(column) for column in zip(*took, strict=True))
    yield Figure(f"queueing {number:,} reminders", number / ours, "rows/s", number / floor, ratio_at_least(0.1))
    yield Figure("queueing, queries per 1,000", len(statements) * 1000 / number, "queries", target=at_most(20))


def delivery_figures(bench: Bench, clients: Clients, *, rounds: int, seconds: float) -> Iterator[Figure]:
    """A Celery worker with two processes, from its waking to the last mail, beside one connection of Django's own."""
    empty_outbox()
    queue_reminders()
    rows = list(OutgoingMail.objects.order_by("pk"))
    number = len(rows)
    clear_wake_ups()
    ours, floor = [], []
    with bench.worker("portal") as worker:
        for _ in range(rounds):
            ours.append(deliver_with(worker, copies(rows)))
            floor.append(timed(lambda: send(rows)))
        bench.note_worker(worker)
    yield Figure(
        f"delivering {number:,} reminders",
        number / median(ours),
        "mails/s",
        number / median(floor),
        ratio_at_least(0.6),
    )


def clear_wake_ups() -> None:
    from partos_portal.celery import app

    with app.connection_for_write() as broker:
        app.amqp.queues["celery"].bind(broker.default_channel).purge()


def deliver_with(worker, rows: list[OutgoingMail]) -> float:
    empty_outbox()
    for start in range(0, len(rows), 2000):
        OutgoingMail.objects.bulk_create(rows[start : start + 2000])
    begun = time.perf_counter()
    for _ in range(WAKE_UPS):
        deliver_mail.apply_async()
    while OutgoingMail.objects.unsent().exists():
        if worker.poll() is not None or time.perf_counter() - begun > PATIENCE:
            raise RuntimeError(f"{OutgoingMail.objects.unsent().count()} mails were not sent")
        time.sleep(0.1)
    took = time.perf_counter() - begun
    if OutgoingMail.objects.filter(state=MailState.SENT).count() != len(rows):
        raise RuntimeError("not every mail was sent")
    return took


def send(rows: list[OutgoingMail]) -> None:
    """Over one connection, with nothing written down."""
    server = get_connection()
    messages = [delivery.message(row, server) for row in rows]
    if server.send_messages(messages) != len(rows):
        raise RuntimeError("the sink refused mail")
