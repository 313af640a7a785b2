"""When people are reminded of a session: the steps that there are, and those that one session takes (domain.md 4.8)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Step(TextChoices):
    """Before the start, the furthest first. The codes stand in the keys of mails and never change."""

    TWO_WEEKS = "T-14d", _("two weeks before")
    WEEK = "T-7d", _("a week before")
    THREE_DAYS = "T-3d", _("three days before")
    DAY = "T-1d", _("a day before")
    HOUR = "T-1h", _("an hour before, to who attends online")


BEFORE = {
    Step.TWO_WEEKS: timedelta(days=14),
    Step.WEEK: timedelta(days=7),
    Step.THREE_DAYS: timedelta(days=3),
    Step.DAY: timedelta(days=1),
    Step.HOUR: timedelta(hours=1),
}
ONLY_ONLINE = (Step.HOUR,)  # who is on the way to a place reads no mail, and who is at a desk wants the link
URGENT = (Step.HOUR,)
DEFAULT_STEPS = "T-7d T-1d T-1h"
LONGEST_REMINDER_TEXT = 1000  # of what the host adds


def written(steps: Iterable[str]) -> str:
    """As a session keeps them: codes in their order, with spaces; empty when nobody is reminded.

    Raises ValueError for a code that there is not.
    """
    chosen = {Step(code) for code in steps}
    return " ".join(step for step in Step if step in chosen)


def read(codes: str) -> list[Step]:
    """The steps of a session, the furthest first."""
    return [Step(code) for code in codes.split()]


def due_step(
    steps: Iterable[Step], *, starts_at: datetime, known_since: datetime, attends_online: bool, now: datetime
) -> Step | None:
    """The reminder that someone should have had last by now, or None: of the steps that have come only the latest.

    `known_since` is when the person had the seat and read this date: nobody is reminded of a moment before that. None
    once the session has started.
    """
    if now >= starts_at:
        return None
    come = [
        step
        for step in Step
        if step in steps and starts_at - BEFORE[step] <= now and (attends_online or step not in ONLY_ONLINE)
    ]
    if not come or known_since > starts_at - BEFORE[come[-1]]:
        return None
    return come[-1]


# Few registrations: hosts hear two weeks before, as long as something can still be done about it (domain.md 4.8).
FEW = 5
TELL_HOSTS_FROM, TELL_HOSTS_UNTIL = timedelta(days=14), timedelta(days=7)
# A session opens four weeks before; staff hear of one that has not, a day after they set its date at the soonest.
OPEN_BEFORE, TIME_TO_OPEN = timedelta(weeks=4), timedelta(days=1)
LAST_CALL = timedelta(hours=24)  # before an offered seat lapses, when it was offered for longer
STAFF_HEAR_AFTER = (7, 10)  # working days that a proposal waits for its first answer
