"""What has come due by now. A query on `<=` each minute: no task is ever set for a later time (architecture.md 3)."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from core import mail
from core.models import MailState, OutgoingMail
from sessions_app.mails import registrations as mails
from sessions_app.models import Registration, Session
from sessions_app.rules import SessionState
from sessions_app.streams import REMINDERS

# The steps before the start, the furthest first (domain.md 4.8).
STEPS = [("T-7d", timedelta(days=7)), ("T-1d", timedelta(days=1))]
PORTION = 500  # reminders written in one transaction, about: of whole sessions, which are locked meanwhile


def due(*, now: datetime):
    """Pairs of step and registrations whose reminder has come due; after downtime only the latest step.

    Nobody is reminded of a step that passed before they had their seat, or before this date was set: they had just
    read about it then.
    """
    for (step, before), (_name, next_before) in zip(STEPS, [*STEPS[1:], ("start", timedelta(0))], strict=True):
        yield (
            step,
            Registration.objects.confirmed()
            .filter(
                REMINDERS.wanted("person"),
                session__state__in=[SessionState.OPEN, SessionState.CLOSED],
                session__starts_at__lte=now + before,
                session__starts_at__gt=now + next_before,
                changed_at__lte=F("session__starts_at") - before,
                session__dated_at__lte=F("session__starts_at") - before,
                person__is_active=True,
            )
            .select_related("session", "session__track", "person"),
        )


def queue_due(*, now: datetime) -> int:
    """Write the reminders that have come due and are not there yet to the outbox; gives their number."""
    waiting = Counter(registration.session_id for registration, _step in missing(now=now))
    return sum(queue_due_of(sessions, now=now) for sessions in portions(waiting))


def portions(waiting: Counter[int]) -> Iterator[list[int]]:
    """Keys of sessions in order, as many together as have about PORTION reminders waiting."""
    portion: list[int] = []
    for session_pk in sorted(waiting):
        portion.append(session_pk)
        if sum(waiting[pk] for pk in portion) >= PORTION:
            yield portion
            portion = []
    if portion:
        yield portion


@transaction.atomic
def queue_due_of(session_pks: list[int], *, now: datetime) -> int:
    """As `queue_due`, for some sessions, looked at again under their locks: they may have moved or been cancelled."""
    Session.objects.lock_all(session_pks)
    letters = [mails.reminder(row, step=step) for row, step in missing(now=now, session_pks=session_pks)]
    mail.queue_all(letters, now=now)
    return len(letters)


def missing(*, now: datetime, session_pks: list[int] | None = None) -> list[tuple[Registration, str]]:
    """Registrations with the step that has come due for them and that is not in the outbox yet."""
    found = []
    for step, registrations in due(now=now):
        rows = list(registrations if session_pks is None else registrations.filter(session__in=session_pks))
        keys = {row.pk: mails.reminder_key(row.session, row.person, step) for row in rows}
        there = existing(list(keys.values()))
        found += [(row, step) for row in rows if keys[row.pk] not in there]
    return found


def existing(keys: list[str]) -> set[str]:
    """Those of `keys` that are in the outbox, waiting or sent; asked 500 at a time."""
    there: set[str] = set()
    for start in range(0, len(keys), 500):
        rows = OutgoingMail.objects.exclude(state=MailState.WITHDRAWN).filter(key__in=keys[start : start + 500])
        there.update(rows.values_list("key", flat=True))
    return there
