"""Registration for a session opens and closes (domain.md 4.1)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from members.models import User
from sessions_app.actions import series_registrations, waitlist
from sessions_app.actions.session_state import (
    SessionRefused,
    check_gaps,
    check_move,
    locked,
    opening_gaps,
    write_move,
)
from sessions_app.mails import news, organisers
from sessions_app.models import Session
from sessions_app.rules import Gap, SessionState


@transaction.atomic
def open_registration(*, session: Session, actor: User, now: datetime) -> Session:
    """Open a planned session for registration, or a closed one again.

    Who is on its series as a whole is registered for it.

    Raises SessionRefused, at its field, without a content lead from a member or partner, with Partos as content lead,
    without facilitator, audience, admission, confidentiality or deadline, and for a leadership dialogue.
    """
    session = locked(session, actor)
    check_move(session, SessionState.OPEN)
    if session.is_dialogue:
        raise SessionRefused(_("A leadership dialogue is by invitation; nobody registers for it."))
    check_gaps(opening_gaps(session, now=now) + deadline_gaps(session, now=now))
    write_move(session, SessionState.OPEN, actor=actor, now=now)
    organisers.withdraw_not_open_yet(session)
    news.opened(session, now=now)
    waitlist.fill_seats(session, actor=actor, now=now)
    series_registrations.bring_along(session, actor=actor, now=now)
    return session


@transaction.atomic
def close(*, session: Session, actor: User | None, now: datetime) -> Session:
    """End registration, or the inviting to a dialogue; the queue stays, and freed seats still go to the first."""
    session = locked(session, actor)
    check_move(session, SessionState.CLOSED)
    write_move(session, SessionState.CLOSED, actor=actor, now=now)
    news.withdraw(session)
    return session


def deadline_gaps(session: Session, *, now: datetime) -> list[Gap]:
    """That the registration deadline has passed; refuses nothing itself."""
    if session.registration_deadline is None or session.registration_deadline > now:
        return []
    return [Gap("registration_deadline", _("The registration deadline has passed; choose a later one."))]


def close_past_deadline(*, now: datetime) -> int:
    """End registration where the deadline or the start has passed; gives the number. One transaction a session."""
    return sum(close_if_past_deadline(session=session, now=now) for session in Session.objects.past_deadline(now))


@transaction.atomic
def close_if_past_deadline(*, session: Session, now: datetime) -> bool:
    """End registration, unless staff gave it a later deadline or closed it meanwhile; tells whether it did."""
    session = Session.objects.locked(session.pk)
    if not Session.objects.past_deadline(now).filter(pk=session.pk).exists():
        return False
    close(session=session, actor=None, now=now)
    return True
