"""What was said by mistake is put right: a session that was called off, and one that was marked as held.

Calling off ends every registration and keeps what each was, so that all can come back in the same order.
"""

from collections import Counter
from copy import copy
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import mail
from members.models import User
from sessions_app.actions import waitlist
from sessions_app.actions.registration_state import losses
from sessions_app.actions.session_state import (
    STEPS_BACK,
    SessionRefused,
    check_move,
    check_reason,
    drop_date,
    locked,
    record,
    write_move,
    write_note,
)
from sessions_app.mails import guests as guest_mails
from sessions_app.mails import invitations as invitation_mails
from sessions_app.mails import news, organisers
from sessions_app.mails import registrations as mails
from sessions_app.models import CurationNote, Registration, Session
from sessions_app.rules import (
    PUT_RIGHT,
    Loss,
    RegistrationState,
    Resume,
    SessionState,
)


@dataclass(frozen=True)
class Back:
    """Who comes back to a session that was called off, and who does not."""

    rows: list[Registration]
    lost: dict[int, Loss]  # by the key of the registration
    left: int  # who has left the series, or registered anew for this session, meanwhile
    elsewhere: frozenset[int]  # people who are back, and registered for something else at that time

    @property
    def lines(self) -> list[str]:
        """In numbers and words: what they have again, who does not come back and why, who is elsewhere by now."""
        had = Counter(row.ended_from for row in self.rows)
        lost = Counter(self.lost.values())
        gone = lost[Loss.ACCOUNT] + lost[Loss.AFFILIATION]
        not_meant = lost[Loss.AUDIENCE] + lost[Loss.INVITATION]
        counted = [
            (had[RegistrationState.CONFIRMED], _("Back with a seat: %(number)s")),
            (had[RegistrationState.OFFERED], _("Back with a seat that is held for them: %(number)s")),
            (had[RegistrationState.WAITLISTED], _("Back in the line, in the same order: %(number)s")),
            (had[RegistrationState.REQUESTED], _("Back, and waiting for the organisers to decide: %(number)s")),
            (len(self.elsewhere), _("Of these registered for another session at that time meanwhile: %(number)s")),
            (gone, _("Not back, because they left the organisation or have no account any more: %(number)s")),
            (not_meant, _("Not back, because the session is not for them any more: %(number)s")),
            (self.left, _("Not back, because they left the series or registered anew: %(number)s")),
        ]
        return [words % {"number": number} for number, words in counted if number]


def who_comes_back(session: Session) -> Back:
    """Those who lost their place when the session was called off, in the order in which they came; four queries."""
    ended = Registration.objects.ended_with(session).select_related("person")
    rows = list(ended)
    lost = losses(ended) if rows else {}
    here = set(session.registrations.with_a_place().order_by().values_list("person", flat=True))
    if session.series and session.series.is_whole:
        given_up = Registration.objects.of_series(session.series).exclude(session=session)
        given_up = given_up.filter(
            state=RegistrationState.CANCELLED, ended_from="", changed_at__gte=session.cancelled_at
        )
        on_it = session.series.memberships.values_list("person", flat=True)
        here |= set(given_up.values_list("person", flat=True)) - set(on_it)
    kept = [row for row in rows if row.pk not in lost and row.person_id not in here]
    busy: set[int] = set()
    if session.starts_at and kept:
        others = Registration.objects.live().exclude(session=session)
        at_once = others.filter(session__starts_at__lt=session.ends_at, session__ends_at__gt=session.starts_at)
        busy = set(at_once.filter(person__in=[row.person_id for row in kept]).values_list("person", flat=True))
    return Back(kept, lost, len(rows) - len(lost) - len(kept), frozenset(busy))


def ways(session: Session, *, now: datetime) -> list[Resume]:
    """How this session can be taken up again, the fullest first; nothing of one that was not called off."""
    if session.state != SessionState.CANCELLED:
        return []
    had_people = Registration.objects.ended_with(session).exists() or session.is_dialogue
    found = [Resume.EMPTY]
    if had_people:
        found.insert(0, Resume.WITHOUT_DATE)
    if session.starts_at and session.ends_at and (session.ends_at > now or _was_not_held(session)):
        found.insert(0, Resume.AS_IT_WAS)
    return found


def _was_not_held(session: Session) -> bool:
    """It was called off after its end: nobody was told."""
    return bool(session.cancelled_at and session.ends_at and session.cancelled_at >= session.ends_at)


