"""Registrations over HTTP, signed in and with their CSRF word: into one session, over many, and for too few seats."""

from collections.abc import Iterator

from script.lib.bench import inside
from script.lib.bench.client import Clients, post
from script.lib.bench.data import DUE, session_key
from script.lib.bench.figures import Figure, at_most, exactly, ratio_at_least
from script.lib.bench.pages import in_turns
from script.lib.bench.portal import Bench
from sessions_app.models import Registration, Session
from sessions_app.rules import RegistrationState

SPREAD = 100  # sessions
SEATS, WANTED = 30, 200
RUSH = 20  # of those at the same moment


def registration(session: int, person: int, *, bare: bool = False) -> bytes:
    cookie, word = inside.csrf()
    path = f"/bench/registration/{session}/" if bare else f"/bijeenkomsten/{session}/aanmelden/"
    body = f"csrfmiddlewaretoken={word}&function=adviseur&needs_language=".encode()
    return post(path, body, session=session_key(person), csrf=cookie)


def measure(bench: Bench, clients: Clients, *, rounds: int, seconds: float) -> Iterator[Figure]:
    """`seconds` sets how many register a round: 200 for each."""
    port = bench.web("portal").port
    each = int(200 * seconds)
    people = list(Registration.objects.order_by("person").values_list("person", flat=True).distinct())
    inside.warm_sessions(people[:each])
    empty = iter(list(Session.objects.order_by("pk").values_list("pk", flat=True)[DUE : DUE + 4 * SPREAD]))
    hot = {bare: iter([next(empty) for _ in range(rounds + 1)]) for bare in (False, True)}
    spread = [next(empty) for _ in range(SPREAD)]
    turns = {False: 0, True: 0}

    def into_one(bare: bool):
        session = next(hot[bare])
        return clients.ask_each(port, [registration(session, person, bare=bare) for person in people[:each]])

    def over_many(bare: bool):
        turns[bare] += 1  # another session for each of the people
        wishes = [(spread[(n + turns[bare]) % SPREAD], person) for n, person in enumerate(people[:each])]
        return clients.ask_each(port, [registration(session, person, bare=bare) for session, person in wishes])

    before = Registration.objects.count()
    for name, measured in {"one session": into_one, "over 100 sessions": over_many}.items():
        for bare in (False, True):
            measured(bare)  # to get warm
        real, floor = in_turns(rounds, lambda m=measured: m(False), lambda m=measured: m(True))
        yield Figure(
            f"registrations, {name}", real.per_second, "registrations/s", floor.per_second, ratio_at_least(0.3)
        )
        yield Figure(f"registrations, {name}, p50", real.p50, "ms", floor.p50)
        yield Figure(f"registrations, {name}, p99", real.p99, "ms", floor.p99)
    accepted = Registration.objects.count() - before
    yield Figure("registrations lost", 2 * (rounds + 1) * each - accepted, "registrations", target=exactly(0))
    yield from too_few_seats(port, clients, next(empty), people)
    yield Figure("registration, queries", queries(next(empty), people[0]), "queries", target=at_most(12))


def too_few_seats(port: int, clients: Clients, session: int, people: list[int]) -> Iterator[Figure]:
    Session.objects.filter(pk=session).update(capacity=SEATS)
    answers = clients.ask_each(port, [registration(session, p) for p in people[:WANTED]], at_once=RUSH)
    rows = Registration.objects.filter(session=session)
    held = rows.filter(state=RegistrationState.CONFIRMED).count()
    waiting = rows.filter(state=RegistrationState.WAITLISTED).values("person").distinct().count()
    name = f"{WANTED} people on {SEATS} seats"
    yield Figure(name, answers.per_second, "registrations/s")
    yield Figure(f"{name}, seats given", held, "seats", target=exactly(SEATS))
    yield Figure(f"{name}, waiting", waiting, "people", target=exactly(WANTED - SEATS))
    yield Figure(f"{name}, lost", WANTED - held - waiting, "people", target=exactly(0))


def queries(session: int, person: int) -> int:
    """Of one registration that is accepted."""
    client = inside.visitor(person)
    with inside.asked() as statements:
        answer = client.post(f"/bijeenkomsten/{session}/aanmelden/", {"function": "adviseur"})
    if answer.status_code != 302:
        raise RuntimeError(f"a registration was answered {answer.status_code}")
    return len(statements)
