from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from core import streams, texts


class QualityConfig(AppConfig):
    name = "quality"
    verbose_name = _("Quality")

    def ready(self):
        from core import audit
        from quality.streams import CERTIFICATES
        from quality.verbs import VERBS

        streams.register(CERTIFICATES)
        audit.register(*VERBS)
        texts.register("quality.CertificationBody", "name", is_name=True)
        texts.register("quality.Certificate", "standard", "scope", "number")
