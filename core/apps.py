from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = _("Mail and audit trail")

    def ready(self):
        from django.db.models import IntegerField

        from core import audit, checks  # noqa: F401  # it registers system checks
        from core.keys import KeyIn
        from core.verbs import VERBS

        IntegerField.register_lookup(KeyIn)
        audit.register(*VERBS)
