from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from core import links, model_fields
from core.links import new_nonce
from leerlijnen.rules import TrackCode
from members.models import Language
from sessions_app.models.registrations import Registration
from sessions_app.rules import ADMITTED, LISTED, SessionState

GUEST_LINK = "guest"  # purpose of the mailed link to an invitation by address; core.links


class GuestQuerySet(models.QuerySet):
    def of(self, person):
        """What the person is invited to, by the address with which she signs in."""
        return self.filter(email=person.email.lower())

    def letting_in(self, person):
        """What the person is invited to, and what she was admitted to by the invitation of another."""
        own = Registration.objects.filter(person=person).order_by()
        admitted = Exists(own.filter(guest=OuterRef("pk"), state__in=ADMITTED))
        older_address = Exists(own.with_a_place().filter(invitation=OuterRef("pk")))
        return self.filter(Q(email=person.email.lower()) | admitted | older_address)

    def let_in_at(self, session):
        """The addresses of who may register for a session by invitation, and of who was admitted by that of another."""
        admitted = Registration.objects.filter(session=session, guest__isnull=False, state__in=ADMITTED).order_by()
        admitted = admitted.values_list(Lower("person__email"), flat=True)
        return {*self.filter(session=session).values_list("email", flat=True), *admitted}

    def without_registration(self):
        """Those whose owner never registered for the session: who did is told by her registration, or gave it up."""
        own = Registration.objects.filter(session=OuterRef("session"))
        own = own.annotate(address=Lower("person__email")).filter(address=OuterRef("email"))
        return self.exclude(Exists(own.order_by()))

    def behind_link(self, token):
        """The invitation that a mailed link opens, or None for a link that was never made here or is taken back.

        Also None for a session that nobody knows of; a postponed one is known to who was invited to it.
        """
        try:
            pk, nonce = links.read(token, purpose=GUEST_LINK)
        except links.BadLink:
            return None
        rows = self.filter(session__state__in=[*LISTED, SessionState.ACCEPTED])
        rows = rows.exclude(session__track__code=TrackCode.LEADERSHIP)
        return (
            rows.select_related("session", "session__track", "session__series").filter(pk=pk, link_nonce=nonce).first()
        )


class Guest(models.Model):
    """An address whose owner may register for a session that is not for her organisation, or is by invitation.

    It gives a right and is no registration; a leadership dialogue has an `Invitation` instead (domain.md 4.2, 4.3).
    """

    session = models.ForeignKey(
        "sessions_app.Session", models.CASCADE, related_name="guests", verbose_name=_("session")
    )
    email = model_fields.AddressField(_("e-mail address"), max_length=254)  # in lower case, as accounts are
    language = models.CharField(  # of the mail to who has no account
        _("language"), max_length=2, choices=Language, default=Language.NL, db_default=Language.NL, editable=False
    )
    invited_at = models.DateTimeField(_("invited at"), editable=False)
    link_nonce = models.CharField(  # of the mailed link; core.links
        max_length=20, default=new_nonce, db_default="", editable=False
    )

    objects = GuestQuerySet.as_manager()

    class Meta:
        verbose_name = _("invited address")
        verbose_name_plural = _("invited addresses")
        ordering = ["email"]
        constraints = [models.UniqueConstraint(fields=["session", "email"], name="guest_invited_once")]
        indexes = [models.Index(fields=["email"], name="guest_email")]

    def __str__(self):
        return self.email

    def is_of(self, person):
        """Sent to the address with which the person signs in."""
        return self.email == person.email.lower()

    @property
    def masked(self):
        """The address for who may not read it: its first letter and where it is, as n•••@horizonhulp.example."""
        name, _at, domain = self.email.rpartition("@")
        return f"{name[:1]}{links.HIDDEN}@{domain}"
