from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models import Organisation
from sessions_app.models.series import Series


class SeriesMembership(models.Model):
    """Someone is on a series as a whole: a date that opens later is for her too. Who leaves has no row any more.

    Apart from the registrations, because each of these tells of one date: who gives up one keeps what comes, and who
    leaves the whole still has a place at what has been.
    """

    series = models.ForeignKey(Series, models.CASCADE, related_name="memberships", verbose_name=_("series"))
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("person"))
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("organisation")
    )
    since = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("place on a series")
        verbose_name_plural = _("places on series")
        ordering = ["since", "pk"]
        constraints = [models.UniqueConstraint(fields=["series", "person"], name="one_place_on_a_series_per_person")]

    def __str__(self):
        return f"{self.person} – {self.series}"
