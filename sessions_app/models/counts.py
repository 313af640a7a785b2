from django.db import models
from django.utils.translation import gettext_lazy as _

from core.visitor_pages import ShownToVisitors
from sessions_app.rules import Form, RegistrationState


class RegistrationCount(ShownToVisitors):
    """How many registrations a session had, once the registrations themselves are gone (domain.md 5.5).

    Whether people came is in the state: attended or not.
    """

    session = models.ForeignKey("sessions_app.Session", models.CASCADE, related_name="registration_counts")
    form = models.CharField(_("attends"), max_length=8, choices=Form)
    state = models.CharField(_("state"), max_length=10, choices=RegistrationState)
    number = models.PositiveIntegerField(_("number"))

    class Meta:
        verbose_name = _("number of registrations")
        verbose_name_plural = _("numbers of registrations")
        constraints = [
            models.UniqueConstraint(fields=["session", "form", "state"], name="one_count_per_form_and_state")
        ]

    def __str__(self):
        return f"{self.session_id} {self.form} {self.state}: {self.number}"
