from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from core.http import FORM_REFUSED
from core.moves import Refused
from core.old_pages import check_shown, under_lock
from members.models import Affiliation
from members.permissions import standing_of
from sessions_app.actions import colleagues as colleague_actions
from sessions_app.actions import needs as needs_actions
from sessions_app.actions import registrations
from sessions_app.forms.registrations import ColleagueForm, NeedsForm, RegistrationForm
from sessions_app.models import Registration, Session, count_seats
from sessions_app.rules import RegistrationState, is_online_only
from sessions_app.views.found import found_or_404
from sessions_app.views.panel import choice_of_room


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def register(request, pk):
    """What is asked and why, and the one button; registering twice does no harm."""
    now = timezone.now()
    session = found_or_404(Session.objects.dated().select_related("series"), request.user, pk)
    if session.series and session.series.is_whole:  # one registers there for all dates
        return redirect("sessions:series_register", session.series_id)
    organisations = standing_of(request.user).organisations
    form = RegistrationForm(
        request.POST if request.method == "POST" else None,
        session=session,
        person=request.user,
        organisations=organisations,
    )
    if request.method == "POST" and form.is_valid():  # asked for first, because most of what comes here ends here
        try:
            registration = registrations.register(
                session=session, person=request.user, actor=request.user, now=now, **form.wish()
            )
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.reason)
        else:
            if registration.queued_at == now:
                messages.success(request, result_in_words(registration))
            return redirect(session)
    if session.registrations.with_a_place().filter(person=request.user).exists():
        return redirect(session)
    refusal = None
    try:
        registrations.check_may_register(session, request.user, now=now)
    except Refused as refused:
        refusal = refused
    status = FORM_REFUSED if request.method == "POST" else 409 if refusal else 200
    count_seats([session])
    context = {
        "session": session,
        "form": form,
        "refusal": refusal,
        "organisations": organisations,
        "has_room": any(seats.has_room for seats in session.seats),
        "choice_of_room": choice_of_room(session),
        "noindex": True,
    }
    return render(request, "sessions_app/registration_form.html", context, status=status)


def result_in_words(registration):
    return {
        RegistrationState.CONFIRMED: _("You have a seat. A mail with the calendar file is on its way."),
        RegistrationState.WAITLISTED: _("The session is full. You are on the waiting list, and a mail is on its way."),
        RegistrationState.REQUESTED: _("Your request is in. You get a mail when the organisers have decided."),
    }[registration.state]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@under_lock(Session)
def cancel(request, pk):
    """Shows what giving up the seat means; POST does it."""
    own = Registration.objects.of(request.user).live()
    registration = own.filter(session_id=pk).select_related("session", "session__track", "session__series").first()
    if registration is None:
        # Cancelled already, as in another tab, or never registered: the session's own page tells which.
        return redirect(get_object_or_404(Session.objects.visible_to(request.user), pk=pk))
    refusal = None
    if request.method == "POST":
        try:
            check_shown(request.POST, registration)
            registrations.cancel(registration=registration, actor=request.user, now=timezone.now())
        except Refused as refused:
            refusal = refused
        else:
            messages.success(request, _("You are off the list. A mail confirms it."))
            return redirect("sessions:mine")
    series = registration.session.series
    context = {
        "session": registration.session,
        "registration": registration,
        "others_wait": Registration.objects.has_a_line_for_seat_of(registration, registration.session),
        "stays_on": series is not None and series.is_whole and series.has_on_it(request.user),
        "refusal": refusal,
        "noindex": True,
    }
    return render(request, "sessions_app/registration_cancel.html", context, status=FORM_REFUSED if refusal else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@under_lock(Session)
def needs(request, pk):
    """What I need to be able to come: to read, change and empty; it is kept for staff, and not for long."""
    now = timezone.now()
    own = Registration.objects.of(request.user).with_a_place()
    registration = own.filter(session_id=pk).select_related("session", "session__track", "needs").first()
    if registration is None:
        return redirect(get_object_or_404(Session.objects.visible_to(request.user), pk=pk))
    is_online = is_online_only(registration.form, wished=registration.wished_form)
    form = NeedsForm(
        request.POST if request.method == "POST" else None,
        registration=registration,
        is_online=is_online,
    )
    if request.method == "POST" and form.is_valid():
        try:
            needs_actions.write(registration=registration, text=form.cleaned_data["needs"], actor=request.user, now=now)
        except Refused as refused:
            form.add_error("needs", refused.reason)
        else:
            done = _("Saved. The Partos team reads it.") if form.cleaned_data["needs"] else _("Deleted.")
            messages.success(request, done)
            return redirect(registration.session)
    context = {
        "session": registration.session,
        "form": form,
        "is_online": is_online,
        "is_there": bool(registration.needs_text),
        "noindex": True,
    }
    status = FORM_REFUSED if form.errors else 200
    return render(request, "sessions_app/registration_needs.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def register_colleague(request, pk):
    """Somebody of one's own organisation, from a list of who is confirmed there, and of nobody else."""
    now = timezone.now()
    session = found_or_404(Session.objects.dated().with_place_in_programme(), request.user, pk)
    colleagues = list(Affiliation.objects.colleagues_of(request.user).with_names())
    form = ColleagueForm(request.POST if request.method == "POST" else None, session=session, affiliations=colleagues)
    if request.method == "POST" and form.is_valid():
        try:
            done = register_for(session, actor=request.user, now=now, **form.wish())
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.reason)
        else:
            messages.success(request, done)
            return redirect("sessions:register_colleague", pk)
    refusal = why_no_colleague(request.user, session, now=now)
    count_seats([session])
    context = {
        "session": session,
        "form": form,
        "refusal": refusal,
        "colleagues": colleagues,
        "registered": session.registrations.registered_by(request.user, colleagues, now),
        "has_room": any(seats.has_room for seats in session.seats),
        "noindex": True,
    }
    status = FORM_REFUSED if request.method == "POST" else 409 if refusal else 200
    return render(request, "sessions_app/registration_colleague.html", context, status=status)


def register_for(session, **wish) -> str:
    """Register a colleague for the session, or for its series where that goes as a whole; tells what came of it."""
    if session.series and session.series.is_whole:
        return colleague_on_series_in_words(colleague_actions.register_for_series(series=session.series, **wish))
    return colleague_in_words(colleague_actions.register(session=session, **wish))


def why_no_colleague(person, session, *, now):
    """The sentence that keeps one from registering anybody else here, or None."""
    try:
        colleague_actions.check_may_register_now(person, session, now=now)
    except Refused as refused:
        return refused.reason
    return None


def colleague_in_words(registration):
    sentences = {
        RegistrationState.CONFIRMED: _("%(name)s has a seat, and gets a mail with the calendar file."),
        RegistrationState.WAITLISTED: _("The session is full. %(name)s is on the waiting list, and gets a mail."),
        RegistrationState.REQUESTED: _("%(name)s is put forward. The organisers decide, and a mail follows."),
    }
    return sentences[registration.state] % {"name": registration.person}


def colleague_on_series_in_words(rows):
    return ngettext(
        "%(name)s is on the list of %(n)s date of the series, and gets a mail.",
        "%(name)s is on the list of %(n)s dates of the series, and gets one mail with all of them.",
        len(rows),
    ) % {"name": rows[0].person, "n": len(rows)}
