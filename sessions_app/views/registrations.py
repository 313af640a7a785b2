from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.http import FORM_REFUSED
from core.moves import Refused
from members.permissions import standing_of
from sessions_app import permissions
from sessions_app.actions import registrations
from sessions_app.forms.registrations import RegistrationForm
from sessions_app.models import Registration, Session, count_seats
from sessions_app.rules import RegistrationState
from sessions_app.views.sessions import found_or_404


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def register(request, pk):
    """What is asked and why, and the one button; registering twice does no harm."""
    now = timezone.now()
    session = found_or_404(Session.objects.dated(), request.user, pk)
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
    if session.registrations.live().filter(person=request.user).exists():
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
def cancel(request, pk):
    """Shows what giving up the seat means; POST does it."""
    own = Registration.objects.of(request.user).live()
    registration = own.filter(session_id=pk).select_related("session", "session__track").first()
    if registration is None:
        # Cancelled already, as in another tab, or never registered: the session's own page tells which.
        return redirect(get_object_or_404(Session.objects.visible_to(request.user), pk=pk))
    refusal = None
    if request.method == "POST":
        try:
            registrations.cancel(registration=registration, actor=request.user, now=timezone.now())
        except Refused as refused:
            refusal = refused
        else:
            messages.success(request, _("You are off the list. A mail confirms it."))
            return redirect("sessions:mine")
    context = {
        "session": registration.session,
        "registration": registration,
        "others_wait": registration.session.registrations.waiting().exists(),
        "refusal": refusal,
        "noindex": True,
    }
    return render(request, "sessions_app/registration_cancel.html", context, status=FORM_REFUSED if refusal else 200)


@login_required
@require_safe
def participants(request, pk):
    """Who comes: name, organisation and function, for the host of this session and programme staff."""
    session = get_object_or_404(
        Session.objects.visible_to(request.user).select_related("track").prefetch_related("hostings").with_seats(),
        pk=pk,
    )
    if not permissions.may_see_participants(request.user, session):
        raise Http404
    rows = session.registrations.live().select_related("person", "organisation").order_by("queued_at", "pk")
    context = {
        "session": session,
        "confirmed": [row for row in rows if row.state == RegistrationState.CONFIRMED],
        "waiting": [row for row in rows if row.state != RegistrationState.CONFIRMED],
        "noindex": True,
    }
    return render(request, "sessions_app/session_participants.html", context)
