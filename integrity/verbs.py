"""What can be done with routes and the integrity agenda, for the audit trail (core.audit)."""

from django.utils.translation import gettext_lazy as _

from core.audit import Verb
from integrity.rules import ItemState, RouteState

ROUTES = "integrity.ReportingRoute integrity.SupportRoute"
ITEM = "integrity.IntegrityAgendaItem"

VERBS = (
    *(Verb(f"route.{state}", state.label, on=ROUTES) for state in RouteState),
    *(Verb(f"integrity_agenda.{state}", state.label, on=ITEM) for state in ItemState),
    Verb("reportingroute.added", _("route added"), on="integrity.ReportingRoute"),
    Verb("reportingroute.changed", _("route changed"), on="integrity.ReportingRoute"),
    Verb("supportroute.added", _("route added"), on="integrity.SupportRoute"),
    Verb("supportroute.changed", _("route changed"), on="integrity.SupportRoute"),
    Verb("integrityagendaitem.added", _("item added"), on=ITEM),
    Verb("integrityagendaitem.changed", _("item changed"), on=ITEM),
)
