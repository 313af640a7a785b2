"""Offers: a full session with as many in line, of which everybody leaves; each seat is held for the next and mailed."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from core.models import OutgoingMail
from members.models import Affiliation
from script.lib.bench import inside
from script.lib.bench.client import Answers, Clients, post
from script.lib.bench.data import DUE, EMPTY, session_key
from script.lib.bench.figures import Figure, at_most, exactly, ratio_at_least, ratio_at_most
from script.lib.bench.models import BareRegistration
from script.lib.bench.pages import in_turns
from script.lib.bench.portal import Bench
from sessions_app.models import Registration, Session
from sessions_app.rules import RegistrationState

SEATS = 500  # and as many who wait
FEW = 20  # to get warm with
LEAVE, LONG_LINE, SHORT_LINE = 50, 2000, 60  # people


def cancellation(session: int, person: int, *, bare: bool = False) -> bytes:
    cookie, word = inside.csrf()
    path = f"/bench/cancellation/{session}/" if bare else f"/bijeenkomsten/{session}/afmelden/"
    return post(path, f"csrfmiddlewaretoken={word}".encode(), session=session_key(person), csrf=cookie)


def fill(session: int, people: list[int], at: dict[int, int], *, seats: int = SEATS) -> None:
    """The first `seats` people have a seat, the others wait in their order."""
    begun = timezone.now() - timedelta(days=20)
    Session.objects.filter(pk=session).update(capacity=seats)
    Registration.objects.bulk_create(
        Registration(
            session_id=session, person_id=person, organisation_id=at[person], form="on_site",
            state=RegistrationState.CONFIRMED if n < seats else RegistrationState.WAITLISTED,
            queued_at=begun + timedelta(seconds=n), changed_at=begun,
        )
        for n, person in enumerate(people)
    )  # fmt: skip
    BareRegistration.objects.bulk_create(
        BareRegistration(session_id=session, person_id=person, waits=n >= seats) for n, person in enumerate(people)
    )


def measure(bench: Bench, clients: Clients, *, rounds: int, seconds: float) -> Iterator[Figure]:
    """Each round empties a session of its own, 4 people at the same moment; `seconds` changes nothing."""
    port = bench.web("portal").port
    at = dict(Affiliation.objects.values_list("person", "organisation"))
    people = sorted(at)[: 2 * SEATS]
    holders, waiting = people[:SEATS], people[SEATS:]
    inside.warm_sessions(holders)
    empty = list(Session.objects.order_by("pk").values_list("pk", flat=True)[DUE : DUE + EMPTY])
    used, others = empty[-rounds - 2 :], empty[-3 * rounds - 4 : -rounds - 2]
    for session in used:
        fill(session, people, at)
    warm, counted, *measured = used
    for bare in (False, True):
        clients.ask_each(port, [cancellation(warm, person, bare=bare) for person in holders[:FEW]])
    turns = {False: iter(measured), True: iter(measured)}

    def everybody_leaves(bare: bool) -> Answers:
        session = next(turns[bare])
        return clients.ask_each(port, [cancellation(session, person, bare=bare) for person in holders])

    real, floor = in_turns(rounds, lambda: everybody_leaves(False), lambda: everybody_leaves(True))
    name = f"offers after {SEATS} cancellations"
    yield Figure(name, real.per_second, "offers/s", floor.per_second, ratio_at_least(0.2))
    yield Figure(f"{name}, p50", real.p50, "ms", floor.p50)
    yield Figure(f"{name}, p99", real.p99, "ms", floor.p99)
    asked = Registration.objects.filter(session__in=measured, state=RegistrationState.OFFERED)
    mails = OutgoingMail.objects.filter(kind="sessions_app.seat_offered")
    told = sum(mails.filter(key__startswith=f"session:{session}:").count() for session in measured)
    missing = rounds * len(waiting)
    yield Figure(f"{name}, not offered", missing - asked.count(), "seats", target=exactly(0))
    yield Figure(f"{name}, not mailed once", abs(missing - told), "people", target=exactly(0))
    yield Figure("cancellation with an offer, queries", queries(counted, holders[0]), "queries", target=at_most(25))
    yield from long_lines(port, clients, others, at, rounds=rounds)


def long_lines(
    port: int, clients: Clients, sessions: list[int], at: dict[int, int], *, rounds: int
) -> Iterator[Figure]:
    """What leaving costs where many wait, beside itself where few do: milliseconds, two at a time."""
    people = sorted(at)
    holders = people[:LEAVE]
    turns = {}
    for first, waiting in ((0, LONG_LINE), (1, SHORT_LINE)):
        own = sessions[first::2]
        for session in own:
            fill(session, people[: LEAVE + waiting], at, seats=LEAVE)
        turns[waiting] = iter(own)

    def they_leave(waiting: int) -> Answers:
        session = next(turns[waiting])
        return clients.ask_each(port, [cancellation(session, person) for person in holders], at_once=2)

    for waiting in turns:
        they_leave(waiting)  # to get warm
    at_many, at_few = in_turns(rounds, lambda: they_leave(LONG_LINE), lambda: they_leave(SHORT_LINE))
    yield Figure(f"cancellation where {LONG_LINE:,} wait", at_many.p50, "ms, p50", at_few.p50, ratio_at_most(1.3))


def queries(session: int, person: int) -> int:
    """Of one cancellation that frees a seat for the first in line."""
    client = inside.visitor(person)
    with inside.asked() as statements:
        answer = client.post(f"/bijeenkomsten/{session}/afmelden/")
    if answer.status_code != 302:
        raise RuntimeError(f"a cancellation was answered {answer.status_code}")
    return len(statements)
