from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from core import texts


class LeerlijnenConfig(AppConfig):
    name = "leerlijnen"
    verbose_name = _("programme")

    def ready(self):
        texts.register("leerlijnen.Activity", "explanation", "explanation_en")
