from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from core import links, model_fields
from members.models import Organisation
from sessions_app.models.hostings import Hosting
from sessions_app.rules import (
    IN_CALENDARS,
    NAMES_KEPT,
    InvitationState,
    LinkOpens,
    calendar_sequence,
    link_opens,
)


class InvitationQuerySet(models.QuerySet):
    def visible_to(self, person):
        """Programme staff, and the hosts of the dialogue."""
        if not person.is_authenticated:
            return self.none()
        if person.has_perm("sessions_app.view_invitation"):
            return self
        return self.filter(Exists(Hosting.objects.of(person).filter(session=OuterRef("session"))))

    def accepted(self):
        return self.filter(state=InvitationState.ACCEPTED)

    def in_calendar_of(self, person, *, now):
        """Dialogues that this person accepted, by the address of the account, until names go (domain.md 4.3)."""
        own = self.accepted().filter(email=person.email.lower(), session__ends_at__gt=now - NAMES_KEPT)
        return own.select_related("session").only(
            "state", "times_undone", *(f"session__{name}" for name in IN_CALENDARS)
        )

    def live(self):
        """Those that keep their address from being invited once more."""
        ended = [InvitationState.REVOKED, InvitationState.EXPIRED, InvitationState.APPROVED]
        return self.exclude(state__in=ended)

    def with_dialogue(self):
        return self.select_related("session", "session__track", "session__learning_line")


class Invitation(models.Model):
    """A director's personal invitation to one leadership dialogue; gone 24 hours after its planned end."""

    session = models.ForeignKey(
        "sessions_app.Session", models.CASCADE, related_name="invitations", verbose_name=_("dialogue")
    )
    name = model_fields.NameField(_("name"), max_length=120)
    email = model_fields.AddressField(_("e-mail address"), max_length=254)
    function = model_fields.NameField(_("function"), max_length=120, blank=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name=_("organisation"))
    language = models.CharField(
        _("language"), max_length=2, choices=[("nl", _("Dutch")), ("en", _("English"))], default="nl"
    )
    state = models.CharField(
        _("state"), max_length=20, choices=InvitationState, default=InvitationState.PREPARED, editable=False
    )
    nonce = models.CharField(max_length=32, default=links.new_nonce, editable=False)  # of the newest mailed link
    link_is_spent = models.BooleanField(default=False, db_default=False, editable=False)  # it bound a device
    device = models.CharField(max_length=32, blank=True, default="", db_default="", editable=False)  # that answered
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True, editable=False)
    first_opened_at = models.DateTimeField(_("first opened at"), null=True, blank=True, editable=False)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True, editable=False)

    times_undone = models.PositiveSmallIntegerField(
        default=0, db_default=0, editable=False, help_text="how often yes became no; numbers the calendar files"
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["session", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "email"],
                condition=~Q(state__in=["revoked", "expired", "approved"]),
                name="one_live_invitation_per_address",
            )
        ]

    def __str__(self):
        return f"{self.name} – {self.session}"

    def opens(self, *, link_nonce: str, device: str) -> LinkOpens:
        """What a link with that nonce opens on that device."""
        return link_opens(
            state=self.state,
            nonce=self.nonce,
            is_spent=self.link_is_spent,
            bound_to=self.device,
            link_nonce=link_nonce,
            device=device,
        )

    def bind(self, *, link_nonce: str, device: str) -> None:
        """Open on this device from now on, and on no other; the newest link is spent when it did so. Saves nothing."""
        self.device = device
        self.link_is_spent = self.link_is_spent or link_nonce == self.nonce

    @property
    def calendar_sequence(self):
        """The SEQUENCE of this person's calendar file."""
        has_ended = self.state != InvitationState.ACCEPTED
        return calendar_sequence(
            session_sequence=self.session.sequence, steps=2 * self.times_undone, has_ended=has_ended
        )
