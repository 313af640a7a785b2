from django.db import models
from django.utils.translation import gettext_lazy as _


class RetentionRun(models.Model):
    """How many rows of one kind reached their end in one run; see partos_portal.retention. Names nobody."""

    kind = models.CharField(_("kind"), max_length=40)
    at = models.DateTimeField(_("when"), db_index=True)
    number = models.PositiveIntegerField(_("rows"))
    has_failed = models.BooleanField(_("failed"), default=False)

    class Meta:
        verbose_name = _("run of retention")
        verbose_name_plural = _("runs of retention")
        ordering = ["-at", "pk"]

    def __str__(self):
        return f"{self.kind}: {self.number}"
