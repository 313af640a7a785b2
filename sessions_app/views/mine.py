from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from members.models import Affiliation
from members.permissions import standing_of
from sessions_app.models import Hosting, Registration, Session
from sessions_app.rules import EDITABLE_BY_PROPOSER, SessionState, offer_holds

PAST_SHOWN = 20


@cache_control(private=True, no_store=True)  # so that the Back button shows what holds now
@login_required
@require_safe
def mine(request):
    """My agenda: what is asked of me, what comes, what was."""
    now = timezone.now()
    registrations = (
        Registration.objects.of(request.user)
        .with_a_place()
        .remembered(now)
        .select_related("session__learning_line", "session__track", "session__workstream", "session__series")
        .order_by("session__starts_at", "pk")
    )
    coming, past = [], []
    for registration in registrations:  # of the last twelve months at most (domain.md 5.5)
        if registration.session.ends_at is None or registration.session.ends_at >= now:
            coming.append(registration)
        else:
            past.append(registration)
    hosted = Session.objects.none()
    if Hosting.objects.of(request.user).exists():  # few host anything, and what follows is the dearest question here
        hosted = Session.objects.hosted_by(request.user).upcoming(now).with_seats().with_place_in_programme()
    standing = standing_of(request.user)
    asked = []
    if not (standing.affiliations or request.user.is_staff):
        asked = list(Affiliation.objects.requested().of_person(request.user))
    context = {
        "to_do": Session.objects.proposed_by(request.user)
        .filter(state__in=EDITABLE_BY_PROPOSER)
        .order_by("changed_at"),
        "offers": [row for row in coming if offer_holds(state=row.state, offered_until=row.offered_until, now=now)],
        "coming": coming,
        "hosted": [(session, session.notes_attendance(now)) for session in hosted.order_by("starts_at", "pk")],
        "past": [registration for registration in reversed(past) if registration.is_seated][:PAST_SHOWN],
        "standing": standing,
        "asked": asked,
        "needs_info": SessionState.NEEDS_INFO,
        "noindex": True,
    }
    return render(request, "sessions_app/mine.html", context)
