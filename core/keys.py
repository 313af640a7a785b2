"""What can be the key of a row, read from an address, a form or a link that anybody may have changed."""

from typing import Any

from django.db.models.lookups import In
from django.urls.converters import IntConverter

GREATEST = 2**63 - 1  # BigAutoField's; SQLite raises OverflowError beyond it, and PostgreSQL DataError


def row_key(text: str | None) -> int | None:
    """The key that `text` is, or None when it can be the key of no row."""
    if not text or len(text) > 19 or not (text.isascii() and text.isdigit()):
        return None
    return key if (key := int(text)) <= GREATEST else None


class KeyIn(In):
    """`pk__in=[…]` of keys that come from a form: what can be the key of no row is not among them.

    Django's other lookups of integers leave it out themselves. Registered in core/apps.py.
    """

    def get_prep_lookup(self) -> Any:
        asked = super().get_prep_lookup()
        if not self.rhs_is_direct_value():
            return asked
        return [key for key in asked if not isinstance(key, int) or abs(key) <= GREATEST]


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
