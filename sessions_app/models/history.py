from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core import audit, model_fields
from core.dates import clock, day
from sessions_app.rules import SessionState

# What of a session changes and is shown, in the order of its page. Nothing here is about a person.
TOLD = (
    *("state", "title", "question", "description", "learning_line", "track", "activity", "workstream", "language"),
    *("period_wished", "starts_at", "ends_at", "doors_open_at", "form", "place", "online_link", "for_whom"),
    *("audience", "admission", "confidentiality", "registration_deadline", "capacity", "capacity_online"),
    *("offer_hours", "most_per_organisation", "reminder_steps", "reminder_text"),
)


class SessionChange(models.Model):
    """What was done to a session, by whom, and what it changed: one row a field, or one without a field.

    The page of a proposal and the admin read it. It goes with the notes about the session (retention), while the audit
    trail stays; of a leadership dialogue it names nobody.
    """

    session = models.ForeignKey("sessions_app.Session", models.CASCADE, related_name="history")
    verb = models.CharField(max_length=60)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    field = models.CharField(max_length=40, blank=True)
    old = model_fields.ParagraphsField(blank=True)
    new = model_fields.ParagraphsField(blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("change of a session")
        verbose_name_plural = _("changes of sessions")
        ordering = ["at", "pk"]

    def __str__(self):
        return f"{self.verb} {self.field}".strip()

    @property
    def is_move(self) -> bool:
        """From one state to another, with words that say it all."""
        return self.field in ("", "state") and self.verb.removeprefix("session.") in SessionState

    @property
    def words(self) -> str:
        """What was done."""
        return audit.in_words(self.verb)

    @property
    def name_of_field(self) -> str:
        """As the form has it; of what is no field of a session the verb says it."""
        if self.is_move or self.field not in TOLD:
            return ""
        return str(_field(self.field).verbose_name)

    @property
    def was(self) -> str:
        return "" if self.is_move else in_words(self.field, self.old)

    @property
    def became(self) -> str:
        return "" if self.is_move else in_words(self.field, self.new)


def _field(name: str) -> Any:
    return SessionChange._meta.get_field("session").related_model._meta.get_field(name)  # type: ignore[union-attr]


def as_text(value: Any) -> str:
    """A value of a session as the history keeps it: codes and moments in no language."""
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, datetime) else str(value)


def in_words(name: str, kept: str) -> str:
    """What `as_text` kept, for a reader."""
    if not kept or name not in TOLD:
        return kept
    field = _field(name)
    if isinstance(field, models.DateTimeField):
        moment = datetime.fromisoformat(kept)
        return f"{day(moment)}, {clock(moment)}"
    return str(dict(field.flatchoices).get(kept, kept))
