"""Series in the admin: made from a session that has a date, in two pages, and kept as a whole."""

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from core.asking import asking_page, fingerprint, to_show_first
from core.dates import span as in_words
from core.http import FORM_REFUSED
from core.moves import Refused
from core.old_pages import OUTDATED, digest
from core.portal_admin import PortalAdmin
from leerlijnen.models import Programme
from sessions_app.actions import planning, undoing
from sessions_app.actions import series as actions
from sessions_app.admin.acts import acts_waiting
from sessions_app.admin.hostings import warnings_of
from sessions_app.calendar_warnings import warnings_for
from sessions_app.forms.series import ROWS, AddDateForm, SeriesForm, date_forms, date_forms_sent
from sessions_app.models import Series
from sessions_app.permissions import can_curate
from sessions_app.repetition import Span, check_spans
from sessions_app.rules import SessionState

SERIES_CHANGE = "admin:sessions_app_series_change"
FOR_ALL = {
    "open": (_("Open all for registration"), planning.open_registration, (SessionState.PLANNED, SessionState.CLOSED)),
    "close": (_("Close all"), planning.close, (SessionState.OPEN,)),
    "held": (_("Mark all that are over as held"), planning.mark_held, (SessionState.PLANNED, SessionState.CLOSED)),
}


def may_make_series(session):
    return session.series_id is None and not session.is_dialogue and session.state in actions.MAKING


def add_refusal(form, refused):
    form.add_error(refused.field if refused.field in form.fields else None, refused.reason)


def make_series_view(model_admin, request, session, *, belgian):
    """Asks the dates, shows each of them in words with what the calendar says, and makes them on the last button."""
    now = timezone.now()
    if not may_make_series(session):
        raise Http404
    form = SeriesForm(request.POST if request.method == "POST" else None, initial={"title": session.title})
    first = Span(session.starts_at, session.ends_at)
    rows, foreseen, seen = [], None, ""
    if request.method == "POST" and form.is_valid():
        try:
            if "make" in request.POST:
                rows = date_forms_sent(request.POST)
                seen = fingerprint([(field.html_name, field.value()) for one in (form, *rows) for field in one])
                who = {"actor": request.user, "now": now}

                def do():
                    return undoing.together(
                        lambda: make(session, form, rows, **who),
                        name="series-made", sessions=[session.pk], whole_series=True, **who,
                    )  # fmt: skip

                foreseen = to_show_first(request, seen, do, now=now)
                if foreseen is None and (series := do()):
                    number = series.sessions.count()
                    text = ngettext("The series has %(n)s date.", "The series has %(n)s dates.", number)
                    messages.success(request, text % {"n": number})
                    return redirect(SERIES_CHANGE, series.pk)
            else:
                spans = form.spans(first)
                check_spans(spans, taken=[first.starts_at], years=Programme.objects.years(now), now=now)
                rows = date_forms(spans)
        except Refused as refused:
            add_refusal(form, refused)
    for row in rows:
        row.words, row.warnings = told(row, belgian=belgian)
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "original": session,
        "title": _("Make a series"),
        "form": form,
        "rows": rows,
        "rows_name": ROWS,
        "foreseen": foreseen,
        "seen": seen if foreseen else "",
    }
    wrong = bool(form.errors) or any(row.errors for row in rows)
    template = "admin/sessions_app/series/make.html"
    return TemplateResponse(request, template, context, status=FORM_REFUSED if wrong else 200)


def make(session, form, rows, *, actor, now):
    """The series, or None when a row can not be read."""
    kept = [row for row in rows if row["keep"].value()]
    wrong = [row for row in kept if not row.is_valid()]  # each of them, so that each tells
    if wrong:
        return None
    typed = form.cleaned_data
    return actions.make(
        session=session,
        title=typed["title"],
        registration=typed["registration"],
        spans=[row.span() for row in kept],
        actor=actor,
        now=now,
    )


def dates_shown(series):
    """Names the dates of a series with their states, for a button about all of them. One query."""
    return digest("\n".join(map(str, series.sessions.order_by("pk").values_list("pk", "state", "starts_at"))))


def dates_changed(number):
    return ngettext("%(number)s session changed.", "%(number)s sessions changed.", number) % {"number": number}


def dates_in_words(sessions):
    return [in_words(session.starts_at, session.ends_at, zone=False) for session in sessions]


def keys_of(series):
    return list(series.sessions.order_by("pk").values_list("pk", flat=True))


