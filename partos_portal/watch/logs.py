"""What the portal tells of its own work: a line for each request and each task, and what went wrong.

No line holds a name, a mail address, a token, a path or a query string: a page stands by the name of its URL, a person
by the key of the row. That begins where a line is written; the formatters here are the last line of defence, for what
libraries write.

Of a quiet page (settings.QUIET_PATHS), such as where one can report or answers an invitation, nothing is told at all:
no line, no count, no request id in the tasks that it wakes. A line without a name would still have its moment, and the
lines around it lead to who it was. Only a fault in such a page is told: its kind and its place in the code.
"""

import contextlib
import copy
import functools
import json
import logging
import re
import smtplib
import traceback
import uuid
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import FieldDoesNotExist, FieldError, ImproperlyConfigured
from django.db import OperationalError
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import ConnectionError as RedisConnectionError

from core import hiding

# The request that the process works for, also when a task does so later; "" when there is none.
request_id: ContextVar[str] = ContextVar("request_id", default="")
# Whether that request is for a quiet page.
quiet: ContextVar[bool] = ContextVar("quiet", default=False)
WELL_FORMED = re.compile(r"[A-Za-z0-9-]{8,64}")
QUOTED = re.compile(r"'.*'|\".*\"", re.DOTALL)
# Errors whose text comes from code and machines. That of any other may repeat what somebody typed.
OF_MACHINES = (
    *(OSError, ImportError, AttributeError, NameError, ImproperlyConfigured, FieldError, FieldDoesNotExist),
    *(OperationalError, BrokerError, RedisConnectionError),
)


def new_request_id() -> str:
    return uuid.uuid4().hex


def id_of(request) -> str:
    """What the proxy in front of us calls this request; without a proxy, or for a strange name, one of our own."""
    given = request.headers.get("X-Request-ID", "")
    return given if settings.TRUSTED_PROXY_COUNT and WELL_FORMED.fullmatch(given) else new_request_id()


@contextlib.contextmanager
def working_for(name: str) -> Iterator[None]:
    """Every line written inside carries this request id."""
    token = request_id.set(name)
    try:
        yield
    finally:
        request_id.reset(token)


@contextlib.contextmanager
def working_quietly() -> Iterator[None]:
    """What is written inside has no request id, and nothing is said of the request but what went wrong in the code."""
    token = quiet.set(True)
    try:
        with working_for(""):
            yield
    finally:
        quiet.reset(token)


@functools.cache
def quiet_paths(patterns: tuple[str, ...]) -> re.Pattern[str]:
    languages = "|".join(code for code, _ in settings.LANGUAGES)
    return re.compile(rf"/+(?:(?:{languages})/+)?(?:{'|'.join(patterns)})(?:/|$)", re.IGNORECASE)


def is_quiet(path: str) -> bool:
    """Whether the path is of a quiet page, or of what nearly is one: a wrong capital, a link that is no more."""
    return bool(quiet_paths(tuple(settings.QUIET_PATHS)).match(path))


class Told(logging.Filter):
    """Leaves out whatever speaks of a request for a quiet page, but for what went wrong in it."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not (quiet.get() and hasattr(record, "request") and record.levelno < logging.ERROR)


def route_of(request) -> str:
    """The name of the page, without what its address holds; "-" for an address that we do not have."""
    match = request.resolver_match
    return (match.view_name or match.route or "-") if match else "-"


def told(error: BaseException) -> str:
    """The kind of error, and its text when that cannot come from what people typed."""
    kind = type(error).__qualname__
    is_safe = isinstance(error, OF_MACHINES) and not isinstance(error, smtplib.SMTPException)
    return f"{kind}: {hiding.without_personal(str(error))}" if is_safe else kind


def chain(error: BaseException | None) -> list[BaseException]:
    """The error with what led to it, which comes first."""
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.insert(0, error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return found


def trail(error: BaseException | None) -> str:
    """As Python's traceback, with no more text of errors than `told` gives."""
    return "\n".join("".join(traceback.format_tb(one.__traceback__)) + told(one) for one in chain(error))


