from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = _("Mail and audit trail")

    def ready(self):
        from core import checks  # noqa: F401  # registers the system checks
