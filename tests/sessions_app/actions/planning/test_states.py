"""Every pair of states, and every role: what the table and the rights allow, and nothing else."""

import pytest

from core.moves import Refused
from sessions_app.actions import planning
from sessions_app.models import Session
from sessions_app.rules import SESSION_MOVES, UPCOMING
from tests.factories.sessions import DialogueFactory, SessionFactory
from tests.sessions_app.actions.planning.common import WHY, S, accepted, kinds_of_mail, plan

pytestmark = pytest.mark.django_db


def test_a_session_gets_its_date_opens_closes_and_is_held(staff, schedule, now):
    session = plan(accepted(), schedule, staff, now)
    assert (session.state, session.starts_at, session.dated_at) == (S.PLANNED, schedule.starts_at, now)
    planning.open_registration(session=session, actor=staff, now=now)
    planning.close(session=session, actor=staff, now=now)
    held = planning.mark_held(session=session, actor=staff, now=schedule.ends_at)
    assert held.state == S.HELD
    assert kinds_of_mail() == []


def make(state, now):
    """Ended, so that time refuses nothing that the table allows."""
    if state in (S.PLANNED, S.OPEN, S.CLOSED, S.HELD, S.FOLLOWED_UP, S.ARCHIVED, S.CANCELLED):
        return SessionFactory(state=state)
    if state == S.INVITING:
        return DialogueFactory(state=state)
    return accepted() if state == S.ACCEPTED else SessionFactory(state=state, starts_at=None)


ACTS = {
    "plan": S.PLANNED,
    "open_registration": S.OPEN,
    "close": S.CLOSED,
    "cancel": S.CANCELLED,
    "mark_held": S.HELD,
}


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("name", ACTS)
def test_every_pair_of_states_follows_the_table(staff, schedule, now, name, state):
    session = make(state, now)
    asked = WHY if name == "cancel" else {}
    at = now
    if name == "plan":
        asked = {"schedule": schedule, "for_whom": "Allen"}
    if name == "mark_held" and session.ends_at:
        at = session.ends_at
    act = getattr(planning, name)
    if SESSION_MOVES.allows(state, ACTS[name]):
        assert act(session=session, **asked, actor=staff, now=at).state == ACTS[name]
        return
    with pytest.raises(Refused):
        act(session=session, **asked, actor=staff, now=at)
    assert Session.objects.get(pk=session.pk).state == state


@pytest.mark.parametrize("state", S)
def test_only_what_is_to_come_is_moved_or_postponed(staff, schedule, now, state):
    if state in UPCOMING:
        assert planning.move(session=make(state, now), schedule=schedule, actor=staff, now=now).state == state
        assert planning.postpone(session=make(state, now), **WHY, actor=staff, now=now).state == S.ACCEPTED
        return
    with pytest.raises(Refused):
        planning.move(session=make(state, now), schedule=schedule, actor=staff, now=now)
    with pytest.raises(Refused):
        planning.postpone(session=make(state, now), **WHY, actor=staff, now=now)


@pytest.mark.parametrize("who", ["practitioner", "host", "quality_coordinator", "functional_administrator"])
def test_nobody_but_programme_staff_plans(request, schedule, now, who):
    person = request.getfixturevalue(who)
    session = SessionFactory(state=S.PLANNED)
    for act, asked in [
        (planning.open_registration, {}),
        (planning.cancel, WHY),
        (planning.postpone, WHY),
        (planning.move, {"schedule": schedule}),
        (planning.change, {"changes": {"title": "Gekaapt"}}),
        (planning.mark_held, {}),
    ]:
        with pytest.raises(Refused):
            act(session=session, **asked, actor=person, now=now)
