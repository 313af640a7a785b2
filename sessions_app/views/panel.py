"""The one thing that a session asks of the reader now, with one sentence why."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import dates
from core.templatetags.portal import clock
from sessions_app import permissions
from sessions_app.actions import colleagues
from sessions_app.actions.registration_state import RegistrationRefused
from sessions_app.actions.registrations import check_may_register
from sessions_app.rules import (
    GIVING_SEATS,
    LIVE,
    Admission,
    Audience,
    Form,
    RegistrationState,
    SessionState,
    other_form_of,
    state_as_told,
)
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
        why = own_place_in_words(registration, session, now=now)
        place = reverse("sessions:my_place", args=[session.pk])
        if registration.state == RegistrationState.OFFERED:
            return Panel(why, _("Accept or decline the seat"), place)
        if registration.state not in LIVE:  # here already, before the start
            return Panel(why)
        if session.is_hybrid and session.state in GIVING_SEATS:
            other = other_form_of(registration.form)
            if registration.state == RegistrationState.WAITLISTED and session.seats_for(other).has_room:
                tip = _("There is a seat online.") if other == Form.ONLINE else _("There is a seat on site.")
                keeps = _("You can take it and keep your place in line.")
                return Panel(f"{why} {tip} {keeps}", _("To your choices"), place)
            return Panel(why, _("Change or cancel"), place, True)
        is_waiting = registration.state == RegistrationState.WAITLISTED
        return Panel(why, _("Leave the waiting list") if is_waiting else _("Cancel"), own, True)
    return invitation_to_register(person, session, now=now)


def own_place_in_words(registration, session, *, now) -> str:
    """What someone has at a session, and of a line why she stands where she stands; asks nothing but then."""
    if registration.is_seated and session.starts_at and session.starts_at <= now:
        return _("You were registered for this session.")
    match state_as_told(registration.state):
        case RegistrationState.CONFIRMED if registration.wished_form:
            return _("You have a seat, and keep it.") + " " + line_in_words(registration, session)
        case RegistrationState.CONFIRMED if session.is_hybrid:
            return _("You have a seat online.") if registration.form == Form.ONLINE else _("You have a seat on site.")
        case RegistrationState.CONFIRMED:
            return _("You have a seat.")
        case RegistrationState.REQUESTED:
            return _("You asked for a seat. The organisers decide, and you get a mail.")
        case RegistrationState.OFFERED if session.starts_at is None:
            return _("A seat is being held for you, until there is a new date.")
        case RegistrationState.OFFERED if now < registration.offered_until:
            until = f"{dates.day(registration.offered_until)}, {clock(registration.offered_until)}"
            return _("A seat is being held for you until %(until)s. Then it goes to the next in line.") % {
                "until": until
            }
        case RegistrationState.OFFERED | RegistrationState.EXPIRED:
            return _("The time to take this seat has passed, and it goes to the next in line.")
        case RegistrationState.WAITLISTED:
            return line_in_words(registration, session)
        case RegistrationState.DECLINED:
            return _("You declined the seat.")
        case RegistrationState.REJECTED:
            return _("The organisers could not give you a seat.")
    return _("You are not on the list of this session any more.")


def line_in_words(registration, session) -> str:
    """The one sentence that says why someone stands where she stands (domain.md 4.2)."""
    rows = session.registrations.order_by()
    place = ordinal(rows.place_in_line(registration, session))
    if session.is_hybrid:
        form = registration.wished_form or registration.form
        line = _("for a seat online") if form == Form.ONLINE else _("for a seat on site")
        start = _("You are %(place)s in line %(line)s") % {"place": place, "line": line}
    else:
        start = _("You are %(place)s in line") % {"place": place}
    if not session.shares_fairly:
        return _("%(start)s; who came first goes first.") % {"start": start}
    seats = rows.seats_of_organisation(registration, session) - bool(registration.wished_form)
    if not registration.organisation_id or not seats:
        return _("%(start)s; who comes for an organisation with fewer seats goes first, then who came first.") % {
            "start": start
        }
    return ngettext(
        "%(start)s; your organisation has %(n)s seat already, and organisations with fewer go first.",
        "%(start)s; your organisation has %(n)s seats already, and organisations with fewer go first.",
        seats,
    ) % {"start": start, "n": seats}


def choice_of_room(session) -> str:
    """To who registers while one room is full and the other is not; needs with_seats().

    Nothing where the organisers decide: there nobody can take a seat.
    """
    is_at_once = session.is_hybrid and session.admission == Admission.DIRECT
    if not is_at_once or len({seats.has_room for seats in session.seats}) == 1:
        return ""
    return _("You can also take a free seat in one room and then wait for a seat in the other. You keep your seat.")


def ordinal(number: int) -> str:
    """`third`, or from eleven on `number 11`."""
    words = [
        *(_("first"), _("second"), _("third"), _("fourth"), _("fifth")),
        *(_("sixth"), _("seventh"), _("eighth"), _("ninth"), _("tenth")),
    ]
    return words[number - 1] if number <= len(words) else _("number %(n)s") % {"n": number}


def may_register_colleagues(person, session, *, now) -> bool:
    """Whether the page leads to registering a colleague: while one could register oneself, or could have."""
    try:
        colleagues.check_may_register_now(person, session, now=now)
    except RegistrationRefused:
        return False
    return True


def may_tell_needs(session, *, now) -> bool:
    """Until the start, also while there is no date; of what is cancelled nobody reads it."""
    return session.state != SessionState.CANCELLED and (session.starts_at is None or now < session.starts_at)


def invitation_to_register(person, session, *, now) -> Panel:
    if not person.is_authenticated and session.state == SessionState.OPEN and session.starts_at > now:
        why = _("Registration is for people of member organisations. Sign in to register.")
        if session.audience == Audience.PUBLIC:
            why = _("Everyone may come. Sign in to register.")
        target = register_url(session)
        return Panel(why, _("Sign in to register"), f"{reverse('account_request_login_code')}?next={target}")
    try:
        check_may_register(session, person, now=now)
    except RegistrationRefused as refused:
        if session.state == SessionState.OPEN and not permissions.is_in_audience(person, session):
            return Panel(str(refused.reason), _("To my profile"), reverse("members:profile"), True)
        return Panel(str(refused.reason))
    register = register_url(session)
    if session.series_id and session.series.is_whole:
        return Panel(room_in_a_sentence(session), _("Register for the whole series"), register)
    label = _("Register") if any(seats.has_room for seats in session.seats) else _("Join the waiting list")
    return Panel(room_in_a_sentence(session), label, register)


def register_url(session) -> str:
    """For a series as a whole one registers on the page of the series."""
    if session.series_id and session.series.is_whole:
        return reverse("sessions:series_register", args=[session.series_id])
    return reverse("sessions:register", args=[session.pk])


def room_in_a_sentence(session) -> str:
    """What a newcomer may expect; of a hybrid session for both rooms."""
    if session.is_hybrid:
        both = capfirst(seats_in_words(session))
        if all(seats.has_room for seats in session.seats):
            return f"{both}."
        full = _("%(both)s. Where it is full, you join the end of the line.") % {"both": both}
        return f"{full} {choice_of_room(session)}".rstrip()
    [seats] = session.seats
    if not seats.has_room and not seats.waiting:
        return _("Full. You are the first on the waiting list.")
    if not seats.has_room:
        return ngettext(
            "Full, %(n)s person is waiting. You join the end of the line.",
            "Full, %(n)s people are waiting. You join the end of the line.",
            seats.waiting,
        ) % {"n": seats.waiting}
    if seats.free is None:
        return _("There is room.")
    return ngettext("%(n)s seat left.", "%(n)s seats left.", seats.free) % {"n": seats.free}
