from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from core import texts


class QualityConfig(AppConfig):
    name = "quality"
    verbose_name = _("Quality")

    def ready(self):
        texts.register("quality.CertificationBody", "name", is_name=True)
        texts.register("quality.Certificate", "standard", "scope", "number")
