"""Errors to Sentry, or to a server that speaks its language, when SENTRY_DSN names one.

What leaves is put together anew from what cannot be personal: kinds of errors, places in the code, names of pages and
tasks, versions. Nothing else comes through, whatever a next version of the client may add.
"""

from typing import Any

import sentry_sdk
from sentry_sdk.integrations.celery import CeleryIntegration
from sentry_sdk.integrations.django import DjangoIntegration
from sentry_sdk.integrations.logging import LoggingIntegration, ignore_logger
from sentry_sdk.transport import Transport
from sentry_sdk.types import Event, Hint

from core import hiding
from partos_portal.watch import logs

OF_EVENT = ("event_id", "timestamp", "level", "platform", "logger", "release", "environment", "sdk", "modules")
OF_FRAME = (
    *("filename", "abs_path", "function", "module", "lineno", "in_app"),
    *("pre_context", "context_line", "post_context"),
)


def start(dsn: str, *, transport: type[Transport] | None = None) -> None:
    """Send errors from now on. `transport` stands in for the network."""
    ignore_logger("django.security.DisallowedHost")  # scanners, all day
    sentry_sdk.init(
        dsn=dsn,
        transport=transport,
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[DjangoIntegration(transaction_style="function_name"), CeleryIntegration(), LoggingIntegration()],
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_session_tracking=False,
        send_client_reports=False,
        before_send=scrub,
    )


def scrub(event: Event, hint: Hint) -> Event:
    """The event with nothing in it that may be personal."""
    clean: Any = {name: value for name, value in event.items() if name in OF_EVENT}
    clean["tags"] = {"request_id": logs.request_id.get() or "-"}
    is_address = event.get("transaction_info", {}).get("source") not in ("component", "task")
    if not is_address and not logs.quiet.get():
        clean["transaction"] = event["transaction"]
    if message := event.get("logentry", {}).get("message"):
        clean["logentry"] = {
            "message": hiding.without_personal(str(message))
        }  # without the values that were put into it
    thrown = logs.chain((hint.get("exc_info") or (None, None))[1])
    texts = {type(error).__name__: logs.told(error).partition(": ")[2] for error in thrown}
    if errors := event.get("exception", {}).get("values"):
        clean["exception"] = {"values": [without_values(error, texts) for error in errors]}
    return clean


def without_values(error: dict[str, Any], texts: dict[str, str]) -> dict[str, Any]:
    """One error of an event: its kind, its place in the code, and the text that `logs.told` lets through."""
    frames = (error.get("stacktrace") or {}).get("frames", [])
    return {
        "type": error.get("type"),
        "module": error.get("module"),
        "value": texts.get(error.get("type", ""), ""),
        "stacktrace": {"frames": [{name: frame[name] for name in OF_FRAME if name in frame} for frame in frames]},
    }
