"""The command behind script/bench."""

import argparse
import contextlib
import json
import os
import platform
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

from script.lib.bench.client import Clients
from script.lib.bench.figures import Figure, exactly, table
from script.lib.bench.portal import Bench
from script.lib.packages import CannotRun

# The parts, in the order in which they run; `--only` looks for its word in these names.
PARTS = {
    "pages signed in: session page, my agenda": ("pages", "signed_in"),
    "pages of visitors: list, programme": ("pages", "for_visitors"),
    "calendars: own feed, unchanged feed, files": ("calendars", "feeds"),
    "registrations, seats": ("registrations", "measure"),
    "offers after 500 cancellations, long lines": ("offers", "measure"),
    "reminders: queueing": ("mail", "queueing"),
    "reminders: mail delivery, memory of the worker": ("mail", "delivery_figures"),
    "list at 10,000 sessions": ("pages", "long_list"),
    "reload: 50 visitors a second for 5 minutes": ("reloads", "visitors"),
}


def part(module: str, name: str) -> Callable[..., Iterator[Figure]]:
    """Loaded late, because these modules need Django's settings."""
    import importlib

    return getattr(importlib.import_module(f"script.lib.bench.{module}"), name)


def measure(only: str, *, rounds: int, seconds: float) -> tuple[list[str], list[Figure]]:
    """Run the parts with the word `only` in their name; gives lines about the machine, and the figures."""
    chosen = [what for title, what in PARTS.items() if only.lower() in title.lower()]
    if not chosen:
        raise CannotRun(f"No part has the word {only!r} in its name; there are: {'; '.join(PARTS)}.")
    figures: list[Figure] = []
    with contextlib.ExitStack() as stack:
        clients = stack.enter_context(Clients())
        say("starting PostgreSQL and Redis, loading people and sessions")
        bench = Bench(stack)
        bench.make_database("people", "people")
        bench.make_database("portal", "sessions", "1000", like="people")
        os.environ.update(bench.environment("portal") | {"LOG_LEVEL": "WARNING"})
        import django

        django.setup()
        about = description()
        for title, what in PARTS.items():
            if what in chosen:
                say(f"measuring {title}")
                try:
                    figures += part(*what)(bench, clients, rounds=rounds, seconds=seconds)
                except Exception:  # what the other parts took minutes for is worth having
                    traceback.print_exc()
                    figures.append(Figure(f"{title}: broke off", 1, "part", target=exactly(0)))
        figures += bench.memory_figures()
    return about, figures


def say(text: str) -> None:
    print(f"{text} ...", file=sys.stderr, flush=True)


def description() -> list[str]:
    """Date, machine and versions."""
    import django
    import redis
    from django.conf import settings
    from django.db import connection
    from django.utils import timezone

    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        [postgres] = cursor.fetchone()
        cursor.execute("SHOW fsync")
        [fsync] = cursor.fetchone()
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        redis_version = client.info("server")["redis_version"]
    model = next((line.partition(":")[2].strip() for line in lines("/proc/cpuinfo") if "model name" in line), "unknown")
    total = next(int(line.split()[1]) for line in lines("/proc/meminfo") if line.startswith("MemTotal"))
    return [
        f"{timezone.localtime():%Y-%m-%d %H:%M}, {platform.system()} {platform.release()}, {os.cpu_count()} cores"
        f" ({model}), {total / 1e6:.1f} GB, load {os.getloadavg()[0]:.1f} at the start",
        f"Python {platform.python_version()}, Django {django.__version__}, PostgreSQL {postgres} (fsync {fsync}),"
        f" Redis {redis_version}; 2 gunicorn sync workers; load, database and all else on the same machine",
    ]


def lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines()


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="script/bench", description="Measure the portal, each figure beside its floor."
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too, as rows")
    parser.add_argument("--only", default="", metavar="WORD", help=f"a part: {'; '.join(PARTS)}")
    parser.add_argument("--rounds", type=int, default=3, help="of figure and floor by turns; the median counts")
    parser.add_argument("--seconds", type=float, default=3, help="that a page is asked for in each round")
    arguments = parser.parse_args()
    try:
        about, figures = measure(arguments.only, rounds=arguments.rounds, seconds=arguments.seconds)
    except CannotRun as error:
        sys.exit(str(error))
    print("\n".join([*about, "", table(figures)]))
    if arguments.json:
        arguments.json.write_text(json.dumps([figure.as_row() for figure in figures], indent=1) + "\n")
    sys.exit(1 if any(figure.verdict == "MISSED" for figure in figures) else 0)


if __name__ == "__main__":
    main()
