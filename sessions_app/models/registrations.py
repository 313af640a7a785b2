from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from core.visitor_pages import ShownQuerySet, ShownToVisitors
from members.models import Organisation
from sessions_app.models.counts import RegistrationCount
from sessions_app.models.hostings import Hosting
from sessions_app.rules import HOLDING_SEAT, LIVE, Form, Language, RegistrationState, pool_with


class RegistrationQuerySet(ShownQuerySet):
    def visible_to(self, person):
        """One's own, and those of the sessions one hosts; programme staff see all."""
        if not person.is_authenticated:
            return self.none()
        if person.has_perm("sessions_app.view_registration"):
            return self
        hosted = Hosting.objects.of(person).filter(session=OuterRef("session"))
        return self.filter(Q(person=person) | Exists(hosted))

    def of(self, person):
        """One's own."""
        return self.filter(person=person)

    def live(self):
        return self.filter(state__in=LIVE)

    def to_come(self, now):
        """Live ones of what has not started; a postponed session has no date and counts as still to come."""
        return self.live().exclude(session__starts_at__lte=now)

    def holding_seat(self):
        return self.filter(state__in=HOLDING_SEAT)

    def confirmed(self):
        return self.filter(state=RegistrationState.CONFIRMED)

    def waiting(self):
        """First come, first served."""
        return self.filter(state=RegistrationState.WAITLISTED).order_by("queued_at", "pk")

    def numbers_of(self, sessions):
        """How many there are of each state and form: rows of session, state, form and number; `sessions` are keys.

        Those that were counted and deleted after their period (domain.md 5.5) come in rows of their own.
        """
        keys = list(sessions)
        rows = self.filter(session__in=keys).order_by().values_list("session", "state", "form")
        counted = RegistrationCount.objects.filter(session__in=keys).values_list("session", "state", "form", "number")
        return rows.annotate(rows=Count("pk")).union(counted, all=True)

    def by_state(self):
        """How many there are of each state: rows of state and number."""
        return self.order_by().values_list("state").annotate(number=Count("pk"))

    def in_pool(self, form, session):
        """Those that share their seats with this form of attendance."""
        return self.filter(session=session, form__in=pool_with(form, form=session.form))

    def place_in_line(self, registration, session):
        """1 for who gets the next seat of this form of attendance."""
        queue = self.in_pool(registration.form, session).waiting()
        return list(queue.values_list("pk", flat=True)).index(registration.pk) + 1


class Registration(ShownToVisitors):
    """A person's place, or wish for one, at a session, on behalf of an organisation."""

    session = models.ForeignKey(
        "sessions_app.Session", models.PROTECT, related_name="registrations", verbose_name=_("session")
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="registrations", verbose_name=_("person")
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("organisation")
    )
    function = models.CharField(_("function"), max_length=120, blank=True)
    form = models.CharField(_("attends"), max_length=8, choices=Form)
    needs_language = models.CharField(_("language need"), max_length=4, choices=Language, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=RegistrationState, editable=False)
    queued_at = models.DateTimeField(_("registered at"), editable=False)
    changed_at = models.DateTimeField(_("last change"), editable=False)

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        ordering = ["session", "queued_at", "pk"]
        indexes = [models.Index(fields=["session", "state", "queued_at"], name="registration_queue")]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "person"], condition=Q(state__in=LIVE), name="one_live_registration_per_person"
            ),
            models.CheckConstraint(condition=~Q(form=Form.HYBRID), name="registration_for_one_form"),
        ]

    def __str__(self):
        return f"{self.person} – {self.session}"
