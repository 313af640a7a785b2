from django import template

from core import audit
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


@register.filter
def verb_in_words(entry):
    """What an entry of the audit trail says; a verb of an older version stays as it is."""
    return audit.in_words(entry.verb)
