from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from core import texts

ROUTE_TEXTS = (
    *("title", "run_by", "about", "contact_function", "phone"),
    *("opening_hours", "languages", "what_next"),
)


class IntegrityConfig(AppConfig):
    name = "integrity"
    verbose_name = _("Integrity")

    def ready(self):
        from core import audit
        from integrity.verbs import VERBS

        audit.register(*VERBS)
        texts.register("integrity.ReportingRoute", *ROUTE_TEXTS)
        texts.register("integrity.SupportRoute", *ROUTE_TEXTS)
        texts.register("integrity.IntegrityAgendaItem", "title", "next_step")
