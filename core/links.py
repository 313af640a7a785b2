"""Mailed links: signed, for one purpose, one row and one nonce; revoked by giving the row a new nonce.

While a mail waits, its text holds a mark in the link's place. The link itself is made as the mail is sent, so that no
usable link stands in the database, in the admin's preview or in a dump. The mark is random and new for each mail: what
people type can never be taken for one.
"""

from dataclasses import asdict, dataclass

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.crypto import get_random_string
from django.utils.translation import override

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


def seal(*, purpose: str, row: int, nonce: str) -> str:
    """As `sign`, but the same each time: for an address that its owner copies to more than one place."""
    return signing.Signer(sep=".", salt=f"core.links.{purpose}").sign_object([row, nonce])


def unseal(token: str, *, purpose: str) -> tuple[int, str]:
    """As `read`, of what `seal` gave. Raises BadLink."""
    try:
        row, nonce = signing.Signer(sep=".", salt=f"core.links.{purpose}").unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise BadLink from error
    return row, nonce


def absolute(path: str) -> str:
    return settings.PORTAL_URL + path


@dataclass(frozen=True)
class SecretLink:
    """What a mail's one personal link will be: `view` is the name of a URL that takes a `token`."""

    view: str
    purpose: str
    row: int
    nonce: str

    def address(self, *, language: str) -> str:
        """The usable link, in the reader's language."""
        token = sign(purpose=self.purpose, row=self.row, nonce=self.nonce)
        with override(language):
            return absolute(reverse(self.view, kwargs={"token": token}))

    def as_json(self) -> dict[str, str | int]:
        return asdict(self)


def new_mark() -> str:
    """What stands in a waiting mail in the link's place."""
    return f"[link {get_random_string(24)}]"