def told(row, *, belgian):
    """The date of a row in words, and what the calendar says of it; nothing of what can not be read."""
    if row.is_bound and not row.is_valid():
        return "", []
    values = row.cleaned_data if row.is_bound else row.initial
    start, end = values["starts_at"], values["ends_at"]
    return in_words(start, end, zone=False), warnings_for(start, end, belgian=belgian) if start < end else []


@admin.register(Series)
class SeriesAdmin(PortalAdmin):
    """The dates of a series, and what can be done with all of them. A series is made on the page of a session."""

    change_form_template = "admin/sessions_app/series/change_form.html"
    list_display = ["title", "registration", "made_at"]
    search_fields = ["title"]
    fields = ["title", "registration"]

    def get_queryset(self, request):
        return Series.objects.visible_to(request.user)

    @admin.display(description=_("made at"), ordering="created_at")
    def made_at(self, row):
        return row.created_at

    def has_view_permission(self, request, obj=None):
        return super().has_view_permission(request, obj) and can_curate(request.user)

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and can_curate(request.user)

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path("<path:object_id>/all/<slug:name>/", wrap(self.all_view), name="sessions_app_series_all"),
            path("<path:object_id>/date/", wrap(self.date_view), name="sessions_app_series_date"),
            *super().get_urls(),
        ]

    def save_model(self, request, obj, form, change):
        actions.change(series=obj, **form.cleaned_data, actor=request.user, now=timezone.now())

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj is not None:
            context["dates"] = list(obj.sessions.with_seats().select_related("track").order_by("starts_at", "pk"))
            context["for_all"] = [(name, label) for name, (label, _act, _states) in FOR_ALL.items()]
            context["dates_shown"] = dates_shown(obj)
            context["acts"] = acts_waiting(
                request, now=timezone.now(), sessions=[session.pk for session in context["dates"]]
            )
            context["may_change"] = self.has_change_permission(request, obj)
        return super().render_change_form(request, context, add=add, change=change, form_url=form_url, obj=obj)

    def _row(self, request, object_id):
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        return row

    @method_decorator(require_POST)
    def all_view(self, request, object_id, name):
        """One thing with all dates; each that refuses is told with its reason."""
        series = self._row(request, object_id)
        if name not in FOR_ALL:
            raise Http404
        label, act, states = FOR_ALL[name]
        shown, now = dates_shown(series), timezone.now()
        if request.POST.get("shown") != shown:
            messages.error(request, OUTDATED)
            return redirect(SERIES_CHANGE, series.pk)
        who = {"actor": request.user, "now": now}

        def do():
            return undoing.together(
                lambda: actions.each(series=series, act=act, states=states, **who),
                name=f"series-{name}", sessions=keys_of(series), whole_series=True, **who,
            )  # fmt: skip

        if foreseen := to_show_first(request, shown, do, now=now):
            done, _refused = foreseen.outcome
            return asking_page(
                self, request, title=label, sentences=[dates_changed(len(done))], rows=dates_in_words(done),
                original=series, hidden=[("shown", shown), ("seen", shown)], foreseen=foreseen,
            )  # fmt: skip
        done, refused = do()
        for session, reason in refused:
            messages.error(request, f"{in_words(session.starts_at, session.ends_at, zone=False)}: {reason.reason}")
        if done or not refused:
            messages.success(request, dates_changed(len(done)))
        return redirect(SERIES_CHANGE, series.pk)

    def date_view(self, request, object_id):
        """Asks when, and adds one date like the last."""
        series = self._row(request, object_id)
        form = AddDateForm(request.POST if request.method == "POST" else None)
        foreseen, seen, who = None, "", {"actor": request.user, "now": timezone.now()}
        if request.method == "POST" and form.is_valid():
            seen = fingerprint([(field.name, field.value()) for field in form])

            def do():
                return undoing.together(
                    lambda: actions.add(series=series, span=form.span(), **who),
                    name="series-date", sessions=keys_of(series), whole_series=True, **who,
                )  # fmt: skip

            try:
                foreseen = to_show_first(request, seen, do, now=who["now"])
                session = None if foreseen else do()
            except Refused as refused:
                add_refusal(form, refused)
                session = None
            if session:
                messages.success(request, _("The date is added."))
                for warning in warnings_of(session):
                    messages.warning(request, warning)
                return redirect(SERIES_CHANGE, series.pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": series,
            "title": _("Add a date"),
            "form": form,
            "foreseen": foreseen,
            "seen": seen if foreseen else "",
        }
        template = "admin/sessions_app/series/date.html"
        return TemplateResponse(request, template, context, status=FORM_REFUSED if form.errors else 200)