class CarefulFormatter(logging.Formatter):
    def message_of(self, record: logging.LogRecord) -> str:
        record = copy.copy(record)
        if isinstance(record.args, tuple):
            record.args = tuple(self.careful(argument, record) for argument in record.args)
        elif isinstance(record.args, dict) and record.exc_info and record.exc_info[1] and "exc" in record.args:
            record.args = record.args | {"exc": told(record.exc_info[1])}  # Celery's words on a task that failed
        message = record.getMessage()
        if record.name == "gunicorn.error":  # quotes a line of a request that it cannot read, such as a cookie
            message = QUOTED.sub(f"'{hiding.HIDDEN}'", message)
        return hiding.without_personal(message)

    @staticmethod
    def careful(argument: Any, record: logging.LogRecord) -> Any:
        if isinstance(argument, BaseException):
            return told(argument)
        request = getattr(record, "request", None)  # Django gives the request along
        if isinstance(argument, str) and argument.startswith("/") and (request or record.name == "gunicorn.error"):
            return route_of(request) if request else hiding.HIDDEN
        return argument

    @staticmethod
    def trail_of(record: logging.LogRecord) -> str:
        return trail(record.exc_info[1]) if record.exc_info else ""


class LineFormatter(CarefulFormatter):
    """For eyes: moment, level, logger, message, and the request id in brackets."""

    def format(self, record: logging.LogRecord) -> str:
        line = f"{self.formatTime(record)} {record.levelname:<7} {record.name}: {self.message_of(record)}"
        line += f" [{request_id.get()}]" if request_id.get() else ""
        return "\n".join(filter(None, [line, self.trail_of(record)]))


class JsonFormatter(CarefulFormatter):
    """For programs: one JSON object a line, with the fields of a request or task under their own names."""

    def format(self, record: logging.LogRecord) -> str:
        told_of: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": self.message_of(record),
            "request_id": request_id.get() or None,
        }
        told_of |= getattr(record, "fields", {})
        if record.exc_info:
            told_of["traceback"] = self.trail_of(record)
        return json.dumps(told_of, ensure_ascii=False)


def configuration(*, form: str, level: str, is_trial: bool) -> dict[str, Any]:
    """settings.LOGGING: `form` is "line" or "json"."""
    loggers: dict[str, dict[str, Any]] = {
        # They tell of each task that comes and of each that goes; partos_portal.watch.task_log does.
        **{name: {"level": "WARNING"} for name in ("celery.app.trace", "celery.beat", "celery.worker.strategy")},
        # It warns of each answer from 400 on; what went wrong inside stays.
        "django.request": {"level": "ERROR"},
        # It warns of each HEAD that was answered with a body, which it drops.
        "gunicorn.http.wsgi": {"level": "ERROR"},
        # In a worker of the web server: its own handler would write as it likes.
        "gunicorn.error": {"handlers": ["terminal"], "propagate": False},
    }
    if is_trial:  # login codes, for whoever tries the portal without a mail server
        loggers["portal.terminal"] = {"handlers": ["as_it_is"], "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {"()": "partos_portal.watch.logs.LineFormatter"},
            "json": {"()": "partos_portal.watch.logs.JsonFormatter"},
            "as_it_is": {"format": "{asctime} {levelname:<7} {name}: {message}", "style": "{"},
        },
        "filters": {"told": {"()": "partos_portal.watch.logs.Told"}},
        "handlers": {
            "terminal": {"class": "logging.StreamHandler", "formatter": form, "filters": ["told"]},
            "as_it_is": {"class": "logging.StreamHandler", "formatter": "as_it_is"},
        },
        "root": {"handlers": ["terminal"], "level": level},
        "loggers": loggers,
    }
