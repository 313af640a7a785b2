from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from core.visitor_pages import ShownQuerySet, ShownToVisitors
from members.models import Affiliation, Organisation
from sessions_app.rules import HostingPart


class Proposer(models.Model):
    """Who put the session on the agenda; a merged proposal keeps both."""

    session = models.ForeignKey("sessions_app.Session", models.CASCADE, related_name="proposers")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("person"))
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name=_("organisation"))

    class Meta:
        verbose_name = _("proposer")
        verbose_name_plural = _("proposers")
        constraints = [models.UniqueConstraint(fields=["session", "person"], name="one_credit_per_proposer")]

    def __str__(self):
        return f"{self.person} ({self.organisation})"


class HostingQuerySet(ShownQuerySet):
    def with_person_there(self):
        """Those whose person still has a confirmed affiliation with the organisation: a host's rights hang on it."""
        there = Affiliation.objects.confirmed().filter(person=OuterRef("person"), organisation=OuterRef("organisation"))
        return self.filter(Exists(there))

    def of(self, person):
        return self.with_person_there().filter(person=person)


class Hosting(ShownToVisitors):
    """An organisation's part in a session; `person` is its own person for it, who sees who is coming."""

    session = models.ForeignKey("sessions_app.Session", models.CASCADE, related_name="hostings")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="hostings", verbose_name=_("organisation")
    )
    part = models.CharField(_("part"), max_length=12, choices=HostingPart)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("person")
    )

    objects = HostingQuerySet.as_manager()

    class Meta:
        verbose_name = _("hosting")
        verbose_name_plural = _("hostings")
        constraints = [
            models.UniqueConstraint(fields=["session", "organisation", "part"], name="one_part_per_organisation")
        ]

    def __str__(self):
        return f"{self.organisation}: {self.get_part_display()}"
