from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    name = "partos_portal"
    verbose_name = _("Keeping and erasing")

    def ready(self):
        from partos_portal.watch import task_log  # noqa: F401  # it registers Celery's signals
