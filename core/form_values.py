"""The values of form fields: as one text that can be compared, whoever wrote it and how, and in words for the eye."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core import dates
from core.keys import row_key


def stable(field: forms.Field, value: Any) -> str:
    """A value as one text that is the same however it was written: typed, or read from the row.

    To the minute, as forms show no seconds; a list in one order, whatever the order of its ticks.
    """
    if isinstance(field, forms.ModelMultipleChoiceField | forms.MultipleChoiceField):
        return "\n".join(sorted(str(each) for each in field.prepare_value(value) or []))
    if isinstance(field, forms.ModelChoiceField):
        return str("" if value is None else field.prepare_value(value))
    if isinstance(value, str):
        try:
            value = field.to_python(value)
        except ValidationError:
            return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(second=0, microsecond=0).isoformat()
    if isinstance(value, bool):
        return "1" if value else ""
    return "" if value is None else "\n".join(str(value).strip().splitlines())


def in_words(field: forms.Field, value: Any) -> str:
    """A value, from the row or typed, for the eye: the words of a choice, a moment in Dutch time."""
    if isinstance(field, forms.ModelChoiceField):
        given = field.prepare_value(value) or []
        numbers = [row_key(str(key)) for key in (given if isinstance(given, list | tuple | set) else [given])]
        known = [number for number in numbers if number is not None]
        rows = field.queryset.filter(pk__in=known) if field.queryset is not None else []
        return ", ".join(field.label_from_instance(row) for row in rows)
    if isinstance(field, forms.ChoiceField):
        words = dict(flat(list(field.choices)))  # type: ignore[arg-type]
        keys = value if isinstance(value, list | tuple | set) else [value]
        return ", ".join(str(words.get(str(key), "")) for key in keys if key is not None)
    if isinstance(value, str):
        try:
            value = field.to_python(value)
        except ValidationError:
            return str(value)
    if isinstance(value, datetime):
        return f"{dates.day(value)}, {dates.clock(value)}"
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    return "" if value is None else str(value)


def flat(choices: Iterable) -> Iterable[tuple[str, Any]]:
    for key, words in choices:
        if isinstance(words, list | tuple):
            yield from flat(words)
        else:
            yield str(key), words
