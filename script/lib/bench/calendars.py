"""Calendars: people's own feeds, asked for by many programs, and the files that go with mails."""

from collections.abc import Iterator
from datetime import timedelta
from statistics import median

from django.utils import timezone
from django.utils.http import http_date

from script.lib.bench import inside
from script.lib.bench.client import Answers, Clients, get
from script.lib.bench.figures import Figure, at_most, ratio_at_least
from script.lib.bench.mail import timed
from script.lib.bench.pages import READERS, in_turns, speed
from script.lib.bench.portal import Bench
from sessions_app.calendar_file import lines_of, personal_file
from sessions_app.models import CalendarAddress, Registration

SUBSCRIBERS = 2000  # so many that no address is asked for more often than a minute allows
FILES = 3000


def feeds(bench: Bench, clients: Clients, *, rounds: int, seconds: float) -> Iterator[Figure]:
    """One's own feed, without signing in, beside a view that runs its SQL and writes out the rows."""
    now = timezone.now()
    people = Registration.objects.confirmed().order_by("person").values_list("person", flat=True).distinct()
    CalendarAddress.objects.bulk_create(CalendarAddress(person_id=person, made_at=now) for person in people)
    addresses = list(CalendarAddress.objects.select_related("person")[:SUBSCRIBERS])
    paths = [f"/mijn-agenda/{address.token}.ics" for address in addresses]
    names = {f"feed {n}": path for n, path in enumerate(paths[:READERS])}
    queries = inside.give_to_open_floors(names)
    bench.renew("portal")  # the workers read the floors' statements once
    port = bench.web("portal").port
    requests = [get(path) for path in paths]
    has_it = {"If-Modified-Since": http_date((now + timedelta(days=1)).timestamp())}
    again = [get(path, **has_it) for path in paths]
    bare = [get(f"/bench/open-sql/{name.replace(' ', '%20')}/") for name in names]
    for each in (requests, again, bare):
        clients.keep_asking(port, each, seconds=min(seconds, 1))
    feed, same, floor = in_turns(
        rounds,
        lambda: clients.keep_asking(port, requests, seconds=seconds),
        lambda: unchanged(clients.keep_asking(port, again, seconds=seconds)),
        lambda: clients.keep_asking(port, bare, seconds=seconds),
    )
    yield from speed("own feed", feed, floor, 0.2)
    yield from speed("own feed, unchanged (304)", same, floor, 0.2)
    yield Figure("own feed, queries", max(queries.values()), "queries", target=at_most(4))
    yield from files(rounds)


def unchanged(answers: Answers) -> Answers:
    """The answers to who has the feed already; raises RuntimeError when it was sent all the same."""
    if set(answers.statuses) != {"304"}:
        raise RuntimeError(f"answers of an odd kind: {dict(answers.statuses)}")
    return answers


def files(rounds: int) -> Iterator[Figure]:
    """The files of mails, made here: each for its reader; beside the same bytes with only the reader put in."""
    rows = Registration.objects.confirmed().select_related("session", "person").order_by("session", "pk")[:FILES]
    given = [(row.session, row.person.email) for row in rows]
    now = timezone.now()

    def written(session, address: str) -> str:
        return personal_file(session, address=address, language="nl", sequence=1, called_off=False, at=now)

    ready = {session.pk: written(session, "portal@portal.example") for session, _ in given}

    def ours() -> None:
        lines_of.cache_clear()
        for session, address in given:
            written(session, address)

    def floor() -> None:
        for session, address in given:
            ready[session.pk].replace("portal@portal.example", address)

    took = [(timed(ours), timed(floor)) for _ in range(rounds)]
    real, least = (median(column) for column in zip(*took, strict=True))
    number = len(given)
    yield Figure("calendar files", number / real, "files/s", number / least, ratio_at_least(0.005))
