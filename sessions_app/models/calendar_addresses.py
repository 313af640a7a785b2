from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core import links

PURPOSE = "calendar_address"  # of the signature in the address; core.links


class CalendarAddressQuerySet(models.QuerySet):
    def of(self, person):
        """The one of this person, or None while there is none."""
        return self.filter(person=person).first()

    def behind(self, token):
        """The one that this token is of, or None: never made here, replaced, switched off, or of a closed account.

        What was not made here costs no query.
        """
        try:
            pk, nonce = links.unseal(token, purpose=PURPOSE)
        except links.BadLink:
            return None
        found = self.select_related("person").filter(pk=pk, nonce=nonce, person__is_active=True)
        return found.only("nonce", "person__email").order_by().first()


class CalendarAddress(models.Model):
    """Where a person's own calendar can be read without signing in; a new nonce ends the address that there was."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("person"))
    nonce = models.CharField(max_length=32, default=links.new_nonce, editable=False)
    made_at = models.DateTimeField(_("made at"), editable=False)

    objects = CalendarAddressQuerySet.as_manager()

    class Meta:
        verbose_name = _("calendar address")
        verbose_name_plural = _("calendar addresses")

    def __str__(self):
        return str(self.person)

    @property
    def token(self):
        """What stands in the address; the database alone does not give it away."""
        return links.seal(purpose=PURPOSE, row=self.pk, nonce=self.nonce)
