"""The portal in this very process: what a request asks of the database, and what is in it. No time is taken here."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.sessions.backends.cached_db import SessionStore
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.test import Client
from django.test.utils import CaptureQueriesContext

from script.lib.bench.client import GREETING
from script.lib.bench.data import session_key
from script.lib.bench.floors import statements as floors_statements

STATEMENTS = ("SELECT", "INSERT", "UPDATE", "DELETE")


def visitor(person_pk: int | None = None) -> Client:
    """Somebody with a browser, signed in as this person."""
    client = Client(headers={"host": GREETING["Host"], "x-forwarded-proto": "https", "x-forwarded-for": "192.0.2.1"})
    if person_pk:
        client.cookies[settings.SESSION_COOKIE_NAME] = session_key(person_pk)
    return client


@contextlib.contextmanager
def asked() -> Iterator[list[str]]:
    """The statements that read or write rows, once the block is over."""
    statements: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield statements
    statements += [q["sql"] for q in captured.captured_queries if q["sql"].startswith(STATEMENTS)]


def page(path: str, person_pk: int | None) -> list[str]:
    """The statements of one page, the second time that it is asked for."""
    client = visitor(person_pk)
    for _ in range(2):
        with asked() as statements:
            answer = client.get(path)
        if answer.status_code != 200:
            raise RuntimeError(f"{path} answered {answer.status_code}")
    return statements


def give_to_floors(pages: dict[str, tuple[str, int]]) -> dict[str, int]:
    """Keep the SQL of these pages, without what any signed-in request asks; gives how many queries each page asks."""
    found = {name: page(path, person) for name, (path, person) in pages.items()}
    path = Path(settings.BENCH_STATEMENTS)
    kept = json.loads(path.read_text())
    for name, (_, person) in pages.items():
        path.write_text(json.dumps({name: []}))
        floors_statements.cache_clear()
        anyway = page(f"/bench/sql/{name}/", person)
        kept[name] = [statement for statement in found[name] if statement not in anyway]
    path.write_text(json.dumps(kept))
    return {name: len(statements) for name, statements in found.items()}


def give_to_open_floors(paths: dict[str, str]) -> dict[str, int]:
    """As `give_to_floors`, of what is asked for without signing in: all of its SQL is its own."""
    found = {name: page(path, None) for name, path in paths.items()}
    kept = Path(settings.BENCH_STATEMENTS)
    kept.write_text(json.dumps(json.loads(kept.read_text()) | found))
    return {name: len(statements) for name, statements in found.items()}


def keep_bytes(name: str, content: bytes) -> None:
    cache.set(f"bench:{name}", content, None)


def csrf() -> tuple[str, str]:
    """A cookie and the word of the form that goes with it."""
    request = HttpRequest()
    word = get_token(request)
    return request.META["CSRF_COOKIE"], word


def warm_sessions(people: list[int]) -> None:
    """Bring the sessions of these people into the cache, as their page before has done."""
    for person in people:
        SessionStore(session_key(person)).load()
