"""Pages: signed in, for visitors, and the list when there are many sessions."""

from collections.abc import Callable, Iterator
from statistics import median

import brotli

from script.lib.bench import inside
from script.lib.bench.client import Answers, Clients, get
from script.lib.bench.data import session_key
from script.lib.bench.figures import Figure, at_most, ratio_at_least, ratio_at_most
from script.lib.bench.portal import Bench
from sessions_app.models import Registration

READERS = 8  # people, each with a session of their own, whose pages are asked for in turn


class Measured:
    """The rounds of one figure or one floor."""

    def __init__(self, rounds: list[Answers]):
        for answers in rounds:
            if set(answers.statuses) - {"200", "302", "304"}:
                raise RuntimeError(f"answers of an odd kind: {dict(answers.statuses)}")
        self.per_second = median(answers.per_second for answers in rounds)
        self.p50 = median(answers.percentile(50) for answers in rounds)
        self.p99 = median(answers.percentile(99) for answers in rounds)


def in_turns(rounds: int, *measures: Callable[[], Answers]) -> list[Measured]:
    """Each measure in each round, so that a noisy minute falls on all of them."""
    found = [[measure() for measure in measures] for _ in range(rounds)]
    return [Measured(list(of_one)) for of_one in zip(*found, strict=True)]


def speed(name: str, page: Measured, floor: Measured, least: float) -> Iterator[Figure]:
    yield Figure(name, page.per_second, "requests/s", floor.per_second, ratio_at_least(least))
    yield Figure(f"{name}, p50", page.p50, "ms", floor.p50)
    yield Figure(f"{name}, p99", page.p99, "ms", floor.p99)


def signed_in(bench: Bench, clients: Clients, *, rounds: int, seconds: float) -> Iterator[Figure]:
    """Session page and my agenda, by people who have a seat there."""
    port = bench.web("portal").port
    rows = Registration.objects.confirmed().order_by("session__starts_at", "person").values_list("session", "person")
    readers = [rows[n * 101] for n in range(READERS)]
    for name, path_of in {
        "session page": lambda session: f"/bijeenkomsten/{session}/",
        "my agenda": lambda session: "/mijn-agenda/",
    }.items():
        pages = {f"{name} {n}": (path_of(session), person) for n, (session, person) in enumerate(readers)}
        queries = inside.give_to_floors(pages)
        bench.renew("portal")  # the workers read the floors' statements once
        port = bench.web("portal").port
        requests = [get(path, session=session_key(person)) for path, person in pages.values()]
        bare = [
            get(f"/bench/sql/{key.replace(' ', '%20')}/", session=session_key(person))
            for key, (_, person) in pages.items()
        ]
        for each in (requests, bare):
            clients.keep_asking(port, each, seconds=min(seconds, 1))
        page, floor = in_turns(
            rounds,
            lambda port=port, each=requests: clients.keep_asking(port, each, seconds=seconds),
            lambda port=port, each=bare: clients.keep_asking(port, each, seconds=seconds),
        )
        yield from speed(f"{name}, signed in", page, floor, 0.6)
        yield Figure(f"{name}, signed in, queries", max(queries.values()), "queries", target=at_most(8))


def for_visitors(bench: Bench, clients: Clients, *, rounds: int, seconds: float) -> Iterator[Figure]:
    """The list and the programme, whole, beside the same compressed bytes from the cache."""
    port = bench.web("portal").port
    for name, path in {
        "list of 1,000 sessions, visitor": "/bijeenkomsten/",
        "programme 2026, visitor": "/programma/2026/",
    }.items():
        content = inside.visitor().get(path).content
        inside.keep_bytes(path.split("/")[1], brotli.compress(content, quality=5))
        requests, bare = [get(path)], [get(f"/bench/bytes/{path.split('/')[1]}/")]
        for each in (requests, bare):
            clients.keep_asking(port, each, seconds=min(seconds, 1))
        page, floor = in_turns(
            rounds,
            lambda each=requests: clients.keep_asking(port, each, seconds=seconds),
            lambda each=bare: clients.keep_asking(port, each, seconds=seconds),
        )
        yield from speed(name, page, floor, 0.7)


def long_list(bench: Bench, clients: Clients, *, rounds: int, seconds: float) -> Iterator[Figure]:
    """The list of sessions made anew, at 10,000 beside itself at 30: milliseconds, asked for one at a time."""
    for name, number in {"few": 30, "many": 10_000}.items():
        bench.make_database(name, "sessions", str(number), like="people")
    few, many = bench.web("few").port, bench.web("many").port
    reader = session_key(Registration.objects.earliest("pk").person_id)
    # An address with a query string is never kept, so this is what a visitor's page costs the first time.
    for name, request in {
        "list of 10,000 sessions, signed in": get("/bijeenkomsten/", session=reader),
        "list of 10,000 sessions, visitor, not kept": get("/bijeenkomsten/?periode=komt"),
    }.items():
        for port in (few, many):
            clients.keep_asking(port, [request], seconds=min(seconds, 1))
        at_many, at_few = in_turns(
            rounds,
            lambda request=request: clients.keep_asking(many, [request], seconds=seconds, at_once=2),
            lambda request=request: clients.keep_asking(few, [request], seconds=seconds, at_once=2),
        )
        yield Figure(name, at_many.p50, "ms, p50", at_few.p50, ratio_at_most(1.3))
