"""The registry of free texts: every field in which someone can type a sentence.

Wiping a confidential case that slipped in, erasing a person and searching for names walk this registry, so a field
that is missing here would be missed by all three. A test compares it with the models.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.apps import apps
from django.db.models import Model, Q

STRUCK = "[…]"


@dataclass(frozen=True)
class FreeText:
    model_label: str
    field: str
    sender: str  # the path from a row to the person who typed it, or "" where staff keep it together
    is_name: bool  # of a person, an organisation or a body: no sentence that tells of somebody else

    @property
    def model(self) -> type[Model]:
        return apps.get_model(self.model_label)


_registry: dict[tuple[str, str], FreeText] = {}


def register(model_label: str, *fields: str, sender: str = "", is_name: bool = False) -> None:
    """Called by each app's AppConfig.ready, once for each model."""
    for field in fields:
        _registry[(model_label.lower(), field)] = FreeText(model_label, field, sender, is_name)


def registered() -> list[FreeText]:
    return sorted(_registry.values(), key=lambda text: (text.model_label, text.field))


def whole(words: Iterable[str]) -> re.Pattern[str]:
    """Finds each of `words`, such as an address, and no longer word that it is a part of."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)", re.IGNORECASE)


def may_hold(words: Iterable[str], *fields: str) -> Q:
    """Rows with one of `words` somewhere in a field, also inside a longer word: `whole` tells which are meant."""
    found = Q(pk__in=[])
    for word in words:
        for field in fields:
            found |= Q(**{f"{field}__icontains": word})
    return found


def strike(words: Iterable[str]) -> int:
    """Put "[…]" in place of each of `words` wherever somebody wrote it in a sentence; gives the number of rows."""
    sought = [word for word in words if word]
    if not sought:
        return 0
    named, number = whole(sought), 0
    for text in registered():
        if text.is_name:
            continue
        rows = text.model._default_manager.order_by("pk").filter(may_hold(sought, text.field))
        for pk, written in list(rows.values_list("pk", text.field)):
            struck = named.sub(STRUCK, written)
            if struck != written:
                number += text.model._default_manager.filter(pk=pk).update(**{text.field: struck})
    return number
