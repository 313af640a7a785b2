"""Acts of staff that mail people: they show beforehand who gets which mail, wait a while, and can be taken back.

An act is a row for as long as it waits: what the rows that it changed were before, and by a foreign key the mails that
it wrote. It holds keys and codes, no text that tells of a person. Sent, taken back or past its time, the row goes.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models import Model, ProtectedError, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core import errand, mail, mail_samples
from core.errand import Errand
from core.mail_samples import Seen
from core.models import Act, MailState, OutgoingMail
from core.moves import Refused

TOO_LATE = _("This cannot be undone any more: its mails have left.")
CHANGED_SINCE = _("This cannot be undone any more: something has changed since. Put it right with a new step.")
Outcome = TypeVar("Outcome")
NOT_LEFT = (MailState.QUEUED, MailState.DIGEST, MailState.HELD, MailState.WITHDRAWN)


class ActRefused(Refused):
    """The act stays as it is, and why."""


# What it changes


@dataclass(frozen=True)
class Watch:
    """The rows that an act may change, and the fields that count. `stamps` are set back too, but never compared.

    Of rows that are `whole`, the fields are all that they have, so that one which was thrown away can be made anew.
    """

    rows: QuerySet[Any]
    fields: tuple[str, ...]
    stamps: tuple[str, ...] = ()
    is_whole: bool = False

    @property
    def label(self) -> str:
        return self.rows.model._meta.label_lower

    def now(self) -> dict[str, dict[str, Any]]:
        """Each row by its key: its fields as plain values."""
        names = (*self.fields, *self.stamps)
        return {str(pk): dict(zip(names, map(_plain, values), strict=True))
                for pk, *values in self.rows.order_by("pk").values_list("pk", *names)}  # fmt: skip


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _seen(watches: Iterable[Watch]) -> dict[str, dict[str, dict[str, Any]]]:
    return {watch.label: watch.now() for watch in watches}


def _digest(seen: dict[str, dict[str, dict[str, Any]]], watches: Iterable[Watch]) -> str:
    compared = {
        watch.label: {pk: [values[name] for name in watch.fields] for pk, values in seen[watch.label].items()}
        for watch in watches
    }
    return hashlib.sha256(json.dumps(compared, sort_keys=True).encode()).hexdigest()


# Doing


def hold() -> timedelta:
    """How long the mails of an act wait, so that it can be taken back."""
    return timedelta(minutes=settings.MAIL_UNDO_MINUTES)


@contextmanager
def doing(
    verb: str,
    target: Model,
    watches: Callable[[], list[Watch]],
    *,
    only_with_mails: bool = False,
    actor: Any,
    now: datetime,
    **codes: Any,
) -> Iterator[Errand]:
    """What happens inside can be taken back for as long as its mails wait; in the caller's transaction and locks.

    `codes` are kept for whoever takes it back. An act that threw rows away can not be taken back: its mails wait all
    the same. With `only_with_mails` one that mails nobody stands at once. Inside `foresee` it notes what would hold.
    """
    rehearsal = errand.current()
    if rehearsal is not None and rehearsal.is_rehearsal:
        before = _seen(watches())
        yield rehearsal
        after_watches = watches()
        rehearsal.waits, rehearsal.can_be_undone = True, not _lost(before, _seen(after_watches), after_watches)
        return
    act = Act.objects.create(
        verb=verb,
        target_type=target._meta.label_lower,
        target_id=target.pk,
        actor=actor,
        at=now,
        waits_until=now + hold(),
        codes=codes,
    )
    before = _seen(watches())
    with errand.in_hand(Errand(act=act, mails_leave_at=act.waits_until)) as in_hand:
        yield in_hand
    after_watches = watches()
    after = _seen(after_watches)
    whole = {watch.label for watch in after_watches if watch.is_whole}
    act.changes = {
        label: _changed(rows, after.get(label, {}), is_whole=label in whole) for label, rows in before.items()
    }
    act.created = {label: sorted(set(rows) - set(before.get(label, {})), key=int) for label, rows in after.items()}
    act.digest = _digest(after, after_watches)
    act.withdrawn = [[pk, state] for pk, state in sorted(in_hand.withdrawn.items())]
    act.can_be_undone = not _lost(before, after, after_watches)
    act.save()
    if not hold() or (only_with_mails and not act.mails.exists()):
        act.delete()


def _lost(before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]], watches: Iterable[Watch]) -> bool:
    """Whether rows were thrown away that cannot be made anew."""
    return any(set(before[watch.label]) - set(after[watch.label]) for watch in watches if not watch.is_whole)


def _changed(
    before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]], *, is_whole: bool
) -> dict[str, dict[str, Any]]:
    """Of each row what it was, where that is not what it is; all of one that is gone and can be made anew."""
    gone: dict[str, Any] = {}
    found = {
        pk: values
        if is_whole and pk not in after
        else {name: value for name, value in values.items() if after.get(pk, gone).get(name, value) != value}
        for pk, values in before.items()
    }
    return {pk: values for pk, values in found.items() if values}


# Taking back, or sending at once


def waiting(*, now: datetime) -> QuerySet[Act]:
    """The acts whose mails still wait, the newest first."""
    return Act.objects.filter(waits_until__gt=now).with_mails()


def locked(pk: int, *, now: datetime) -> Act:
    """The row of an act, held until the transaction ends. Raises ActRefused once it was sent, undone or is too old."""
    act = Act.objects.select_for_update().filter(pk=pk).first()
    if act is None or act.waits_until <= now:
        raise ActRefused(TOO_LATE)
    return act


def take_back(act: Act, watches: list[Watch]) -> None:
    """Put every row as it was before an act that the caller has locked, with its own locks on what it is about.

    Mails that it wrote never leave, and those that it withdrew wait again. Raises ActRefused when one has left, or
    when what it changed is not any more as it left it.
    """
    if not act.can_be_undone:
        raise ActRefused(CHANGED_SINCE)
    seen = _seen(watches)
    if _digest(seen, watches) != act.digest:
        raise ActRefused(CHANGED_SINCE)
    own = list(act.mails.select_for_update().order_by("pk").values_list("pk", "state"))
    if any(state not in NOT_LEFT for _pk, state in own):
        raise ActRefused(TOO_LATE)
    act.mails.update(state=MailState.WITHDRAWN)
    for watch in watches:
        _put_back(watch, act.changes.get(watch.label, {}))
    try:
        for watch in reversed(watches):  # the rows of a row before that row
            watch.rows.model._default_manager.filter(pk__in=act.created.get(watch.label, [])).delete()
    except ProtectedError as error:
        raise ActRefused(CHANGED_SINCE) from error
    _give_back(act)
    act.delete()


def _put_back(watch: Watch, rows: dict[str, dict[str, Any]]) -> None:
    model = watch.rows.model
    for pk, values in rows.items():
        fields = {name: model._meta.get_field(name) for name in values}
        put_back = {fields[name].attname: fields[name].to_python(value) for name, value in values.items()}
        if not model._default_manager.filter(pk=pk).update(**put_back) and watch.is_whole:
            model._default_manager.create(pk=pk, **put_back)


def _give_back(act: Act) -> None:
    """The mails that the act withdrew wait again, but where another was written under the same key meanwhile."""
    states = dict(act.withdrawn)
    rows = OutgoingMail.objects.filter(pk__in=states, state=MailState.WITHDRAWN).order_by("pk").select_for_update()
    keys = {row.pk: row.key for row in rows.only("pk", "key")}
    live = OutgoingMail.objects.exclude(state=MailState.WITHDRAWN).filter(key__in=keys.values())
    taken = set(live.values_list("key", flat=True))
    for pk, key in keys.items():
        if key not in taken:
            state = states[pk] if states[pk] != MailState.SENDING else MailState.QUEUED
            OutgoingMail.objects.filter(pk=pk).update(state=state, claim=None)
            taken.add(key)
    mail.wake_after_commit()


@transaction.atomic
def send_now(pk: int, *, now: datetime) -> int:
    """Let the mails of an act leave at once; gives their number. Raises ActRefused when they have left already."""
    act = locked(pk, now=now)
    number = act.mails.filter(state=MailState.QUEUED).update(next_attempt_at=now)
    act.delete()
    mail.wake_after_commit()
    return number


# Looking before


@dataclass(frozen=True)
class Told:
    """One kind of mail that would go out: to how many people, and as one reader of each language reads it."""

    kind: str
    name: str | Promise
    number: int
    samples: tuple[Seen, ...]


@dataclass(frozen=True)
class Foreseen(Generic[Outcome]):
    """What an act gives, and what it would mail. `people` are those who get something, however many mails.

    `minutes` is how long the mails wait, 0 when they leave at once; `can_be_undone` holds for as long.
    """

    outcome: Outcome
    told: tuple[Told, ...]
    people: int
    mails: int
    minutes: int
    can_be_undone: bool

    def seen_by(self, person: Any) -> "Foreseen[Outcome]":
        """Without the mails that this member of staff may not read: only how many there are of them."""
        told = [
            Told(one.kind, one.name, one.number, tuple(seen for seen in one.samples if _may_read(person, seen)))
            for one in self.told
        ]
        return replace(self, told=tuple(told))


def _may_read(person: Any, seen: Seen) -> bool:
    return not seen.needs_right or person.get_all_permissions().issuperset(seen.needs_right.split("+"))


def foresee(act: Callable[[], Outcome], *, now: datetime) -> Foreseen[Outcome]:
    """Do it, look which mails it wrote, and undo all of it; what it refuses is raised as it is.

    So there is no second rule of who gets which mail. Only one mail of each kind and language is put together, so that
    the locks are held shortly, however many there are.
    """
    with transaction.atomic():
        try:
            row = Act.objects.create(verb="rehearsal", target_type="", target_id=0, at=now, waits_until=now)
            with errand.in_hand(Errand(act=row, mails_leave_at=now, is_rehearsal=True)) as rehearsal:
                outcome = act()
            told, people = _told(rehearsal)
            return Foreseen(
                outcome=outcome,
                told=told,
                people=people,
                mails=sum(one.number for one in told),
                minutes=settings.MAIL_UNDO_MINUTES if rehearsal.waits else 0,
                can_be_undone=rehearsal.can_be_undone and bool(hold()),
            )
        finally:
            transaction.set_rollback(True)


def _told(rehearsal: Errand) -> tuple[tuple[Told, ...], int]:
    live = rehearsal.act.mails.exclude(state=MailState.WITHDRAWN)
    rows = list(live.order_by("kind", "language", "pk").values_list("kind", "language", "to", "message_id", "text"))
    names = mail_samples.names()
    told = []
    for kind, of_kind in groupby(rows, key=lambda row: row[0]):
        mails = list(of_kind)
        samples = []
        for _language, of_language in groupby(mails, key=lambda row: row[1]):
            in_language = list(of_language)
            written = next((message_id for *_rest, message_id, text in in_language if text), None)
            if written is None:  # the one that was put together was not written: her key was there already
                written = in_language[0][3]
                mail.put_together(rehearsal.act.mails.get(message_id=written), rehearsal.letters[written])
            samples.append(mail_samples.as_read(rehearsal.act.mails.get(message_id=written)))
        told.append(Told(kind, names.get(kind, kind), len(mails), tuple(samples)))
    told.sort(key=lambda one: -one.number)
    return tuple(told), len({to.lower() for _kind, _language, to, *_rest in rows})
