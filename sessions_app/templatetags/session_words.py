from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.templatetags.portal import portal_url
from sessions_app.rules import PAST, RegistrationState, SessionState

register = template.Library()


@register.filter
def seats_in_words(session):
    """`nog 4 plaatsen`, `vol, 3 wachten`, both rooms of a hybrid session, or why nobody can register.

    Needs with_seats().
    """
    if session.state == SessionState.CANCELLED:
        return _("cancelled")
    if session.state in PAST:
        return ""
    if session.is_dialogue:
        return _("by invitation")
    if session.state == SessionState.PLANNED:
        return _("registration not open yet")
    if session.state != SessionState.OPEN:
        return _("registration closed")
    words = [pool_in_words(seats) for seats in session.seats]
    if len(words) == 1:
        return words[0]
    on_site, online = words
    return _("on site: %(on_site)s; online: %(online)s") % {"on_site": on_site, "online": online}


def pool_in_words(seats):
    """What a newcomer finds in one room, or in the one that there is."""
    if seats.has_room:
        free = seats.free
        return (
            _("there is room") if free is None else ngettext("%(n)s seat left", "%(n)s seats left", free) % {"n": free}
        )
    if not seats.waiting:
        return _("full")
    return ngettext("full, %(n)s waiting", "full, %(n)s waiting", seats.waiting) % {"n": seats.waiting}


@register.filter
def my_state_in_words(state):
    """What I have at this session, for a pill; empty when nothing."""
    return RegistrationState(state).label if state else ""


@register.simple_tag
def webcal_url(name, *args):
    """The full address of a feed, by the name that opens a program for calendars."""
    return f"webcal://{portal_url(name, *args).partition('://')[2]}"


@register.filter
def place_at_date(registration):
    """What one has at one date of a series, as a sentence; of a line without the place in it, which changes."""
    return {
        RegistrationState.CONFIRMED: _("You have a seat."),
        RegistrationState.WAITLISTED: _("This date is full: you are on its waiting list."),
        RegistrationState.OFFERED: _("A seat is being held for you. Accept or decline it on the page of this date."),
        RegistrationState.REQUESTED: _("You asked for a seat. The organisers decide, and you get a mail."),
        RegistrationState.REJECTED: _("The organisers could not give you a seat."),
    }.get(registration.state_as_told, "")


@register.filter
def place_in_words(session):
    """Where it is, without giving the place away: on site, online or both."""
    return session.get_form_display()
