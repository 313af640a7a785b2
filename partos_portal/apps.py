from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    name = "partos_portal"
    verbose_name = _("Keeping and erasing")
