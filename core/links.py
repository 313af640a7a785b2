"""Mailed links: signed, for one purpose, one row and one nonce; revoked by giving the row a new nonce.

While a mail waits, its text holds a mark in the link's place. The link itself is made as the mail is sent, so that no
usable link stands in the database, in the admin's preview or in a dump.
"""

import re

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.crypto import get_random_string
from django.utils.translation import override

MARK = re.compile(r"\[\[link:([a-z_]+:[a-z_]+):([a-z_]+):(\d+):(\w+)\]\]", re.ASCII)
HIDDEN = "•••"


class BadLink(Exception):
    """The token was not made here, not for this purpose, or is broken."""


def new_nonce() -> str:
    return get_random_string(16)


def sign(*, purpose: str, row: int, nonce: str) -> str:
    return signing.dumps([row, nonce], salt=f"core.links.{purpose}")


def read(token: str, *, purpose: str) -> tuple[int, str]:
    """The row and nonce of a token; the caller compares the nonce with the row's. Raises BadLink."""
    try:
        row, nonce = signing.loads(token, salt=f"core.links.{purpose}")
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise BadLink from error
    return row, nonce


def mark(*, view: str, purpose: str, row: int, nonce: str) -> str:
    """What stands in a waiting mail; `view` is a URL name with a namespace that takes one `token`."""
    return f"[[link:{view}:{purpose}:{row}:{nonce}]]"


def absolute(path: str) -> str:
    return settings.PORTAL_URL + path


def fill(text: str, *, language: str) -> str:
    """Put the real links in place of the marks, in the reader's language."""

    def link(found: re.Match[str]) -> str:
        view, purpose, row, nonce = found.groups()
        return absolute(reverse(view, kwargs={"token": sign(purpose=purpose, row=int(row), nonce=nonce)}))

    with override(language):
        return MARK.sub(link, text)


def hide(text: str) -> str:
    """For eyes other than the reader's."""
    return MARK.sub(HIDDEN, text)
