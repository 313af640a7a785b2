from django.db import models
from django.utils.translation import gettext_lazy as _


class GuestQuerySet(models.QuerySet):
    def of(self, person):
        """What the person is invited to, by the address with which she signs in."""
        return self.filter(email=person.email.lower())


class Guest(models.Model):
    """An address whose owner may register for a session that is not for her organisation, or is by invitation.

    It gives a right and is no registration; a leadership dialogue has an `Invitation` instead (domain.md 4.2, 4.3).
    """

    session = models.ForeignKey(
        "sessions_app.Session", models.CASCADE, related_name="guests", verbose_name=_("session")
    )
    email = models.EmailField(_("e-mail address"), max_length=254)  # in lower case, as accounts are
    invited_at = models.DateTimeField(_("invited at"), editable=False)

    objects = GuestQuerySet.as_manager()

    class Meta:
        verbose_name = _("invited address")
        verbose_name_plural = _("invited addresses")
        ordering = ["email"]
        constraints = [models.UniqueConstraint(fields=["session", "email"], name="guest_invited_once")]
        indexes = [models.Index(fields=["email"], name="guest_email")]

    def __str__(self):
        return self.email
