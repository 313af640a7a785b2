"""What the mailed link to an invitation by address opens: the way to registering, or to asking.

Opening it changes nothing, because mail scanners open links too. Who holds a link that was mailed to another reads what
that mail told, and no more, until the organisers have let her in.
"""

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from core.http import FORM_REFUSED, for_one_reader
from core.moves import Refused
from members.permissions import standing_of
from sessions_app.actions import guests, registrations
from sessions_app.forms.registrations import RegistrationForm
from sessions_app.models import Guest
from sessions_app.views.panel import register_url


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def guest(request, token):
    """Leads who is invited to registering, asks a visitor to sign in, and lets who has another address ask."""
    return for_one_reader(answer(request, token, now=timezone.now()))


def answer(request, token, *, now):
    found = Guest.objects.behind_link(token)
    if found is None:
        return render(request, "sessions_app/guest_neutral.html", {"noindex": True}, status=404)
    here = reverse("sessions:guest", kwargs={"token": token})
    if not request.user.is_authenticated:
        if request.method == "POST":
            return redirect_to_login(here)
        return render(request, "sessions_app/guest.html", context_for(found, here=here, now=now))
    if way := way_on(found, request.user, now=now):
        return redirect(way)
    return ask(request, found, here=here, now=now)


def way_on(found, person, *, now) -> str:
    """Where somebody goes who has no need to ask: to registering, or to the page of what she has already."""
    session = found.session
    if session.registrations.with_a_place().filter(person=person).exists():
        return session.get_absolute_url()
    if guests.may_register(session, person, now=now):
        return register_url(session)
    return ""


def ask(request, found, *, here, now):
    """The page of somebody with another address than was invited."""
    session, person = found.session, request.user
    organisations = standing_of(person).organisations
    form = RegistrationForm(
        request.POST if request.method == "POST" else None, session=session, person=person, organisations=organisations
    )
    if request.method == "POST" and form.is_valid():
        try:
            guests.ask(guest=found, person=person, actor=person, now=now, **form.wish())
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.reason)
        else:
            messages.success(request, _("Your request is in. You get a mail when the organisers have decided."))
            return redirect(session)
    context = context_for(found, here=here, now=now, person=person) | {"form": form, "organisations": organisations}
    status = FORM_REFUSED if request.method == "POST" else 200
    return render(request, "sessions_app/guest.html", context, status=status)


def context_for(found, *, here, now, person=None):
    session = found.session
    return {
        "session": session,
        "masked": found.masked,
        "is_own": person is not None and found.is_of(person),
        "refusal": why_nobody(session, person, now=now),
        "here": here,
        "noindex": True,
    }


def why_nobody(session, person, *, now):
    """The sentence that keeps everyone from registering or asking now, or None."""
    if session.starts_at is None:
        return _("This session is postponed. There is no new date yet.")
    try:
        registrations.check_takes_registrations(session, now=now)
    except Refused as refused:
        return refused.reason
    return None
