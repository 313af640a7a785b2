from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import model_fields
from core.links import new_nonce
from core.visitor_pages import ShownToVisitors
from members.models import Organisation
from sessions_app.models.registration_sets import RegistrationQuerySet
from sessions_app.rules import LIVE, SEATED, Form, Language, RegistrationState, state_as_told


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
    function = model_fields.NameField(_("function"), max_length=120, blank=True)
    form = models.CharField(_("attends"), max_length=8, choices=Form)
    needs_language = models.CharField(_("language need"), max_length=4, choices=Language, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=RegistrationState, editable=False)
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        verbose_name=_("registered by"),
        help_text=_("The colleague who did it; empty for whoever registered in person."),
    )
    guest = models.ForeignKey(
        "sessions_app.Guest",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="registrations",
        editable=False,
        verbose_name=_("asked by the invitation to"),
        help_text=_("The invited address, when somebody else asked to come by its invitation."),
    )
    invitation = models.ForeignKey(
        "sessions_app.Guest",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        help_text="her own invitation by address, by which she registered; it holds when her address changes",
    )
    needs_invitation = models.BooleanField(
        default=False, db_default=False, editable=False, help_text="the session was by invitation when she registered"
    )
    queued_at = models.DateTimeField(_("registered at"), editable=False)
    offered_until = models.DateTimeField(_("offer holds until"), null=True, blank=True, editable=False)
    wished_form = models.CharField(
        _("would rather attend"), max_length=8, choices=Form, blank=True, default="", db_default="", editable=False
    )
    wished_at = models.DateTimeField(null=True, blank=True, editable=False)
    ended_from = models.CharField(
        max_length=10, choices=RegistrationState, blank=True, default="", db_default="", editable=False,
        help_text="the state that it had when the session was called off, for when that is taken back",
    )  # fmt: skip
    room_changes = models.PositiveSmallIntegerField(
        default=0, db_default=0, editable=False, help_text="numbers the calendar files"
    )
    link_nonce = models.CharField(  # of the mailed link; core.links
        max_length=20, default=new_nonce, db_default="", editable=False
    )
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
            models.CheckConstraint(
                condition=~Q(state=RegistrationState.OFFERED) | Q(offered_until__isnull=False),
                name="registration_offer_has_an_end",
            ),
            models.CheckConstraint(
                condition=Q(wished_form="") | Q(wished_at__isnull=False), name="registration_wish_has_a_moment"
            ),
        ]

    def __str__(self):
        return f"{self.person} – {self.session}"

    @property
    def is_seated(self):
        return self.state in SEATED

    @property
    def asks_by_link_of_another(self):
        """Holds somebody else's invitation and was not admitted yet: may know no more than that mail told."""
        return self.guest_id is not None and self.state == RegistrationState.REQUESTED

    @property
    def needs_text(self):
        """What the person needs, or nothing; read it with on_the_list(with_needs=True)."""
        note = getattr(self, "needs", None)
        return note.text if note else ""

    @property
    def state_as_told(self):
        """For the person, peers and the employer: see rules.state_as_told."""
        return state_as_told(self.state)
