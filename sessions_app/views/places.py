"""One's own place at a session: take a seat that is held, leave it, attend otherwise, give it up.

The same page opens by the mailed link, without signing in. Opening it changes nothing, because mail scanners open links
too; each button is a POST.
"""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from core.http import FORM_REFUSED, for_one_reader
from core.moves import Refused
from core.old_pages import check_shown
from sessions_app.actions import registrations, rooms, series_registrations, waitlist
from sessions_app.mails.registrations import link_to_place
from sessions_app.models import Registration, Session, count_seats
from sessions_app.rules import (
    LIVE,
    OVER,
    WITH_A_PLACE,
    RegistrationState,
    SessionState,
    forms_of,
    gives_seats,
    offer_holds,
    other_form_of,
    takes_answers,
)
from sessions_app.views.panel import own_place_in_words

BY_LINK = {
    "accept": waitlist.accept,
    "decline": waitlist.decline,
    "cancel": registrations.cancel,
    "leave_series": series_registrations.leave_from,
}

# On an older page one may give up another seat or place than one sees; taking what is offered twice is as once.
GIVING_UP = ("decline", "cancel", "leave_series")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def place(request, token):
    """What the mailed link opens, for as long as it is the link of this registration."""
    registration = Registration.objects.behind_link(token)
    if registration is None:
        return for_one_reader(render(request, "sessions_app/place_neutral.html", {"noindex": True}, status=404))
    here = reverse("sessions:place", kwargs={"token": token})
    return for_one_reader(answer(request, registration, here=here, acts=BY_LINK, actor=registration.person))


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def my_place(request, pk):
    """The same for who is signed in, with the other room of a hybrid session."""
    registration = (
        Registration.objects.of(request.user)
        .live()
        .filter(session_id=pk)
        .select_related("session", "session__track", "session__series", "person")
        .first()
    )
    if registration is None:
        # Answered already, as in another tab, or never registered: the session's own page tells which.
        return redirect(get_object_or_404(Session.objects.visible_to(request.user), pk=pk))
    acts = dict(BY_LINK)
    acts["meanwhile"] = rooms.take_meanwhile
    for form in forms_of(registration.session.form):
        acts[form] = lambda form=form, **who: rooms.attend_otherwise(form=form, **who)
    here = reverse("sessions:my_place", args=[pk])
    return answer(request, registration, here=here, acts=acts, actor=request.user)


def answer(request, registration, *, here, acts, actor):
    if request.method != "POST":
        return _answer(request, registration, here=here, acts=acts, actor=actor)
    with transaction.atomic():
        series_registrations.hold_for(registration.session)
        registration.refresh_from_db()
        return _answer(request, registration, here=here, acts=acts, actor=actor)


def _answer(request, registration, *, here, acts, actor):
    now = timezone.now()
    refusal = None
    if request.method == "POST":
        act = acts.get(request.POST.get("act"))
        try:
            if act is None:
                raise Refused(_("Choose one of the buttons."))
            if request.POST["act"] in GIVING_UP and registration.state in LIVE:
                check_shown(request.POST, registration)
            after = act(registration=registration, actor=actor, now=now)
        except Refused as refused:
            refusal = refused
        else:
            if request.POST["act"] == "leave_series":
                messages.success(request, _("You have left the series."))
            elif after.state == registration.state and after.state in OVER:
                messages.info(request, _("You are not on the list any more; nothing has changed."))
            else:
                messages.success(request, result_in_words(registration, after))
            is_over = "token" not in request.resolver_match.kwargs and after.state not in LIVE
            return redirect(reverse("sessions:mine") if is_over else here)
        registration.refresh_from_db()
    return render(
        request,
        "sessions_app/place.html",
        context_for(registration, refusal=refusal, by_link=BY_LINK is acts, now=now),
        status=FORM_REFUSED if refusal else 200,
    )


def context_for(registration, *, refusal, by_link, now):
    session = registration.session
    is_to_come = session.starts_at is None or now < session.starts_at
    gives = gives_seats(state=session.state, starts_at=session.starts_at, now=now)
    is_live = registration.state in LIVE
    other_form = ""
    if session.is_hybrid and gives and not by_link and registration.state != RegistrationState.OFFERED:
        other_form = other_form_of(registration.form)
    return {
        "session": session,
        "registration": registration,
        "sentence": own_place_in_words(registration, session, now=now),
        "is_offered": takes_answers(state=session.state, starts_at=session.starts_at, now=now)
        and offer_holds(state=registration.state, offered_until=registration.offered_until, now=now),
        # While there is no date a held seat can be given up, and not yet be taken.
        "may_cancel": is_live
        and is_to_come
        and (registration.state != RegistrationState.OFFERED or session.starts_at is None),
        "may_read": registration.state in WITH_A_PLACE,
        "may_register_again": registration.state in (RegistrationState.EXPIRED, RegistrationState.DECLINED)
        and takes_registrations(session, now=now),
        "other_form": other_form,
        "can_take_other": bool(other_form) and has_room_meanwhile(registration, session),
        "refusal": refusal,
        "by_link": by_link,
        "noindex": True,
        **series_of(registration, now=now),
    }


def has_room_meanwhile(registration, session):
    """Whether who waits for one room of a hybrid session would get a seat in the other at once."""
    if registration.state != RegistrationState.WAITLISTED:
        return False
    count_seats([session])
    return session.seats_for(other_form_of(registration.form)).has_room


def series_of(registration, *, now):
    """Of a series for which one registers as a whole: one's other dates to come, each with its link, and leaving it."""
    series = registration.session.series
    if series is None or not series.is_whole:
        return {}
    rows = Registration.objects.of_series(series).to_come(now).filter(person=registration.person)
    others = [row for row in rows if row.pk != registration.pk]
    for row in others:
        row.address = link_to_place(row).address(language=get_language())
    return {"series": series, "others": others, "may_leave": bool(others) or series.has_on_it(registration.person)}


def takes_registrations(session, *, now):
    """Whether whoever may come could register now."""
    deadline = session.registration_deadline
    return session.state == SessionState.OPEN and now < session.starts_at and (deadline is None or now < deadline)


def result_in_words(before, after):
    match after.state:
        case RegistrationState.CONFIRMED if before.state == RegistrationState.CONFIRMED:
            if after.form != before.form:
                return _("Done: there was a seat. A mail with the new calendar file is on its way.")
            return _("Noted. You keep your seat until there is another.") if after.wished_form else _("Noted.")
        case RegistrationState.CONFIRMED if after.wished_form:
            return _("The seat is yours, and you still stand in line for the other room. A mail is on its way.")
        case RegistrationState.CONFIRMED:
            return _("The seat is yours. A mail with the calendar file is on its way.")
        case RegistrationState.DECLINED:
            return _("You declined. The seat goes to the next in line.")
        case RegistrationState.WAITLISTED | RegistrationState.REQUESTED:
            return _("Noted. You stand in the other line now.")
    return _("You are off the list. A mail confirms it.")
