from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from core import texts


class LeerlijnenConfig(AppConfig):
    name = "leerlijnen"
    verbose_name = _("Programme")

    def ready(self):
        from core import audit
        from leerlijnen.actions.lost_links import CONSEQUENCE
        from leerlijnen.verbs import VERBS
        from members import consequences

        consequences.register(CONSEQUENCE)
        audit.register(*VERBS)
        for model in ("PartosRole", "LearningLine", "Workstream", "Activity"):
            texts.register(f"leerlijnen.{model}", "explanation", "explanation_en")
