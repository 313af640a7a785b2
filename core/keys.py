"""What can be the key of a row, read from an address, a form or a link that anybody may have changed."""

from django.urls.converters import IntConverter

GREATEST = 2**63 - 1  # BigAutoField's; SQLite raises OverflowError beyond it, and PostgreSQL DataError


def row_key(text: str | None) -> int | None:
    """The key that `text` is, or None when it can be the key of no row."""
    if not text or len(text) > 19 or not (text.isascii() and text.isdigit()):
        return None
    return key if (key := int(text)) <= GREATEST else None


class RowKeyConverter(IntConverter):
    """`<key:pk>` in an address: what can be the key of no row is a page that does not exist."""

    regex = "[0-9]{1,19}"

    def to_python(self, value: str) -> int:
        if (key := row_key(value)) is None:
            raise ValueError(value)
        return key


class YearConverter(IntConverter):
    """`<year:year>` in an address: four digits, and a year that a calendar can count from and to."""

    regex = "[1-9][0-9]{3}"
