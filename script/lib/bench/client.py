"""The load: processes that send requests over sockets and count the answers.

Plain sockets, because a client shares the two cores with what it measures. One connection a request: gunicorn's sync
workers end each connection after their answer.
"""

import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import cycle, takewhile
from multiprocessing import get_context
from statistics import quantiles

PROCESSES = 2
AT_ONCE = 4  # requests under way, unless told otherwise
PATIENCE = 60  # seconds for one answer
HEAD_START = 0.2  # seconds that all processes have to get ready in
GREETING = {"Host": "portal.example", "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"}


@dataclass
class Answers:
    """When they were asked for and came, in seconds of the monotonic clock, and their status."""

    begun: float = float("inf")
    ended: float = 0.0
    waited: list[float] = field(default_factory=list)
    statuses: Counter = field(default_factory=Counter)

    def add(self, begun: float, status: str) -> None:
        now = time.monotonic()
        self.begun, self.ended = min(self.begun, begun), max(self.ended, now)
        self.waited.append(now - begun)
        self.statuses[status] += 1

    def join(self, other: "Answers") -> None:
        self.begun, self.ended = min(self.begun, other.begun), max(self.ended, other.ended)
        self.waited += other.waited
        self.statuses += other.statuses

    @property
    def per_second(self) -> float:
        return len(self.waited) / (self.ended - self.begun)

    def percentile(self, number: int) -> float:
        """Milliseconds within which this share of the answers came."""
        return quantiles(self.waited, n=100)[number - 1] * 1000


def get(path: str, *, session: str = "", **headers: str) -> bytes:
    cookies = {"Cookie": f"__Host-sessionid={session}"} if session else {}
    return write(f"GET {path} HTTP/1.1", {**GREETING, "Accept-Encoding": "gzip, br", **cookies, **headers})


def post(path: str, body: bytes, *, session: str, csrf: str) -> bytes:
    headers = {
        **GREETING,
        "Cookie": f"__Host-sessionid={session}; __Host-csrftoken={csrf}",
        "Referer": f"https://portal.example{path}",
        "Content-Type": "application/x-www-form-urlencoded",
        "Content-Length": str(len(body)),
    }
    return write(f"POST {path} HTTP/1.1", headers) + body


def write(first: str, headers: dict[str, str]) -> bytes:
    lines = [first, *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode()


class Clients:
    """Processes that wait for work, so that their start costs no figure anything."""

    def __enter__(self) -> "Clients":
        self.pool = ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn"))
        list(self.pool.map(time.sleep, [0.5] * PROCESSES))
        return self

    def __exit__(self, *_) -> None:
        self.pool.shutdown()

    def keep_asking(self, port: int, requests: Sequence[bytes], *, seconds: float, at_once: int = AT_ONCE) -> Answers:
        """Send the requests round and round; each asks anew as soon as it has its answer."""
        return self._all(port, [list(requests)] * PROCESSES, seconds=seconds, at_once=at_once)

    def ask_each(self, port: int, requests: Sequence[bytes], *, at_once: int = AT_ONCE) -> Answers:
        """Send every request once."""
        shares = [list(requests[number::PROCESSES]) for number in range(PROCESSES)]
        return self._all(port, shares, seconds=None, at_once=at_once)

    def _all(self, port: int, shares: list[list[bytes]], *, seconds: float | None, at_once: int) -> Answers:
        begin, threads = time.monotonic() + HEAD_START, max(1, at_once // PROCESSES)
        futures = [self.pool.submit(drive, port, share, begin, seconds, threads) for share in shares]
        answers = Answers()
        for future in futures:
            answers.join(future.result())
        return answers


def drive(port: int, requests: list[bytes], begin: float, seconds: float | None, threads: int) -> Answers:
    """The work of one process."""
    turns: Iterator[bytes] = iter(requests)
    if seconds is not None:
        turns = takewhile(lambda _: time.monotonic() < begin + seconds, cycle(requests))
    lock, answers = threading.Lock(), Answers()

    def work() -> None:
        while True:
            with lock:
                request = next(turns, None)
            if request is None:
                return
            begun = time.monotonic()
            status = ask(port, request)
            with lock:
                answers.add(begun, status)

    time.sleep(max(0.0, begin - time.monotonic()))
    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return answers


def ask(port: int, request: bytes) -> str:
    """Send one request and read the answer to its end; gives the status, or what went wrong."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
            connection.sendall(request)
            head = connection.recv(65536)
            while connection.recv(262144):
                pass
    except OSError as error:
        return type(error).__name__
    return head[9:12].decode() or "nothing"
