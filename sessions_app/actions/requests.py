"""Deciding about who asked for a seat: many at once, and by itself once the time for it is over."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members.models import User
from sessions_app.actions import series_registrations
from sessions_app.actions.registration_state import RegistrationRefused, check_keeps, write
from sessions_app.mails import registrations as mails
from sessions_app.models import Registration, Session, answered_by
from sessions_app.rules import RegistrationState


@dataclass
class Decided:
    """What became of those that were decided about: how many of each state, and who was refused with why."""

    states: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[Registration, str | Promise]] = field(default_factory=list)

    @property
    def number(self) -> int:
        return sum(self.states.values())


@transaction.atomic
def decide_all(
    *, session: Session, registrations: Collection[int], admit: bool, note: str = "", actor: User, now: datetime
) -> Decided:
    """Admit, or not, those who asked for a seat at `session`, first come first: seats while there are any, then line.

    `registrations` are keys; what has been decided meanwhile is left alone. Each person gets one mail, with `note`.
    Who may no longer come is not admitted, and told apart. Raises RegistrationRefused for an actor who keeps no
    registrations, and when nobody is left to decide about.
    """
    check_keeps(actor)
    series_registrations.hold_for(session)
    rows = session.registrations.requested().filter(pk__in=registrations).select_related("session", "person")
    done = Decided()
    for row in rows:
        try:
            with transaction.atomic():
                decided = series_registrations.decide(registration=row, admit=admit, note=note, actor=actor, now=now)
        except RegistrationRefused as refused:
            done.refused.append((row, refused.reason))
        else:
            done.states.update(str(one.state) for one in decided if one.session_id == session.pk)
    if not done.number and not done.refused:
        raise RegistrationRefused(_("Tick at least one person who still waits for an answer."), field="who")
    return done


def answer_unanswered(*, now: datetime) -> int:
    """Tell who asked for a seat that nobody answered in time, so that there is none; gives the number.

    One transaction a session, looked at again under its lock: somebody may have decided meanwhile (domain.md 4.2).
    """
    sessions = {row.session_id for row in Registration.objects.unanswered(now)}
    return sum(_answer_unanswered_of(pk, now=now) for pk in sorted(sessions))


@transaction.atomic
def _answer_unanswered_of(session_pk: int, *, now: datetime) -> int:
    session = Session.objects.locked(session_pk)
    rows = session.registrations.all().unanswered(now)
    for row in rows:
        write(row, RegistrationState.REJECTED, "registration.unanswered", session=session, actor=None, now=now)
        mails.request_unanswered(row, now=now)
    return len(rows)


def last_to_answer(session: Session) -> datetime | None:
    """The first moment at which somebody who asked gets an answer by itself; None without requests or a date."""
    if session.starts_at is None:
        return None
    rows = session.registrations.requested().select_related("session")
    return min((answered_by(row) for row in rows), default=None)
