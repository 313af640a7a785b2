from django import template
from django.utils.translation import gettext_lazy as _

from sessions_app.rules import DATED, SessionState

register = template.Library()

TONES = {
    SessionState.NEEDS_INFO: "action",
    SessionState.ACCEPTED: "ok",
    SessionState.CANCELLED: "danger",
    SessionState.DECLINED: "danger",
    SessionState.PARKED: "warn",
} | dict.fromkeys(DATED, "ok")


@register.filter
def proposal_tone(session):
    """The tone of components/pill.html for where a proposal stands."""
    return TONES.get(session.state, "")


VERBS = {
    "session.changed": _("words or seats corrected"),
    "session.moved": _("moved"),
    "session.in_series": _("made the first date of a series"),
    "session.out_of_series": _("taken out of its series"),
    "session.prepared": _("put on the agenda by staff"),
    "session.took_in": _("another proposal merged into it"),
    "session.registrations_cancelled": _("registrations ended"),
    "session.hostings_changed": _("hosts changed"),
    "session.attendance_noted": _("noted who was there"),
    "session.list_handed_out": _("list of participants taken as a file"),
}


@register.filter
def verb_in_words(entry):
    """What an entry of the audit trail about a session says; a verb without words stays as it is."""
    state = entry.verb.removeprefix("session.")
    return SessionState(state).label if state in SessionState else VERBS.get(entry.verb, entry.verb)
