"""Correcting what hangs on no date."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from leerlijnen.models import PartosRole
from members.models import User
from sessions_app.actions import waitlist
from sessions_app.actions.planning.dates import check_plan, keep_by_invitation
from sessions_app.actions.planning.opening import deadline_gaps
from sessions_app.actions.session_state import (
    SessionRefused,
    check_gaps,
    locked,
    opening_gaps,
    record,
    year_gaps,
)
from sessions_app.mails import news
from sessions_app.mails import registrations as mails
from sessions_app.models import Session
from sessions_app.rules import CHANGEABLE, DATED, Gap, SessionState, fair_share_gaps

OPENED = (SessionState.OPEN, SessionState.INVITING, SessionState.CLOSED)


@transaction.atomic
def change(
    *,
    session: Session,
    changes: dict[str, Any],
    partos_roles: Iterable[PartosRole] | None = None,
    actor: User,
    now: datetime,
) -> Session:
    """Correct what hangs on no date: words, audience, deadline, seats. `changes` holds values of CHANGEABLE.

    More seats go to the first in line at once; fewer than are taken throw nobody out. Raises SessionRefused when a
    session with a date would lack something that it needs, when one that has opened would lack what opening asks, when
    a closed space would share its seats by organisation, and when no role of Partos would be left.
    """
    session = locked(session, actor)
    if unknown := set(changes) - CHANGEABLE:
        raise ValueError(f"not to be changed like this: {sorted(unknown)}")
    for field, value in changes.items():
        setattr(session, field, value)
    if session.state in DATED:
        keep_by_invitation(session)
        check_plan(session)
    check_gaps(change_gaps(session, changes, now=now))
    also: dict[str, tuple[str, str]] = {}
    if partos_roles is not None:
        if not partos_roles:
            raise SessionRefused(_("Choose at least one of the four roles of Partos."), field="partos_roles")
        old = _roles(session)
        session.partos_roles.set(partos_roles)
        changes = changes | {"partos_roles": partos_roles}
        also = {"partos_roles": (old, _roles(session))}
    session.changed_at = now
    session.save()
    record("session.changed", session, also=also, actor=actor, now=now, fields="+".join(sorted(changes))[:80])
    if not news.TOLD.isdisjoint(changes):
        news.renew(session, now=now)
    mails.withdraw_reminders(session)
    waitlist.fill_seats(session, actor=actor, now=now)
    return session


def _roles(session: Session) -> str:
    return ", ".join(sorted(str(role) for role in session.partos_roles.all()))


def change_gaps(session: Session, changes: Iterable[str], *, now: datetime) -> list[Gap]:
    """What would be wrong with a session after a correction of the fields `changes`; refuses nothing itself.

    Of one that has opened that is what opening asks. That its deadline or start has passed is no gap, unless the
    deadline itself is corrected: words may still be.
    """
    sharing: list[Gap] = []
    if not {"most_per_organisation", "confidentiality"}.isdisjoint(changes):
        sharing = fair_share_gaps(
            most_per_organisation=session.most_per_organisation, is_closed_space=session.is_closed_space
        )
    if "registration_deadline" in changes:
        sharing += year_gaps(now, registration_deadline=session.registration_deadline)
    if session.state not in OPENED:
        return sharing
    passing = {"starts_at"} | ({"registration_deadline"} if session.is_dialogue else set())
    gaps = [gap for gap in opening_gaps(session, now=now) if gap.field not in passing]
    if session.state == SessionState.OPEN and "registration_deadline" in changes:
        gaps += deadline_gaps(session, now=now)
    return sharing + gaps
