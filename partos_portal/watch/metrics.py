"""Numbers for Prometheus: requests and tasks as they were counted, mail and beat as the database has them now.

Labels are names of URLs and tasks, methods and outcomes: nothing that points at a person or a row.

Counting needs METRICS_TOKEN. The processes of one machine then write to files in VAR_DIR/metrics, and any of its web
workers tells the sum. Each process has a number that is free, so that a worker which comes in another's place counts
on in its files: there are never more of them than processes at one time.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count, Min
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, CollectorRegistry, Counter, Histogram, generate_latest, values
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from core import clocks
from core.models import Heartbeat, MailState, OutgoingMail

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
MOST_PROCESSES = 200
FILE_SIZE = 2 * 1024 * 1024  # bytes; every URL with all its buckets fits


class Numbers:
    """Gives each process a number that no other of this machine has while it lives."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.process = 0
        self.number = -1
        self.held: IO[str] | None = None

    def __call__(self) -> int:
        if self.process != os.getpid():  # a new process, or one that was forked off
            self.number, self.held = self.take()
            self.process = os.getpid()
        return self.number

    def take(self) -> tuple[int, IO[str]]:
        """Raises OSError when there is none left, or no room for its files."""
        for number in range(MOST_PROCESSES):
            with contextlib.suppress(OSError):
                lock = (self.folder / f"{number}.lock").open("w")
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self.make_room(number)
                return number, lock
        raise OSError(f"no process can count in {self.folder}")

    def make_room(self, number: int) -> None:
        """The client maps these files into memory: a disk that turns out full later would kill the process."""
        for kind in ("counter", "histogram"):
            with (self.folder / f"{kind}_{number}.db").open("ab") as file:
                os.posix_fallocate(file.fileno(), 0, FILE_SIZE)


def share(folder: Path) -> bool:
    """Count in files of this folder from now on; False when that cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        values.ValueClass = values.MultiProcessValue(Numbers(folder))
    except OSError:
        return False
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)  # where the client looks
    return True


FOLDER = settings.VAR_DIR / "metrics"
SHARED = bool(settings.METRICS_TOKEN) and share(FOLDER)
OWN = CollectorRegistry()
requests = Counter("portal_requests", "Requests answered", ["route", "method", "status"], registry=OWN)
latency = Histogram("portal_request_seconds", "Time to answer", ["route"], buckets=SECONDS, registry=OWN)
tasks = Counter("portal_tasks", "Tasks that ended", ["task", "outcome"], registry=OWN)
task_time = Histogram("portal_task_seconds", "Time that tasks took", ["task"], buckets=SECONDS, registry=OWN)


def method_of(request) -> str:
    """The method, of those that there are: anyone can make up another."""
    return request.method if request.method in METHODS else "other"


def count_request(*, method: str, route: str, status: int, seconds: float) -> None:
    if settings.METRICS_TOKEN:
        with contextlib.suppress(OSError):  # a full disk costs a number and no page
            requests.labels(route, method, f"{status // 100}xx").inc()
            latency.labels(route).observe(seconds)


def count_task(*, task: str, outcome: str, seconds: float) -> None:
    if settings.METRICS_TOKEN:
        with contextlib.suppress(OSError):
            tasks.labels(task, outcome).inc()
            task_time.labels(task).observe(seconds)


class FromDatabase(Collector):
    """Mail and beat, asked for as Prometheus asks us."""

    def __init__(self, now: datetime):
        self.now = now

    def collect(self) -> Iterator[Metric]:
        mails = GaugeMetricFamily("portal_mails", "Outgoing mail by state", labels=["state"])
        found = dict(OutgoingMail.objects.order_by().values_list("state").annotate(Count("pk")))
        for state in MailState.values:
            mails.add_metric([state], found.get(state, 0))
        yield mails

        lease = timedelta(seconds=settings.MAIL_LEASE_SECONDS)
        due = OutgoingMail.objects.claimable(self.now, lease).order_by().aggregate(at=Min("next_attempt_at"))["at"]
        yield GaugeMetricFamily(
            "portal_oldest_due_mail_seconds",
            "How long the mail that waits longest has been due; 0 when none is",
            value=(self.now - due).total_seconds() if due else 0,
        )

        beat = Heartbeat.objects.filter(name="beat").first()
        ago = GaugeMetricFamily(
            "portal_beat_seconds", "Time since beat ticked; absent when it never did, or did in the future"
        )
        if beat and not clocks.is_ahead(beat.at, self.now):
            ago.add_metric([], (self.now - beat.at).total_seconds())
        yield ago


def page(*, now: datetime) -> bytes:
    """All numbers in Prometheus' text format; without those of the database while it does not answer."""
    counted: Collector = MultiProcessCollector(None, path=str(FOLDER)) if SHARED else OWN
    told = generate_latest(counted)
    with contextlib.suppress(DatabaseError):
        told += generate_latest(FromDatabase(now))
    return told
