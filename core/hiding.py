"""Taking out of a text what could be personal: mail addresses, tokens, addresses with a path or a query."""

import re

HIDDEN = "•••"
# Each begins only where its kind of word does: tried from every letter of a long one, they would take seconds.
PERSONAL = [
    # A token of django.core.signing: what was signed, the moment, and 43 characters of signature.
    re.compile(r"(?<![\w.-])[\w.-]*(?::|%3A)[0-9A-Za-z]{6}(?::|%3A)[\w-]{43}", re.IGNORECASE),
    # A mail address, or whoever logs in to a server.
    re.compile(r"(?<![^\s@<>\"'(),;:=])[^\s@<>\"'(),;:=]+(?:@|%40)[^\s@<>\"'(),;:=/?]+"),
    re.compile(r"(?<=://)[^\s\"'<>/?]+[/?][^\s\"'<>)]*"),  # an address with path or query
    re.compile(r"\?[\w.%-]+=[^\s\"'<>)]*"),  # a query string
]


def without_personal(text: str) -> str:
    """The text without mail addresses, signed tokens, paths and query strings of addresses."""
    for pattern in PERSONAL:
        text = pattern.sub(HIDDEN, text)
    return text
