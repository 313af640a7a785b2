"""The one thing that a session asks of the reader now, with one sentence why."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sessions_app import permissions
from sessions_app.actions.registrations import RegistrationRefused, check_may_register
from sessions_app.rules import Audience, RegistrationState, SessionState
from sessions_app.templatetags.session_words import seats_in_words


@dataclass(frozen=True)
class Panel:
    why: str
    label: str = ""
    url: str = ""
    is_secondary: bool = False


def panel_for(person, session, registration, *, now) -> Panel:
    """`session` carries `held` and `waiting` (with_seats); `registration` is the person's live one, or None."""
    own = reverse("sessions:cancel", args=[session.pk])
    if session.state == SessionState.CANCELLED:
        return Panel(_("This session has been cancelled."))
    if registration and session.starts_at and session.starts_at <= now:
        return Panel(_("You were registered for this session."))
    if registration and not session.starts_at:
        why = _("This session is postponed. You keep your place, and get a mail as soon as there is a new date.")
        return Panel(why, _("Cancel"), own, True)
    if registration:
        sentences = {
            RegistrationState.CONFIRMED: _("You have a seat."),
            RegistrationState.REQUESTED: _("You asked for a seat. The organisers decide, and you get a mail."),
            RegistrationState.OFFERED: _("A seat is being held for you."),
        }
        if registration.state == RegistrationState.WAITLISTED:
            sentence = _(
                "You are number %(place)s on the waiting list. Whoever is first in line gets a freed seat at once."
            )
            place = session.registrations.place_in_line(registration, session)
            return Panel(sentence % {"place": place}, _("Leave the waiting list"), own, True)
        return Panel(sentences[registration.state], _("Cancel"), own, True)
    return invitation_to_register(person, session, now=now)


def invitation_to_register(person, session, *, now) -> Panel:
    if not person.is_authenticated and session.state == SessionState.OPEN and session.starts_at > now:
        why = _("Registration is for people of member organisations. Sign in to register.")
        if session.audience == Audience.PUBLIC:
            why = _("Everyone may come. Sign in to register.")
        target = reverse("sessions:register", args=[session.pk])
        return Panel(why, _("Sign in to register"), f"{reverse('account_request_login_code')}?next={target}")
    try:
        check_may_register(session, person, now=now)
    except RegistrationRefused as refused:
        if session.state == SessionState.OPEN and not permissions.is_in_audience(person, session):
            return Panel(str(refused.reason), _("To my profile"), reverse("members:profile"), True)
        return Panel(str(refused.reason))
    register = reverse("sessions:register", args=[session.pk])
    label = _("Register") if any(seats.has_room for seats in session.seats) else _("Join the waiting list")
    return Panel(room_in_a_sentence(session), label, register)


def room_in_a_sentence(session) -> str:
    """What a newcomer may expect; of a hybrid session for both rooms."""
    if session.is_hybrid:
        both = capfirst(seats_in_words(session))
        if all(seats.has_room for seats in session.seats):
            return f"{both}."
        return _("%(both)s. Where it is full, you join the end of the line.") % {"both": both}
    [seats] = session.seats
    if not seats.has_room:
        return ngettext(
            "Full, %(n)s person is waiting. You join the end of the line.",
            "Full, %(n)s people are waiting. You join the end of the line.",
            seats.waiting,
        ) % {"n": seats.waiting}
    if seats.free is None:
        return _("There is room.")
    return ngettext("%(n)s seat left.", "%(n)s seats left.", seats.free) % {"n": seats.free}
