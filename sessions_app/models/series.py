from django.db import models
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core import model_fields
from core.visitor_pages import ShownQuerySet, ShownToVisitors
from sessions_app.models.sessions import Session
from sessions_app.rules import TITLE_LENGTH, SeriesRegistration


class SeriesQuerySet(ShownQuerySet):
    def visible_to(self, person):
        """Those of which the person may know a date."""
        dates = Session.objects.visible_to(person).filter(series=OuterRef("pk"))
        return self.filter(Exists(dates.order_by()))

    def locked(self, pk):
        """The row of one series; taken before the rows of its sessions."""
        return self.select_for_update(of=("self",)).get(pk=pk)


class Series(ShownToVisitors):
    """Several dated meetings of one activity, in the order of their dates; each is a Session that stands by itself."""

    title = model_fields.LineField(_("title"), max_length=TITLE_LENGTH)
    registration = models.CharField(_("people register"), max_length=8, choices=SeriesRegistration)
    is_demo = models.BooleanField(_("demo data"), default=False, editable=False)
    created_at = models.DateTimeField(editable=False)
    changed_at = models.DateTimeField(_("last change"), editable=False)

    objects = SeriesQuerySet.as_manager()

    class Meta:
        verbose_name = _("series")
        verbose_name_plural = _("series (more than one)")
        ordering = ["-created_at", "-pk"]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("sessions:series", args=[self.pk])

    def has_on_it(self, person):
        """Whether a date that opens later is for this person too; who has a row is on the whole."""
        return self.memberships.filter(person=person.pk).exists()

    @property
    def is_whole(self):
        """One registration for all dates still to come."""
        return self.registration == SeriesRegistration.WHOLE
