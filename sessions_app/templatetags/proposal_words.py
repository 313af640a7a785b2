from django import template

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
