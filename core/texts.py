"""The registry of free texts: every field in which someone can type a sentence.

Wiping a confidential case that slipped in, erasing a person and searching for names walk this registry, so a field
that is missing here would be missed by all three. A test compares it with the models.
"""

from dataclasses import dataclass

from django.apps import apps
from django.db.models import Model


@dataclass(frozen=True)
class FreeText:
    model_label: str
    field: str
    sender: str  # the path from a row to the person who typed it, or "" where staff keep it together

    @property
    def model(self) -> type[Model]:
        return apps.get_model(self.model_label)


_registry: dict[tuple[str, str], FreeText] = {}


def register(model_label: str, *fields: str, sender: str = "") -> None:
    """Called by each app's AppConfig.ready, once for each model."""
    for field in fields:
        _registry[(model_label.lower(), field)] = FreeText(model_label, field, sender)


def registered() -> list[FreeText]:
    return sorted(_registry.values(), key=lambda text: (text.model_label, text.field))
