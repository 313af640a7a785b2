from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core import model_fields
from sessions_app.rules import SessionState


class CurationNote(models.Model):
    """What staff and proposer wrote to each other, and the reasons of moves; the audit trail holds none of it."""

    class Kind(models.TextChoices):
        QUESTION = "question", _("question of staff")
        ANSWER = "answer", _("answer of the proposer")
        REASON = "reason", _("reason")

    session = models.ForeignKey("sessions_app.Session", models.CASCADE, related_name="notes")
    kind = models.CharField(max_length=8, choices=Kind)
    state = models.CharField(_("state"), max_length=12, choices=SessionState)
    text = model_fields.ParagraphsField(_("text"), max_length=2000)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        ordering = ["at", "pk"]

    def __str__(self):
        return self.text[:60]
