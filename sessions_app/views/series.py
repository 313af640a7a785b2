from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from core.http import FORM_REFUSED, sign_in_instead_of_404
from core.moves import Refused
from core.visitor_pages import kept_for_visitors
from members.permissions import standing_of
from sessions_app.actions import series_registrations
from sessions_app.forms.registrations import RegistrationForm
from sessions_app.models import Registration, Series
from sessions_app.rules import LIVE, Audience, RegistrationState, SessionState, is_online_only
from sessions_app.views.panel import Panel
from sessions_app.views.series_dates import dates_of


@require_safe
@kept_for_visitors
@sign_in_instead_of_404
def series(request, pk):
    """All dates of a series with their seats, what one has at each, and for a whole one the one button."""
    series = get_object_or_404(Series.objects.visible_to(request.user), pk=pk)
    dates = dates_of(series, request.user)
    if not dates:
        raise Http404
    now = timezone.now()
    panel = panel_of(series, dates, request.user, now=now)
    cancel = reverse("sessions:series_cancel", args=[series.pk])
    has_own = any(s.my_state in LIVE and (s.starts_at is None or s.starts_at > now) for s in dates)
    context = {
        "series": series,
        "dates": dates,
        "first": dates[0],
        "panel": panel,
        "cancel_url": cancel if series.is_whole and has_own and panel.url != cancel else "",
        "noindex": series.is_demo,
    }
    return render(request, "sessions_app/series.html", context)


def panel_of(series, dates, person, *, now) -> Panel:
    """What a series asks of the reader now, with one sentence why."""
    to_come = [s for s in dates if s.state != SessionState.CANCELLED and (s.starts_at is None or s.starts_at > now)]
    own = [s for s in to_come if s.my_state in LIVE]
    if person.is_authenticated and series.is_whole and not own and series.has_on_it(person):
        why = _("You are on this series, and on the list of no date. A date that is added is for you too.")
        return Panel(why, _("Leave the series"), reverse("sessions:series_cancel", args=[series.pk]), True)
    if not to_come:
        return Panel(_("All dates of this series have been."))
    if not series.is_whole:
        return Panel(_("You register for each date apart. Choose a date below."))
    register = reverse("sessions:series_register", args=[series.pk])
    if not person.is_authenticated:
        if not any(s.state == SessionState.OPEN for s in to_come):
            return Panel(_("Registration has not opened yet."))
        why = _("Registration is for people of member organisations. Sign in to register.")
        if any(s.audience == Audience.PUBLIC for s in to_come):
            why = _("Everyone may come. Sign in to register.")
        return Panel(why, _("Sign in to register"), f"{reverse('account_request_login_code')}?next={register}")
    rest, refusal = series_registrations.dates_for(person, [s for s in to_come if s not in own], now=now)
    if own:
        why = ngettext(
            "You are on the list of %(own)s of the %(all)s dates to come.",
            "You are on the list of %(own)s of the %(all)s dates to come.",
            len(own),
        ) % {"own": len(own), "all": len(to_come)}
        if rest:
            return Panel(why, _("Register for the other dates"), register)
        return Panel(why, _("Cancel all dates"), reverse("sessions:series_cancel", args=[series.pk]), True)
    if not rest:
        return Panel(str(refusal.reason) if refusal else _("Registration for this series has closed."))
    full = sum(not any(seats.has_room for seats in session.seats) for session in rest)
    why = ngettext(
        "One registration holds for %(n)s date.", "One registration holds for all %(n)s dates.", len(rest)
    ) % {"n": len(rest)}
    if full:
        why += " " + ngettext(
            "%(n)s of them is full: there you join the waiting list.",
            "%(n)s of them are full: there you join the waiting list.",
            full,
        ) % {"n": full}
    return Panel(why, _("Register for the whole series"), register)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def register(request, pk):
    """Every date that it will be for, what is asked and why, and the one button; doing it twice does no harm."""
    now = timezone.now()
    series = get_object_or_404(Series.objects.visible_to(request.user), pk=pk)
    if not series.is_whole:
        return redirect(series)
    dates = dates_of(series, request.user)
    rest, refusal = series_registrations.dates_for(request.user, [s for s in dates if not s.my_state], now=now)
    has_own = any(s.my_state in LIVE and (s.starts_at is None or s.starts_at > now) for s in dates)
    organisations = standing_of(request.user).organisations
    # The date that asks most: how one attends where there is a choice, and about food where there is one on site.
    asked_of = min(rest or dates[:1], key=lambda s: (not s.is_hybrid, is_online_only(s.form)))
    form = RegistrationForm(
        request.POST if request.method == "POST" else None,
        session=asked_of,
        person=request.user,
        organisations=organisations,
    )
    if request.method == "POST" and form.is_valid():
        try:
            new = series_registrations.register(
                series=series, person=request.user, actor=request.user, now=now, **form.wish()
            )
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.reason)
        else:
            if new:
                messages.success(request, result_in_words(new))
            return redirect(series)
    if not rest and has_own:
        return redirect(series)
    if rest:
        refusal = None
    elif refusal is None:
        refusal = Refused(_("Registration for this series has closed."))
    context = {
        "series": series,
        "dates": rest,
        "form": form,
        "refusal": refusal,
        "organisations": organisations,
        "noindex": True,
    }
    status = FORM_REFUSED if request.method == "POST" else 409 if refusal else 200
    return render(request, "sessions_app/series_register.html", context, status=status)


def result_in_words(rows):
    """What one got at how many dates."""
    states = [row.state for row in rows]
    seats = states.count(RegistrationState.CONFIRMED)
    waits = states.count(RegistrationState.WAITLISTED)
    asked = states.count(RegistrationState.REQUESTED)
    words = []
    if seats:
        words.append(
            ngettext("You have a seat at %(n)s date.", "You have a seat at %(n)s dates.", seats) % {"n": seats}
        )
    if waits:
        words.append(
            ngettext("You are on the waiting list of %(n)s date.", "You are on the waiting list of %(n)s dates.", waits)
            % {"n": waits}
        )
    if asked:
        words.append(_("Your request is in. You get a mail when the organisers have decided."))
    return " ".join([*words, _("One mail with all dates is on its way.")])


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request, pk):
    """Shows which dates one gives up, and that one leaves the series; POST does it."""
    now = timezone.now()
    series = get_object_or_404(Series.objects.visible_to(request.user), pk=pk)
    rows = list(Registration.objects.of_series(series).to_come(now).filter(person=request.user))
    is_on_it = series.has_on_it(request.user)
    if request.method == "POST":
        if series_registrations.cancel(series=series, person=request.user, actor=request.user, now=now):
            messages.success(request, _("You are off the list of all dates to come. One mail confirms it."))
        elif is_on_it:
            messages.success(request, _("You have left the series."))
        return redirect("sessions:mine")
    if not rows and not is_on_it:
        return redirect(series)
    context = {"series": series, "rows": rows, "is_on_it": is_on_it, "noindex": True}
    return render(request, "sessions_app/series_cancel.html", context)
