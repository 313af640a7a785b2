from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from core import model_fields
from core.visitor_pages import ShownQuerySet, ShownToVisitors
from integrity.rules import (
    CHECK_EVERY,
    CHECK_EVERY_WITHOUT_PHONE,
    ForWhom,
    ItemState,
    Owner,
    RouteState,
    check_before,
    route_state,
)
from members.permissions import standing_of

NO_REPORT_HERE = _("Do not write down a report, a name or a case here: the portal keeps none.")


class Language(models.TextChoices):
    NL = "nl", _("Dutch")
    EN = "en", _("English")


def is_list_of_groups(value):
    if not isinstance(value, list) or set(value) - set(ForWhom):
        raise ValidationError(_("Choose from the list."))


class RouteQuerySet(ShownQuerySet):
    def visible_to(self, person):
        """What is published is for everyone; the integrity coordinator sees all."""
        if person.has_perm(f"integrity.view_{self.model._meta.model_name}"):
            return self
        return self.published()

    def published(self):
        return self.filter(state=RouteState.PUBLISHED)

    def to_be_checked_by(self, moment):
        """Published, and due for a check by then."""
        with_phone = ~models.Q(phone="") & models.Q(verified_at__lte=moment - CHECK_EVERY)
        late = with_phone | models.Q(verified_at__lte=moment - CHECK_EVERY_WITHOUT_PHONE)
        return self.published().filter(late)


class Route(ShownToVisitors):
    """Where one can go, run by an organisation outside the portal. A function and a channel, never a person's name."""

    title = model_fields.LineField(_("name of the route"), max_length=160)
    run_by = model_fields.LineField(_("organisation that runs it"), max_length=160)
    language = models.CharField(_("language of these texts"), max_length=2, choices=Language, default=Language.NL)
    for_whom = models.JSONField(_("for whom"), default=list, blank=True, validators=[is_list_of_groups])
    about = model_fields.ParagraphsField(_("about what"), max_length=1000, blank=True, help_text=NO_REPORT_HERE)
    contact_function = model_fields.LineField(
        _("whom one speaks to"),
        max_length=120,
        blank=True,
        help_text=_("The function, such as confidential adviser; no name."),
    )
    phone = model_fields.LineField(_("phone"), max_length=40, blank=True)
    mail = model_fields.AddressField(_("e-mail address"), max_length=254, blank=True)
    web = model_fields.LinkField(
        _("website"), max_length=500, blank=True, validators=[URLValidator(schemes=["https", "http"])]
    )
    opening_hours = model_fields.LineField(_("opening hours"), max_length=200, blank=True)
    languages = model_fields.LineField(_("languages spoken"), max_length=200, blank=True)
    is_anonymous_possible = models.BooleanField(_("can be anonymous"), default=False)
    what_next = model_fields.ParagraphsField(
        _("what happens next"), max_length=1000, blank=True, help_text=NO_REPORT_HERE
    )
    order = models.PositiveSmallIntegerField(_("place in the list"), default=1)
    state = models.CharField(_("state"), max_length=16, choices=RouteState, default=RouteState.DRAFT, editable=False)
    verified_at = models.DateTimeField(_("last checked"), null=True, blank=True, editable=False)

    objects = RouteQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["order", "title"]

    def __str__(self):
        return self.title

    def state_at(self, now):
        return route_state(stored=self.state, verified_at=self.verified_at, has_phone=bool(self.phone), now=now)

    def is_due(self, now):
        """Its phone number and address are hidden until someone checks it."""
        return self.state_at(now) == RouteState.DUE_FOR_CHECK

    @property
    def check_before(self):
        return check_before(verified_at=self.verified_at, has_phone=bool(self.phone))

    @property
    def groups(self):
        """For whom, in words."""
        return [ForWhom(code).label for code in ForWhom if code in self.for_whom]


class ReportingRoute(Route):
    class Meta(Route.Meta):
        verbose_name = _("reporting route")
        verbose_name_plural = _("reporting routes")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state=RouteState.DUE_FOR_CHECK), name="reporting_route_due_is_derived"
            )
        ]


class SupportRoute(Route):
    class Meta(Route.Meta):
        verbose_name = _("support route")
        verbose_name_plural = _("support routes")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state=RouteState.DUE_FOR_CHECK), name="support_route_due_is_derived"
            )
        ]


class IntegrityAgendaItemQuerySet(models.QuerySet):
    def visible_to(self, person):
        """People of member organisations, and the integrity coordinator."""
        if person.has_perm("integrity.view_integrityagendaitem") or standing_of(person).is_member:
            return self
        return self.none()


class IntegrityAgendaItem(models.Model):
    """A subject that the sector works on together, with Goede Doelen Nederland."""

    title = model_fields.LineField(_("title"), max_length=200, help_text=NO_REPORT_HERE)
    title_language = models.CharField(_("language of the title"), max_length=2, choices=Language, default=Language.NL)
    owner = models.CharField(_("owner"), max_length=8, choices=Owner)
    state = models.CharField(_("state"), max_length=12, choices=ItemState, default=ItemState.SIGNALLED, editable=False)
    next_step = model_fields.LineField(_("next step"), max_length=300, blank=True, help_text=NO_REPORT_HERE)
    next_date = models.DateField(_("date of the next step"), null=True, blank=True)
    changed_at = models.DateTimeField(_("last change"), editable=False)

    objects = IntegrityAgendaItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("item of the integrity agenda")
        verbose_name_plural = _("integrity agenda")
        ordering = [models.F("next_date").asc(nulls_last=True), "pk"]

    def __str__(self):
        return self.title