@transaction.atomic
def resume(*, session: Session, how: str, reason: str, actor: User, now: datetime) -> Session:
    """Take up again a session that was called off: as it was, without its date, or anew without the people.

    Who comes back has what she had, in the same order, and gets one mail that tells it, or tells that the date is gone
    where she never read that the session was off; who lost what the registration hung on stays off, and so does who
    left the series. Hosts, guests and who was invited to a dialogue hear it too. Of
    what has passed nobody is told. Raises SessionRefused, naming the field, for a way that there is not, and without a
    reason.
    """
    session = locked(session, actor)
    if session.state != SessionState.CANCELLED:
        raise SessionRefused(_("Only a session that is cancelled can be taken up again like this."))
    if how not in ways(session, now=now):
        raise SessionRefused(_("The session can not be taken up again like this."), field="how")
    check_reason(reason)
    state = _state_of(session, how, now=now)
    check_move(session, state, PUT_RIGHT)
    note = write_note(session, CurationNote.Kind.REASON, reason, actor=actor, now=now)
    back = who_comes_back(session) if how != Resume.EMPTY else Back([], {}, 0, frozenset())
    before = copy(session)
    if how == Resume.AS_IT_WAS:
        session.cancelled_at = None
        session.dated_at = now
    else:
        drop_date(session, now=now)
    session.ended_from = ""
    session.sequence += STEPS_BACK if how != Resume.EMPTY else 0
    write_move(session, state, actor=actor, now=now)
    unread = mails.withdraw_cancelled(session)
    _put_back(session, back, now=now)
    record("session.registrations_restored", session, actor=actor, now=now, number=len(back.rows))
    if session.ends_at and session.ends_at <= now:
        return session
    waitlist.renew_offers(session, now=now)
    for row in waitlist.fill_seats(session, actor=actor, now=now):  # her one mail is the one below
        for what in ("offer:", "seat"):
            mail.withdraw(f"session:{session.pk}:registration:{row.pk}:{what}")
    back_now = list(session.registrations.live().filter(pk__in=[row.pk for row in back.rows]).select_related("person"))
    told = [row for row in back_now if row.person_id not in unread]
    mails.session_resumed(session, told, back.elsewhere, note.text, now=now)
    if before.starts_at and session.starts_at is None:  # who never read that it was off loses its date all the same
        unaware = [row for row in back_now if row.person_id in unread]
        mails.session_postponed(session, unaware, before, note.text, now=now)
        told += unaware
    if how != Resume.EMPTY:  # else they hear of the date, once there is one
        invitation_mails.dialogue_changed(session, "resumed", now=now)
        guest_mails.changed(session, "resumed", reason=note.text, now=now)
    organisers.told(session, "resumed", but=told, reason=note.text, people_are_back=bool(back.rows), now=now)
    news.opened(session, now=now)
    return session


def _state_of(session: Session, how: str, *, now: datetime) -> SessionState:
    """What it was; registration does not open again by itself once its deadline has passed."""
    if how != Resume.AS_IT_WAS:
        return SessionState.ACCEPTED
    was = SessionState(session.ended_from or SessionState.CLOSED)
    deadline = session.registration_deadline or session.starts_at
    if was == SessionState.OPEN and deadline and deadline <= now:
        return SessionState.CLOSED
    return was


def _put_back(session: Session, back: Back, *, now: datetime) -> None:
    for row in back.rows:
        row.state, row.ended_from, row.changed_at = row.ended_from, "", now
    Registration.objects.bulk_update(back.rows, ["state", "ended_from", "changed_at"], batch_size=500)
    # Who does not come back now does not either when it is called off and taken up once more.
    Registration.objects.ended_with(session).update(ended_from="")


@transaction.atomic
def take_back_held(*, session: Session, reason: str, actor: User, now: datetime) -> Session:
    """Say that a session was marked as held by mistake: it is closed again, and what was noted of attendance stays.

    Nobody is mailed. Raises SessionRefused for one that was not held, and without a reason.
    """
    session = locked(session, actor)
    if session.state != SessionState.HELD:
        raise SessionRefused(_("Only a session that is marked as held can be taken back like this."))
    check_move(session, SessionState.CLOSED, PUT_RIGHT)
    check_reason(reason)
    write_note(session, CurationNote.Kind.REASON, reason, actor=actor, now=now)
    write_move(session, SessionState.CLOSED, actor=actor, now=now)
    return session
