"""Reads the environment: each variable has a type, and all that is missing or wrong is told at once.

No value is ever repeated in a message, because some are secret.
"""

from collections.abc import Callable, Mapping
from email.utils import parseaddr
from math import inf
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

TRUE = ("true", "on", "yes", "1")
FALSE = ("false", "off", "no", "0")


class Environment:
    """The variables by name; one that is set to nothing is not set.

    A reader such as `text` gives `default` for what is not set, or `trial` in the trial run; with neither the variable
    is needed. What is missing or wrong is written down, an empty value stands in its place, and `refuse` tells it all.
    """

    def __init__(self, variables: Mapping[str, str]):
        self.variables = {name: value for name, value in variables.items() if value}
        self.complaints: list[str] = []
        self.trial = False
        self.trial = self.boolean("TRIAL", default=False)

    def text(self, name: str, want: str = "", *, is_right: Callable[[str], bool] = bool, **otherwise: str) -> str:
        """As it stands, or "" where it is missing or `is_right` says no; `want` tells what to set."""
        return self._read(name, want, lambda value: value if is_right(value) else _wrong(), otherwise) or ""

    def words(self, name: str, want: str = "", *, is_right: Callable[[str], bool] = bool, **otherwise: list) -> list:
        """Words with commas in between."""

        def read(value: str) -> list[str]:
            found = [word.strip() for word in value.split(",") if word.strip()]
            return found if all(map(is_right, found)) else _wrong()

        return self._read(name, want, read, otherwise) or []

    def number(self, name: str, want: str = "a number from 0", *, below: float = inf, **otherwise: int) -> int:
        def read(value: str) -> int:
            return int(value) if value.isdecimal() and int(value) < below else _wrong()

        return self._read(name, want, read, otherwise) or 0

    def boolean(self, name: str, **otherwise: bool) -> bool:
        return bool(self._read(name, "true or false", _boolean, otherwise))

    def address(self, name: str, want: str, schemes: str, **otherwise: str) -> str:
        """An address that has one of these schemes, and names a host or a file."""

        def is_right(value: str) -> bool:
            parts = urlsplit(value)
            _ = parts.port  # raises ValueError for what is no number
            return parts.scheme in schemes.split() and bool(parts.hostname or parts.path.strip("/"))

        return self.text(name, want, is_right=is_right, **otherwise)

    def complain(self, complaint: str) -> None:
        self.complaints.append(complaint)

    def refuse(self) -> None:
        """Raise ImproperlyConfigured with a line for each variable that is missing or wrong; else do nothing."""
        if self.complaints:
            what = "\n".join(f"  {complaint}" for complaint in self.complaints)
            raise ImproperlyConfigured(
                f"These variables keep the portal from starting (see README.md, Settings):\n{what}"
            )

    def _read(self, name: str, want: str, convert: Callable[[str], Any], otherwise: Mapping[str, Any]) -> Any:
        if value := self.variables.get(name):
            try:
                return convert(value)
            except ValueError:
                self.complain(f"{name} is wrong: set {want}.")
                return None
        if self.trial and "trial" in otherwise:
            return otherwise["trial"]
        if "default" not in otherwise:
            self.complain(f"{name} is missing: set {want}.")
        return otherwise.get("default")


def database(address: str) -> dict[str, Any]:
    """DATABASES["default"] for an address."""
    return environ.Env.db_url_config(address) if address else {}


def mail_server(address: str) -> dict[str, Any]:
    """The settings EMAIL_… for an address."""
    return environ.Env.email_url_config(address)


def is_secret(value: str) -> bool:
    """Long and varied enough for a key, and not one that a tool put in place of it."""
    return len(value) >= 50 and len(set(value)) >= 5 and not value.startswith("django-insecure-")


def is_host(value: str) -> bool:
    """One name, or all names under a domain (".portal.example"); not every name that there is."""
    return "*" not in value and "/" not in value


def is_web_address(value: str, *, schemes: str = "https") -> bool:
    """Scheme and host, and at most a slash behind them."""
    parts = urlsplit(value)
    return parts.scheme in schemes.split() and bool(parts.hostname) and not (parts.path.strip("/") or parts.query)


def is_sender(value: str) -> bool:
    """A mail address, with or without a name before it."""
    name, at, domain = parseaddr(value)[1].rpartition("@")
    return bool(name and at and domain)


def _boolean(value: str) -> bool:
    if value.lower() not in TRUE + FALSE:
        _wrong()
    return value.lower() in TRUE


def _wrong() -> Any:
    raise ValueError
