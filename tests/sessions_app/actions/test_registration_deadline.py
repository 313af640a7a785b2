"""Until when one can register: by default one working day before, and it moves along with the session."""

from datetime import datetime, timedelta

import pytest

from core.dates import AMSTERDAM, local
from sessions_app.actions import planning
from sessions_app.actions.planning import Schedule
from sessions_app.forms.planning import ScheduleForm
from sessions_app.rules import Admission, Audience, Confidentiality, SessionState
from tests.factories.sessions import DialogueFactory, SessionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return datetime(2026, 11, 26, 12, tzinfo=AMSTERDAM)


def at(*moment):
    return datetime(*moment, tzinfo=AMSTERDAM)


def schedule(start, **fields):
    place = {"form": "on_site", "place": "Zaal 2 (fictief)", "capacity": 20}
    return Schedule(**{"starts_at": start, "ends_at": start + timedelta(hours=2), **place, **fields})


def plan(session, staff, now, start, **fields):
    past_is_meant = fields.pop("past_is_meant", False)
    return planning.plan(
        session=session, schedule=schedule(start, **fields), for_whom="Leden", audience=Audience.MEMBERS,
        admission=Admission.DIRECT, confidentiality=Confidentiality.INTERNAL, past_is_meant=past_is_meant,
        actor=staff, now=now,
    )  # fmt: skip


def accepted(factory=SessionFactory):
    return factory(state=SessionState.ACCEPTED, starts_at=None)


def move(session, staff, now, start, **fields):
    """As the form sends it: with what stood in it, but for what staff changed."""
    form = ScheduleForm(session=session)
    typed = {name: form.fields[name].initial for name in ScheduleForm.base_fields}
    lasts = session.ends_at - session.starts_at
    typed |= {"starts_at": start, "ends_at": start + lasts, **fields}
    return planning.move(session=session, schedule=Schedule(**typed), actor=staff, now=now)


@pytest.mark.parametrize(
    ("start", "closes"),
    [
        (at(2027, 3, 17, 14), at(2027, 3, 16, 17)),
        (at(2027, 3, 15, 9), at(2027, 3, 12, 17)),  # a Monday: the Friday before
        (at(2027, 3, 30, 14), at(2027, 3, 25, 17)),  # after Good Friday and Easter, over the clock change
        (at(2027, 1, 4, 14), at(2026, 12, 31, 17)),  # after New Year's Day and a weekend
    ],
)
def test_without_a_deadline_one_can_register_until_five_on_the_working_day_before(staff, now, start, closes):
    session = plan(accepted(), staff, now, start)
    assert local(session.registration_deadline) == closes
    assert local(session.registration_deadline).hour == 17


def test_a_deadline_that_was_given_holds(staff, now):
    given = at(2027, 3, 10, 12)
    assert plan(accepted(), staff, now, at(2027, 3, 17, 14), registration_deadline=given).registration_deadline == given


def test_a_dialogue_and_what_is_recorded_afterwards_have_no_deadline(staff, now):
    assert plan(accepted(DialogueFactory), staff, now, at(2027, 3, 17, 14)).registration_deadline is None
    past = plan(accepted(), staff, now, at(2026, 11, 17, 14), past_is_meant=True)
    assert past.registration_deadline is None


def test_a_date_so_soon_that_the_working_day_before_is_over_gets_no_deadline_by_itself(staff, now):
    assert plan(accepted(), staff, now, now + timedelta(hours=3)).registration_deadline is None


def test_a_deadline_that_staff_leave_as_it_was_moves_along_on_the_clock(staff, now):
    session = SessionFactory(starts_at=at(2027, 3, 16, 14), registration_deadline=at(2027, 3, 9, 12))
    moved = move(session, staff, now, at(2027, 4, 27, 15))
    assert local(moved.registration_deadline) == at(2027, 4, 20, 13)
    assert planning.close_past_deadline(now=at(2027, 3, 9, 13)) == 0
    moved.refresh_from_db()
    assert moved.state == SessionState.OPEN


def test_another_deadline_than_it_was_holds_when_the_session_moves(staff, now):
    session = SessionFactory(starts_at=at(2027, 3, 16, 14), registration_deadline=at(2027, 3, 9, 12))
    typed = at(2027, 4, 1, 12)
    moved = move(session, staff, now, at(2027, 4, 27, 15), registration_deadline=typed)
    assert moved.registration_deadline == typed


def test_a_deadline_stays_when_only_the_place_changes(staff, now):
    session = SessionFactory(starts_at=at(2027, 3, 16, 14), registration_deadline=at(2027, 3, 9, 12))
    moved = move(session, staff, now, session.starts_at, place="Zaal 3 (fictief)")
    assert moved.registration_deadline == at(2027, 3, 9, 12)


def test_the_working_day_before_stays_one_when_the_session_moves(staff, now):
    session = plan(accepted(), staff, now, at(2027, 3, 17, 14))
    moved = move(session, staff, now, at(2027, 3, 22, 14))  # a Monday
    assert local(moved.registration_deadline) == at(2027, 3, 19, 17)


def test_registration_does_not_close_because_the_session_comes_sooner(staff, now):
    session = SessionFactory(starts_at=at(2027, 3, 16, 14), registration_deadline=at(2027, 1, 16, 12))
    moved = move(session, staff, now, at(2026, 12, 16, 14))
    assert local(moved.registration_deadline) == at(2026, 12, 15, 17)


def test_the_hour_at_which_doors_open_moves_along(staff, now):
    session = SessionFactory(starts_at=at(2027, 3, 16, 14), doors_open_at=at(2027, 3, 16, 13, 30))
    assert move(session, staff, now, at(2027, 3, 17, 15)).doors_open_at == at(2027, 3, 17, 14, 30)
