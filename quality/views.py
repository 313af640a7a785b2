from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.visitor_pages import kept_for_visitors
from leerlijnen.models import Workstream
from leerlijnen.rules import WorkstreamCode
from quality import permissions
from quality.models import Certificate

TONES = {
    "active": "ok",
    "surveillance_due": "warn",
    "recertification_due": "warn",
    "expired": "danger",
    "suspended": "danger",
    "withdrawn": "danger",
}


@require_safe
@kept_for_visitors
def overview(request: HttpRequest) -> HttpResponse:
    """What the workstream does, for everyone; the way to the own dossier for who may read one."""
    context = {
        "workstream": Workstream.objects.visible_to(request.user)
        .prefetch_related("points")
        .current(WorkstreamCode.QUALITY, timezone.localdate().year),
        "has_dossier": bool(permissions.own_dossiers(request.user)),
    }
    return render(request, "quality/certificate_overview.html", context)


@require_safe
@login_required
def own(request: HttpRequest) -> HttpResponse:
    """The certificates of one's own organisation, for its director, contact and quality officer."""
    organisations = permissions.own_dossiers(request.user)
    if not organisations:
        raise Http404
    today = timezone.localdate()
    rows = Certificate.objects.of_own_organisations(request.user).select_related("organisation", "body")
    certificates = [describe(row, today) for row in rows]
    dossiers = [
        {
            "organisation": organisation,
            "certificates": [row for row in certificates if row["row"].organisation_id == organisation.pk],
        }
        for organisation in organisations
    ]
    return render(request, "quality/certificate_own.html", {"dossiers": dossiers})


def describe(row: Certificate, today) -> dict:
    status = row.status_on(today)
    return {
        "row": row,
        "status": status.value,
        "status_words": status.label,
        "tone": TONES.get(status, ""),
        "next_date": row.next_date_on(today),
    }
