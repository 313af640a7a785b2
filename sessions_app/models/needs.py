from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import model_fields
from sessions_app.rules import NEEDS_LENGTH, WITH_A_PLACE


class NeedsNoteQuerySet(models.QuerySet):
    def of(self, registration):
        """The one that may be there."""
        return self.filter(registration=registration)

    def of_no_use(self, *, ended, written):
        """Those that may go: of sessions over by `ended`, and of sessions without a date typed before `written`.

        A registration that has ended needs no note any more, whenever its session is.
        """
        over = Q(registration__session__ends_at__lte=ended)
        undated = Q(registration__session__ends_at=None, changed_at__lte=written)
        return self.filter(over | undated | ~Q(registration__state__in=WITH_A_PLACE))


class NeedsNote(models.Model):
    """What someone needs to be able to come: access, food. It can tell of health or religion (domain.md 4.2, 5.5).

    A row of its own, so that nothing that reads a registration meets it by accident. For the person, and for staff who
    keep registrations; for no host.
    """

    registration = models.OneToOneField("sessions_app.Registration", models.CASCADE, related_name="needs")
    text = model_fields.ShortParagraphsField(_("accessibility or diet"), max_length=NEEDS_LENGTH)
    changed_at = models.DateTimeField(editable=False)

    objects = NeedsNoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("note on needs")
        verbose_name_plural = _("notes on needs")

    def __str__(self):
        return str(self.pk)  # never the text: names of rows get into logs and lists
