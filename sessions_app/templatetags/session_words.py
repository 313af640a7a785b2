from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sessions_app.rules import PAST, RegistrationState, SessionState, free_seats

register = template.Library()


@register.filter
def seats_in_words(session):
    """`nog 4 plaatsen`, `vol, 3 wachten`, or why nobody can register; needs with_seats()."""
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
    free = free_seats(capacity=session.all_seats, held=session.held)
    if free is None:
        return _("there is room")
    if free and not session.waiting:
        return ngettext("%(n)s seat left", "%(n)s seats left", free) % {"n": free}
    if not session.waiting:
        return _("full")
    return ngettext("full, %(n)s waiting", "full, %(n)s waiting", session.waiting) % {"n": session.waiting}


@register.filter
def my_state_in_words(state):
    """What I have at this session, for a pill; empty when nothing."""
    return RegistrationState(state).label if state else ""


@register.filter
def place_in_words(session):
    """Where it is, without giving the place away: on site, online or both."""
    return session.get_form_display()
