"""Correcting a planned session without a new date: seats, audience, roles."""

from datetime import timedelta

import pytest

from core.moves import Refused
from sessions_app.actions import planning
from sessions_app.rules import Admission, Audience, Confidentiality, RegistrationState
from tests.factories.sessions import DialogueFactory, SessionFactory
from tests.sessions_app.actions.planning.common import S

pytestmark = pytest.mark.django_db


def test_more_seats_are_held_for_the_first_in_line(staff, now):
    session = SessionFactory(registered=2, waiting=2, capacity=2)
    first, second = session.registrations.waiting()
    planning.change(session=session, changes={"capacity": 3}, actor=staff, now=now)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (RegistrationState.OFFERED, RegistrationState.WAITLISTED)


def test_fewer_seats_throw_nobody_out(staff, now):
    session = SessionFactory(registered=3, capacity=3)
    planning.change(session=session, changes={"capacity": 1}, actor=staff, now=now)
    assert session.registrations.holding_seat().count() == 3


def test_a_correction_cannot_take_away_what_the_session_needs(staff, now):
    session = SessionFactory()
    with pytest.raises(Refused) as refused:
        planning.change(session=session, changes={"capacity": None}, actor=staff, now=now)
    assert refused.value.field == "capacity"


@pytest.mark.parametrize("field", ["state", "starts_at", "place", "sequence"])
def test_date_place_and_state_are_no_corrections(staff, now, field):
    with pytest.raises(ValueError, match=field):
        planning.change(session=SessionFactory(), changes={field: "x"}, actor=staff, now=now)


@pytest.mark.parametrize("field", ["audience", "admission", "confidentiality", "registration_deadline"])
@pytest.mark.parametrize("state", [S.OPEN, S.CLOSED])
def test_a_correction_cannot_undo_what_opening_asked(staff, now, state, field):
    session = SessionFactory(state=state)
    nothing = None if field == "registration_deadline" else ""
    with pytest.raises(Refused) as refused:
        planning.change(session=session, changes={field: nothing}, actor=staff, now=now)
    assert refused.value.field == field


def test_an_open_session_gets_no_deadline_that_has_passed(staff, now):
    passed = {"registration_deadline": now - timedelta(hours=1)}
    with pytest.raises(Refused):
        planning.change(session=SessionFactory(), changes=passed, actor=staff, now=now)
    planning.change(session=SessionFactory(state=S.CLOSED), changes=passed, actor=staff, now=now)


def test_a_session_keeps_at_least_one_role_of_partos(staff, now):
    with pytest.raises(Refused) as refused:
        planning.change(session=SessionFactory(), changes={}, partos_roles=[], actor=staff, now=now)
    assert refused.value.field == "partos_roles"


def test_a_dialogue_stays_by_invitation_whatever_is_asked(staff, now):
    asked = {"audience": Audience.PUBLIC, "admission": Admission.DIRECT, "confidentiality": ""}
    changed = planning.change(session=DialogueFactory(), changes=asked, actor=staff, now=now)
    assert (changed.audience, changed.admission) == (Audience.INVITED, Admission.INVITATION)
    assert changed.confidentiality == Confidentiality.CHATHAM_HOUSE


@pytest.mark.parametrize(
    "name", ["programme", "learning_line", "workstream", "track", "activity", "state", "starts_at"]
)
def test_no_correction_gives_a_session_another_place_in_the_programme(staff, now, name):
    """Also not one that is postponed: who is registered would read of a dialogue."""
    session = SessionFactory(registered=1)
    planning.postpone(session=session, reason="De spreker is ziek.", actor=staff, now=now)
    with pytest.raises(ValueError, match=name):
        planning.change(session=session, changes={name: None}, actor=staff, now=now)
