from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from core import model_fields
from members.models import Affiliation, Organisation
from members.rules import Role, TrackProfile
from quality import rules


class CertificationBody(models.Model):
    name = model_fields.LineField(_("name"), max_length=160, unique=True)
    is_demo = models.BooleanField(_("demo data"), default=False, editable=False)

    class Meta:
        verbose_name = _("certification body")
        verbose_name_plural = _("certification bodies")
        ordering = ["name"]

    def __str__(self):
        return self.name


class CertificateQuerySet(models.QuerySet):
    def visible_to(self, person):
        """Those of one's own organisation, for its director, contact and quality officer; the quality coordinator all.

        Other members' certificates are seen by nobody else (matrix of domain.md 3).
        """
        if not person.is_authenticated:
            return self.none()
        if person.has_perm("quality.view_certificate"):
            return self
        return self.of_own_organisations(person)

    def of_own_organisations(self, person):
        keeps_it = Affiliation.objects.confirmed().filter(
            Q(role__in=[Role.CONTACT, Role.QUALITY_OFFICER]) | Q(track_profile=TrackProfile.LEADERSHIP),
            person=person,
            organisation=OuterRef("organisation"),
        )
        return self.filter(Exists(keeps_it))

    def expiring_by(self, day):
        """With an expiry date up to and including `day`, and not withdrawn."""
        return self.filter(expires_on__lte=day, withdrawn_on=None)


class Certificate(models.Model):
    """What a certification body decided about a member's quality system. Facts and dates; findings are never kept."""

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="certificates", verbose_name=_("organisation")
    )
    standard = model_fields.LineField(
        _("standard and version"), max_length=120, help_text=_("Such as ISO 9001:2015, or Partos 9001:2018.")
    )
    scope = model_fields.LineField(_("scope"), max_length=300, blank=True)
    body = models.ForeignKey(
        CertificationBody, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("certification body")
    )
    number = model_fields.LineField(_("certificate number"), max_length=80, blank=True)
    decision_date = models.DateField(_("date of the decision"), null=True, blank=True)
    expires_on = models.DateField(_("expires on"), null=True, blank=True)
    last_surveillance_on = models.DateField(_("last surveillance audit"), null=True, blank=True)
    suspended_on = models.DateField(_("suspended on"), null=True, blank=True, editable=False)
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, blank=True, editable=False)
    nonconformities = models.PositiveSmallIntegerField(
        _("open nonconformities"), default=0, help_text=_("Their number only; never what they are.")
    )
    is_demo = models.BooleanField(_("demo data"), default=False, editable=False)
    changed_at = models.DateTimeField(_("last change"), editable=False)

    objects = CertificateQuerySet.as_manager()

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        ordering = ["organisation__name", F("expires_on").desc(nulls_first=True), "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_on=None) | Q(decision_date=None) | Q(expires_on__gt=F("decision_date")),
                name="certificate_expires_after_decision",
                violation_error_message=_("A certificate expires after the decision."),
            ),
            models.CheckConstraint(
                condition=Q(decision_date=None) | Q(expires_on__isnull=False),
                name="certificate_has_expiry_once_decided",
                violation_error_message=_("Give the date on which the certificate expires."),
            ),
        ]

    def __str__(self):
        return f"{self.organisation}: {self.standard}"

    @property
    def dates(self):
        return rules.Dates(
            decided=self.decision_date,
            expires=self.expires_on,
            last_surveillance=self.last_surveillance_on,
            suspended=self.suspended_on,
            withdrawn=self.withdrawn_on,
        )

    def status_on(self, today):
        return rules.status(self.dates, today=today)

    def next_date_on(self, today):
        return rules.next_date(self.dates, today=today)

    def is_in_force_on(self, today):
        return self.status_on(today) in rules.IN_FORCE
