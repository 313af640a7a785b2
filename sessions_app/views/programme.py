"""The programme, its lines and its activities, with the dates of their sessions. The same for everyone.

Also who may see more sees here what a visitor sees: no page of the programme tells the date of a leadership dialogue.
"""

from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.dates import local
from core.visitor_pages import kept_for_visitors
from leerlijnen.models import Activity, LearningLine, Programme
from leerlijnen.outline import outline_of, outline_of_line
from sessions_app.models import Session
from sessions_app.rules import FIRST_ANSWER_WORKING_DAYS, PAST, UPCOMING

VISITOR = AnonymousUser()
SHOWN = 20  # sessions on the page of a line or activity; the list of sessions has them all


@require_safe
def home(request):
    """Who is signed in comes for the own agenda, a visitor for the programme."""
    return redirect("sessions:mine" if request.user.is_authenticated else "sessions:programme_current")


@require_safe
def current(request):
    programme = Programme.objects.visible_to(request.user).current(local(timezone.now()).year)
    if programme is None:
        raise Http404
    return redirect("sessions:programme", programme.year)


@require_safe
@kept_for_visitors
def programme(request, year):
    outline = outline_of(year)
    if outline is None:
        raise Http404
    sessions = Session.objects.visible_to(VISITOR).filter(programme=outline.programme)
    add_dates(outline.activities, sessions, timezone.now())
    context = {
        "outline": outline,
        "programme": outline.programme,
        "answer_days": FIRST_ANSWER_WORKING_DAYS,
        "with_date": sum(1 for activity in outline.activities if activity.next_session),
    }
    return render(request, "sessions_app/programme.html", context)


@require_safe
@kept_for_visitors
def line(request, slug):
    now = timezone.now()
    lines = LearningLine.objects.visible_to(request.user).select_related("programme")
    line = get_object_or_404(lines, slug=slug)
    sessions = Session.objects.visible_to(VISITOR).filter(learning_line=line)
    cells = outline_of_line(line)
    add_dates([activity for cell in cells for activity in cell.activities], sessions, now)
    context = {
        "line": line,
        "cells": cells,
        "upcoming": sessions.upcoming(now).with_place_in_programme()[:SHOWN],
    }
    return render(request, "sessions_app/line.html", context)


@require_safe
@kept_for_visitors
def activity(request, slug):
    now = timezone.now()
    activities = Activity.objects.visible_to(request.user).select_related("learning_line__programme", "track")
    activity = get_object_or_404(activities, slug=slug)
    sessions = Session.objects.visible_to(VISITOR).filter(activity=activity).with_place_in_programme()
    upcoming = list(sessions.upcoming(now)[:SHOWN])
    past = list(sessions.filter(state__in=PAST).order_by("-starts_at")[:SHOWN])
    context = {
        "activity": activity,
        "line": activity.learning_line,
        "upcoming": upcoming,
        "series": list(dict.fromkeys(row.series for row in [*upcoming, *past] if row.series)),
        "past": past,
    }
    return render(request, "sessions_app/activity.html", context)


def add_dates(activities, sessions, now):
    """Give each activity its `next_session` (pk, starts_at, is_demo) or None, and whether it `had_sessions`; one query.

    `sessions` are those that the reader may know of.
    """
    rows = sessions.filter(activity__isnull=False, starts_at__isnull=False).order_by("starts_at", "pk")
    upcoming, before = {}, set()
    for row in rows.values_list("activity", "pk", "starts_at", "ends_at", "state", "is_demo", named=True):
        if row.state in UPCOMING and row.ends_at >= now:
            upcoming.setdefault(row.activity, row)
        elif row.state in PAST:
            before.add(row.activity)
    for activity in activities:
        activity.next_session = upcoming.get(activity.pk)
        activity.had_sessions = activity.pk in before
