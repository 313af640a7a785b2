from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.dates import local
from core.visitor_pages import kept_for_visitors
from integrity import permissions
from integrity.models import IntegrityAgendaItem, ReportingRoute, SupportRoute
from leerlijnen.models import Workstream
from leerlijnen.rules import WorkstreamCode

# Where the button "leave quickly" goes: a page on which nobody sees where one came from.
QUICK_EXIT = "https://nl.wikipedia.org/"


@require_safe
@kept_for_visitors
def overview(request: HttpRequest) -> HttpResponse:
    """What the workstream does, and where one can report or find support. No form, no sign-in, no trace."""
    now = timezone.now()
    groups = [
        {"kind": kind, "routes": [{"row": row, "is_due": row.is_due(now)} for row in model.objects.published()]}
        for kind, model in (("reporting", ReportingRoute), ("support", SupportRoute))
    ]
    context = {
        "workstream": Workstream.objects.visible_to(request.user)
        .prefetch_related("points")
        .current(WorkstreamCode.INTEGRITY, local(now).year),
        "groups": groups,
        "quick_exit": QUICK_EXIT,
    }
    return render(request, "integrity/route_overview.html", context)


@require_safe
@login_required
def agenda(request: HttpRequest) -> HttpResponse:
    """The joint agenda, for people of member organisations."""
    if not permissions.may_read_agenda(request.user):
        raise Http404
    items = IntegrityAgendaItem.objects.visible_to(request.user)
    return render(request, "integrity/agenda_list.html", {"items": items})
