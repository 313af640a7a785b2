import calendar
from datetime import date, datetime, timedelta
from itertools import groupby

from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.dates import AMSTERDAM, local
from core.http import sign_in_instead_of_404
from core.visitor_pages import kept_for_visitors, kept_value, render_for_kind
from sessions_app import permissions
from sessions_app.calendar_file import calendar_file
from sessions_app.models import Hosting, Registration, Session
from sessions_app.rules import UPCOMING, Form, HostingPart, calendar_sequence, is_online_only
from sessions_app.views.calendars import as_download
from sessions_app.views.filters import Filters, numbers_by_facet
from sessions_app.views.found import found_or_404
from sessions_app.views.panel import may_register_colleagues, may_tell_needs, panel_for
from sessions_app.views.series_dates import other_dates

PAGE = 30
FIRST_YEAR, LAST_YEAR = 2020, 2100


@require_safe
@kept_for_visitors
def session_list(request):
    """The sessions to come, or those that were, by month."""
    now = timezone.now()
    filters = Filters.of(request)
    dated = Session.objects.without_dialogues().dated()
    filters.count(filters.base(dated.listed(), now), filters.base(dated.visible_beside_programme(request.user), now))
    rows = (
        filters.narrow(filters.base(dated.visible_to(request.user), now))
        .with_seats()
        .with_registration_of(request.user)
        .with_place_in_programme()
        .order_by("-starts_at" if filters.past else "starts_at", "pk")
    )
    page = Paginator(Counted(rows, filters.matching()), PAGE).get_page(request.GET.get("page"))
    months = [
        (month, list(sessions))
        for month, sessions in groupby(page, key=lambda s: local(s.starts_at).date().replace(day=1))
    ]
    context = {
        "months": months,
        "page": page,
        "filters": filters,
        "is_filtered": bool(filters.chosen) or filters.for_me,
        "this_month": month_of(local(now).date()),
    }
    return render(request, "sessions_app/session_list.html", context)


class Counted:
    """A queryset whose number of rows is known, so that paging needs no query to count them."""

    def __init__(self, rows, number):
        self.rows = rows
        self.number = number
        self.ordered = True

    def count(self):
        return self.number

    def __getitem__(self, part):
        return self.rows[part]


@require_safe
def this_month(request):
    return redirect("sessions:month", month=month_of(local(timezone.now()).date()))


def month_of(day):
    return f"{day:%Y-%m}"


@require_safe
@kept_for_visitors
def month(request, month):
    """A month as a calendar; on a phone as a list of the days on which something is on."""
    try:
        first = datetime.strptime(month, "%Y-%m").replace(tzinfo=AMSTERDAM)
    except ValueError as error:
        raise Http404 from error
    if not FIRST_YEAR <= first.year <= LAST_YEAR:
        raise Http404
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    start, end = midnight(weeks[0][0]), midnight(weeks[-1][-1] + timedelta(days=1))
    filters = Filters.of(request)
    visible = Session.objects.visible_to(request.user).without_dialogues()
    listed = visible.filter(starts_at__gte=start, starts_at__lt=end)
    if filters.for_me:
        listed = listed.filter(filters.mine())
    filters.facets = numbers_by_facet(listed)
    on_day: dict[date, list[Session]] = {}
    for session in filters.narrow(listed).with_place_in_programme().order_by("starts_at", "pk"):
        on_day.setdefault(local(session.starts_at).date(), []).append(session)
    today = local(timezone.now()).date()
    context = {
        "first": first,
        "weeks": [
            [{"date": day, "sessions": on_day.get(day, []), "is_other": day.month != first.month} for day in week]
            for week in weeks
        ],
        "has_sessions": any(day.month == first.month for day in on_day),
        "previous": month_of(first - timedelta(days=1)),
        "next": month_of(first + timedelta(days=32)),
        "today": today,
        "filters": filters,
    }
    return render(request, "sessions_app/session_month.html", context)


def midnight(day):
    return datetime(day.year, day.month, day.day, tzinfo=AMSTERDAM)


def for_its_page():
    """Sessions with all that their own page shows and that is the same for every reader."""
    hostings = Hosting.objects.select_related("organisation").order_by("part", "pk")
    rows = Session.objects.with_seats().with_place_in_programme()
    return rows.prefetch_related(Prefetch("hostings", hostings), "partos_roles")


def is_to_come(session, now):
    return session.state in UPCOMING and session.starts_at is not None and session.starts_at > now


@require_safe
@kept_for_visitors
@sign_in_instead_of_404
def detail(request, pk):
    """One session: for visitors its title and date, for its audience all of it, and the one button that applies."""
    now = timezone.now()
    kept = kept_value(f"session:{pk}", lambda: for_its_page().listed().filter(pk=pk).order_by().first())
    session = kept.value or found_or_404(for_its_page(), request.user, pk)
    registration = None
    if request.user.is_authenticated:
        registration = session.registrations.with_a_place().filter(person=request.user).order_by().first()
    reads_as_registered = registration is not None and not registration.asks_by_link_of_another
    may_read = permissions.may_read(request.user, session) or reads_as_registered
    series_dates = other_dates(session, request.user)
    differing = {
        "series_dates": series_dates,
        "series_length": max((row["number"] for row in series_dates.values()), default=0),
        "is_registered": registration is not None,
        "may_read": may_read,
        "panel": panel_for(request.user, session, registration, now=now) if session.starts_at or registration else None,
        "shows_link": bool(
            registration and registration.is_seated and registration.form == Form.ONLINE and session.online_link
        ),
        "sets_reminders": is_to_come(session, now) and permissions.may_set_reminders(request.user, session),
        "sees_participants": permissions.may_see_participants(request.user, session, now=now),
        "notes_attendance": session.notes_attendance(now) and permissions.may_note_attendance(request.user, session),
        "may_register_colleagues": may_register_colleagues(request.user, session, now=now),
        "may_tell_needs": bool(registration and may_tell_needs(session, now=now)),
        "is_online_only": bool(registration and is_online_only(registration.form, wished=registration.wished_form)),
    }
    return render_for_kind(
        request,
        "sessions_app/session_detail.html",
        version=kept.version,
        shared=lambda: same_for_all(session),
        differing=differing,
    )


def same_for_all(session):
    hostings = session.hostings.all()
    return {
        "session": session,
        "leads": [h for h in hostings if h.part == HostingPart.CONTENT_LEAD],
        "other_hosts": [h for h in hostings if h.part != HostingPart.CONTENT_LEAD],
        "noindex": session.is_demo,
    }


@require_safe
@sign_in_instead_of_404
def calendar_download(request, pk):
    """The `.ics` of a session, for who may read where it is."""
    session = found_or_404(Session.objects.dated(), request.user, pk)
    if not permissions.may_read(request.user, session):
        raise Http404
    steps = Registration.objects.calendar_steps(session, [request.user.pk]).get(request.user.pk, 0)
    number = calendar_sequence(session_sequence=session.sequence, steps=steps, has_ended=False)
    own = Registration.objects.with_a_place().filter(session=session, person=request.user.pk).first()
    form = own.form if own else ""
    text = calendar_file(session, form=form, language=request.LANGUAGE_CODE, sequence=number)
    return as_download(text, name=f"bijeenkomst-{session.pk}.ics")
