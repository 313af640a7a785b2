from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from core import streams, texts


class QualityConfig(AppConfig):
    name = "quality"
    verbose_name = _("Quality")

    def ready(self):
        from quality.streams import CERTIFICATES

        streams.register(CERTIFICATES)
        texts.register("quality.CertificationBody", "name", is_name=True)
        texts.register("quality.Certificate", "standard", "scope", "number")
