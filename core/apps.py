from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = _("Mail and audit trail")

    def ready(self):
        from core import audit, checks  # noqa: F401  # it registers system checks
        from core.verbs import VERBS

        audit.register(*VERBS)
