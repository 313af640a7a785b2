"""The year on one page: what waits to be judged, and a matrix of line × track × month in which a gap can be seen."""

from dataclasses import dataclass, field
from datetime import date, datetime

from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext

from core.dates import AMSTERDAM, is_day_off, local, working_days_between
from leerlijnen.models import LearningLine, Programme, Track, Workstream
from sessions_app.calendar_warnings import warnings_for
from sessions_app.models import Session
from sessions_app.rules import DATED, FIRST_ANSWER_WORKING_DAYS, SessionState

FIRST_YEAR, LAST_YEAR = 2020, 2100
SHOWN = (*DATED, SessionState.CANCELLED)


@dataclass
class Row:
    """One line and track, or one workstream, with a list of sessions for each month and one for those undated."""

    line: LearningLine | None = None
    track: Track | None = None
    workstream: Workstream | None = None
    months: list[list[Session]] = field(default_factory=lambda: [[] for _month in range(12)])
    undated: list[Session] = field(default_factory=list)


def planning_view(model_admin, request, year):
    """Costs the same number of queries however much is planned."""
    now = timezone.now()
    year = year if year and FIRST_YEAR <= year <= LAST_YEAR else local(now).year
    programme = Programme.objects.filter(year__lte=year).order_by("-year").first()
    rows = rows_of(programme) if programme else []
    by_place = {(row.line, row.track) if row.line else row.workstream: row for row in rows}
    sessions = model_admin.get_queryset(request).prefetch_related("hostings__organisation")
    start, end = (datetime(number, 1, 1, tzinfo=AMSTERDAM) for number in (year, year + 1))
    for session in sessions.filter(starts_at__gte=start, starts_at__lt=end, state__in=SHOWN).order_by("starts_at"):
        belgian = any(hosting.organisation.country == "BE" for hosting in session.hostings.all())
        session.warnings = warnings_for(session.starts_at, session.ends_at, belgian=belgian)
        if row := by_place.get(place_of(session)):
            row.months[local(session.starts_at).month - 1].append(session)
    for session in sessions.filter(state=SessionState.ACCEPTED).order_by("submitted_at"):
        if row := by_place.get(place_of(session)):
            row.undated.append(session)
    waiting = list(sessions.proposals().order_by("submitted_at"))
    for session in waiting:
        session.days_waited = working_days_between(session.submitted_at, now, is_day_off) if session.submitted_at else 0
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": gettext("Planning %(year)s") % {"year": year},
        "year": year,
        "months": [date(year, month, 1) for month in range(1, 13)],
        "this_month": local(now).date().replace(day=1),
        "rows": rows,
        "waiting": waiting,
        "limit": FIRST_ANSWER_WORKING_DAYS,
    }
    return TemplateResponse(request, "admin/sessions_app/session/planning.html", context)


def place_of(session):
    return (session.learning_line, session.track) if session.learning_line else session.workstream


def rows_of(programme):
    tracks = list(programme.tracks.all())
    rows = [Row(line=line, track=track) for line in programme.learning_lines.all() for track in tracks]
    return rows + [Row(workstream=workstream) for workstream in programme.workstreams.all()]
