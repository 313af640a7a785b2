"""What has come due by now. A query on `<=` each minute: no task is ever set for a later time (architecture.md 3)."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from core import mail
from core.dates import is_day_off, working_days_before, working_days_between
from core.streams import Wish
from members.models import User
from sessions_app import permissions
from sessions_app.mails import organisers, proposals, requests
from sessions_app.mails import registrations as mails
from sessions_app.models import Registration, Session, answered_by
from sessions_app.reminder_steps import BEFORE, STAFF_HEAR_AFTER, Step, due_step, read
from sessions_app.rules import FIRST_ANSWER_WORKING_DAYS, GIVING_SEATS, UPCOMING, Form
from sessions_app.streams import REMINDERS

PORTION = 500  # reminders written in one transaction, about: of whole sessions, which are locked meanwhile


def due(*, now: datetime, session_pks: list[int] | None = None) -> list[tuple[Registration, Step]]:
    """Registrations with the step that has come for them (`reminder_steps.due_step`); one query."""
    come = Q()
    for step in Step:
        come |= Q(session__reminder_steps__contains=step, session__starts_at__lte=now + BEFORE[step])
    rows = Registration.objects.confirmed().filter(
        come,
        REMINDERS.wanted("person"),
        session__state__in=UPCOMING,
        session__starts_at__gt=now,
        person__is_active=True,
    )
    if session_pks is not None:
        rows = rows.filter(session__in=session_pks)
    found = []
    for row in rows.select_related("session", "session__track", "person"):
        session = row.session
        step = due_step(
            read(session.reminder_steps),
            starts_at=session.starts_at,
            known_since=max(row.changed_at, session.dated_at),
            attends_online=row.form == Form.ONLINE,
            now=now,
        )
        if step:
            found.append((row, step))
    return found


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
    """As `queue_due`, for some sessions, looked at again under their locks: they may have moved or been cancelled.

    Of each person only the latest step leaves: an earlier one that still waits is taken back.
    """
    Session.objects.lock_all(session_pks)
    rows = missing(now=now, session_pks=session_pks)
    readers: dict[int, list[int]] = defaultdict(list)
    for row, _step in rows:
        readers[row.session_id].append(row.person_id)
    for row in {row.session_id: row for row, _step in rows}.values():
        mails.withdraw_reminders(row.session, of=readers[row.session_id])  # an earlier step that has not left yet
    letters = [mails.reminder(row, step=step) for row, step in rows]
    mail.queue_all(letters, now=now)
    return len(letters)


def missing(*, now: datetime, session_pks: list[int] | None = None) -> list[tuple[Registration, Step]]:
    """Registrations with the step that has come due for them and that is not in the outbox yet."""
    found = due(now=now, session_pks=session_pks)
    keys = {row.pk: mails.reminder_key(row.session, row.person, step) for row, step in found}
    there = mail.existing(list(keys.values()))
    return [(row, step) for row, step in found if keys[row.pk] not in there]


def queue_last_calls(*, now: datetime) -> int:
    """Remind who was offered a seat that a day is left, if it was offered for longer; gives the number written.

    Looked at again under the lock of the session: an offer may have been answered meanwhile.
    """
    closing = Registration.objects.offers_closing(now)
    sessions = set(closing.values_list("session", flat=True))
    return sum(_queue_last_calls_of(pk, now=now) for pk in sorted(sessions))


@transaction.atomic
def _queue_last_calls_of(session_pk: int, *, now: datetime) -> int:
    Session.objects.lock_all([session_pk])
    rows = Registration.objects.offers_closing(now).filter(session=session_pk)
    letters = [mails.last_call(row) for row in rows.select_related("session", "session__track", "person")]
    return mail.queue_new(letters, now=now)


def queue_few_registrations(*, now: datetime) -> int:
    """Tell the hosts of sessions for which few registered, two weeks before; gives the number of mails written."""
    letters = []
    for session in Session.objects.few_registered(now):
        letters += organisers.few_registered(session, [hosting.person for hosting in session.hosts_there])
    return mail.queue_new(letters, now=now)


def queue_not_open_yet(*, now: datetime) -> int:
    """Tell staff of planned sessions that are not open four weeks before; gives the number of mails written."""
    if not (sessions := list(Session.objects.not_open_in_time(now))):
        return 0
    people = list(permissions.curators())
    return mail.queue_new([one for session in sessions for one in organisers.not_open_yet(session, people)], now=now)


def queue_waiting_proposals(*, now: datetime) -> int:
    """Tell staff of proposals that wait for their first answer, and the proposer once when it is late.

    After 7 and after 10 working days, the latest step only (domain.md 4.8); gives the number of mails written.
    """
    letters = []
    for session in Session.objects.without_first_answer():
        waited = working_days_between(session.submitted_at, now, is_day_off)
        if passed := [days for days in STAFF_HEAR_AFTER if days <= waited]:
            letters += proposals.waits(session, days=passed[-1])
        if waited > FIRST_ANSWER_WORKING_DAYS:
            letters += proposals.late(session)
    return mail.queue_new(letters, now=now)


def queue_requests(*, now: datetime) -> int:
    """Tell who decides, and the hosts, how many ask for a seat at what is to come; gives the number of mails written.

    Bundled into the daily mail, and once more a working day before the portal answers by itself (domain.md 4.2).
    """
    rows = Registration.objects.requested().filter(session__state__in=GIVING_SEATS, session__starts_at__gt=now)
    asked: dict[int, list[Registration]] = defaultdict(list)
    for row in rows.select_related("session", "session__track"):
        asked[row.session_id].append(row)
    if not asked:
        return 0
    staff = {person.pk: person for person in permissions.keepers()}
    number = 0
    for of_session in asked.values():
        number += _queue_requests_of(of_session, staff=staff, now=now)
    return number


@transaction.atomic
def _queue_requests_of(rows: list[Registration], *, staff: dict[int, User], now: datetime) -> int:
    session = rows[0].session
    first = min(answered_by(row) for row in rows)
    letters = requests.waiting(session, rows, answered_by=first, staff=staff, now=now)
    warned_at = working_days_before(first, 1, is_day_off)
    if warned_at <= now and (old := [row for row in rows if row.queued_at < warned_at]):
        letters += requests.last_call(session, len(old), answered_by=first)
    letters = [letter for letter in letters if letter.wish != Wish.NONE]
    there = mail.existing([letter.key for letter in letters])
    fresh = [letter for letter in letters if letter.key not in there]
    if fresh:
        requests.withdraw_older(session, but=[letter.key for letter in letters])
    mail.queue_all(fresh, now=now)
    return len(fresh)
