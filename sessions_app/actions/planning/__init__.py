"""From an accepted session to one that was held (domain.md 4.1).

Every change locks the session row first; whatever may free a seat ends in `waitlist.fill_seats`.
"""

from sessions_app.actions.planning.corrections import OPENED, change, change_gaps
from sessions_app.actions.planning.dates import (
    TOLD,
    cancel,
    check_not_past,
    mark_held,
    mark_not_held,
    move,
    overfull,
    plan,
    postpone,
)
from sessions_app.actions.planning.opening import (
    close,
    close_if_past_deadline,
    close_past_deadline,
    open_registration,
)
from sessions_app.actions.planning.schedules import Schedule

__all__ = [
    "OPENED",
    "TOLD",
    "Schedule",
    "cancel",
    "change",
    "change_gaps",
    "check_not_past",
    "close",
    "close_if_past_deadline",
    "close_past_deadline",
    "mark_held",
    "mark_not_held",
    "move",
    "open_registration",
    "overfull",
    "plan",
    "postpone",
]
