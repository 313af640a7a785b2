"""Who was there: noted by hosts and staff, in time, and never more than a fact for planning."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.models import AuditEntry, OutgoingMail
from core.moves import Refused
from leerlijnen.rules import ActivityKind
from sessions_app import reminders
from sessions_app.actions import attendance, planning, registrations, waitlist
from sessions_app.actions.attendance import AttendanceRefused
from sessions_app.models import Registration, RegistrationCount, Session
from sessions_app.retention import count_and_delete, old_registrations
from sessions_app.rules import (
    HOLDING_SEAT,
    LIVE,
    REGISTRATION_MOVES,
    SEATED,
    WITH_A_PLACE,
    Confidentiality,
    Form,
    RegistrationState,
    SessionState,
    state_as_told,
)
from tests.factories.leerlijnen import ActivityFactory
from tests.factories.sessions import DialogueFactory, RegistrationFactory, SessionFactory

pytestmark = pytest.mark.django_db
R = RegistrationState


def on_now(host, now, **fields):
    defaults = {"state": SessionState.CLOSED, "starts_at": now - timedelta(minutes=10), "host": host, "registered": 3}
    return SessionFactory(**(defaults | fields))


def note(row, state, actor, now):
    return attendance.note(registration=row, state=state, actor=actor, now=now)


def test_a_host_notes_who_is_here_and_corrects_it(host, now):
    session = on_now(host, now)
    row = session.registrations.first()
    for state in (R.ATTENDED, R.NO_SHOW, R.ATTENDED, R.CONFIRMED, R.NO_SHOW, R.CONFIRMED):
        assert note(row, state, host, now).state == state
        row.refresh_from_db()
        assert row.state == state
    assert not OutgoingMail.objects.exists()


def test_the_trail_which_stays_for_ever_says_who_noted_and_never_of_whom(host, now):
    session = on_now(host, now)
    row = session.registrations.first()
    note(row, R.NO_SHOW, host, now)
    attendance.note_rest_absent(session=session, actor=host, now=now)
    first, rest = AuditEntry.objects.order_by("pk")
    for entry, number in ((first, 1), (rest, 2)):
        assert (entry.verb, entry.actor, entry.target_type) == (
            "session.attendance_noted", host, "sessions_app.session",
        )  # fmt: skip
        assert entry.codes == {"old": "confirmed", "new": "no_show", "number": number}


def test_noting_the_same_twice_writes_once(host, now):
    session = on_now(host, now)
    row = session.registrations.first()
    for _ in range(2):
        note(row, R.ATTENDED, host, now)
    assert AuditEntry.objects.count() == 1
    assert attendance.note_rest_absent(session=session, actor=host, now=now) == 2
    assert attendance.note_rest_absent(session=session, actor=host, now=now) == 0
    assert AuditEntry.objects.count() == 2


def test_all_others_leaves_those_who_were_ticked(host, now):
    session = on_now(host, now, waiting=2)
    here = session.registrations.confirmed().first()
    note(here, R.ATTENDED, host, now)
    attendance.note_rest_absent(session=session, actor=host, now=now)
    assert sorted(session.registrations.values_list("state", flat=True)) == [
        "attended", "no_show", "no_show", "waitlisted", "waitlisted",
    ]  # fmt: skip


MOMENTS = {
    "more than an hour before": (timedelta(minutes=-61), False),
    "an hour before": (timedelta(minutes=-60), True),
    "two weeks after the end": (timedelta(days=14, minutes=89), True),
    "later": (timedelta(days=14, minutes=90), False),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_it_can_be_noted_from_an_hour_before_until_two_weeks_after(host, staff, now, moment):
    after, is_open = MOMENTS[moment]
    session = SessionFactory(host=host, registered=1)
    row = session.registrations.get()
    for actor in (host, staff):
        if is_open:
            note(row, R.ATTENDED, actor, session.starts_at + after)
        else:
            with pytest.raises(AttendanceRefused):
                note(row, R.ATTENDED, actor, session.starts_at + after)
    row.refresh_from_db()
    assert row.state == (R.ATTENDED if is_open else R.CONFIRMED)


def test_when_the_doors_open_earlier_so_does_the_list(host, now):
    session = SessionFactory(host=host, registered=1)
    Session.objects.update(doors_open_at=session.starts_at - timedelta(hours=2))
    note(session.registrations.get(), R.ATTENDED, host, session.starts_at - timedelta(hours=2))


def test_nobody_is_late_before_the_start(host, now):
    session = SessionFactory(host=host, registered=2)
    before = session.starts_at - timedelta(minutes=5)
    with pytest.raises(AttendanceRefused):
        note(session.registrations.first(), R.NO_SHOW, host, before)
    with pytest.raises(AttendanceRefused):
        attendance.note_rest_absent(session=session, actor=host, now=before)
    assert session.registrations.confirmed().count() == 2


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("host", True),
        ("staff", True),
        ("practitioner", False),
        ("contact", False),
        ("director", False),
        ("cohost", False),
        ("outsider", False),
        ("integrity_coordinator", False),
        ("quality_coordinator", False),
        ("functional_administrator", False),
    ],
)
def test_only_the_sessions_hosts_and_programme_staff_note_it(request, host, now, who, may):
    session = on_now(host, now)
    row = session.registrations.first()
    actor = request.getfixturevalue(who)
    for act in (
        lambda: note(row, R.ATTENDED, actor, now),
        lambda: attendance.note_rest_absent(session=session, actor=actor, now=now),
    ):
        if may:
            act()
        else:
            with pytest.raises(AttendanceRefused):
                act()
    assert session.registrations.confirmed().exists() != may


def peer_space(session):
    activity = ActivityFactory(kind=ActivityKind.PEER_SPACE, learning_line=session.learning_line, track=session.track)
    Session.objects.filter(pk=session.pk).update(activity=activity)


@pytest.mark.parametrize("kind", ["dialogue", "closed space", "peer space"])
def test_of_a_dialogue_and_a_closed_space_nothing_is_ever_noted(host, staff, now, kind):
    factory = DialogueFactory if kind == "dialogue" else SessionFactory
    session = factory(
        state=SessionState.CLOSED, starts_at=now - timedelta(minutes=10), host=host,
        confidentiality=Confidentiality.CLOSED_SPACE if kind == "closed space" else Confidentiality.CHATHAM_HOUSE,
    )  # fmt: skip
    if kind == "peer space":
        peer_space(session)
    row = RegistrationFactory(session=session)
    for actor in (host, staff):
        with pytest.raises(AttendanceRefused):
            note(row, R.ATTENDED, actor, now)
        with pytest.raises(AttendanceRefused):
            attendance.note_rest_absent(session=session, actor=actor, now=now)
    row.refresh_from_db()
    assert row.state == R.CONFIRMED


@pytest.mark.parametrize("state", [state for state in R if state not in SEATED])
def test_who_has_no_seat_is_not_ticked(host, now, state):
    row = RegistrationFactory(session=on_now(host, now, registered=0), state=state)
    for wanted in R:
        with pytest.raises(Refused):
            note(row, wanted, host, now)
    row.refresh_from_db()
    assert row.state == state


@pytest.mark.parametrize("state", [*(state for state in R if state not in SEATED), "", "x", "attended\x00"])
def test_nobody_is_moved_to_another_state_by_ticking(host, now, state):
    row = on_now(host, now).registrations.first()
    with pytest.raises(AttendanceRefused):
        note(row, state, host, now)
    row.refresh_from_db()
    assert row.state == R.CONFIRMED


# What counts seats counts them still.


def test_who_came_early_keeps_the_seat_and_nobody_else_gets_it(host, practitioner, now):
    session = SessionFactory(
        host=host,
        registered=2,
        waiting=1,
        capacity=2,
        starts_at=now + timedelta(minutes=50),
        registration_deadline=None,
    )
    here = session.registrations.confirmed().first()
    note(here, R.ATTENDED, host, now)
    assert waitlist.fill_seats(session, actor=None, now=now) == []
    seats = Session.objects.with_seats().get(pk=session.pk)
    assert (seats.held, seats.waiting) == (2, 1)
    affiliation = practitioner.affiliations.get()
    late = registrations.register(
        session=session, person=practitioner, organisation=affiliation.organisation, form=Form.ON_SITE,
        actor=practitioner, now=now,
    )  # fmt: skip
    assert late.state == R.WAITLISTED
    again = registrations.register(
        session=session, person=here.person, organisation=here.organisation, form=Form.ON_SITE, actor=here.person,
        now=now,
    )  # fmt: skip
    assert again.pk == here.pk


def test_what_is_counted_a_year_later_tells_who_came_in_numbers(host, now):
    session = on_now(host, now, registered=4, ends_at=now + timedelta(minutes=30))
    rows = list(session.registrations.all())
    note(rows[0], R.ATTENDED, host, now)
    note(rows[1], R.NO_SHOW, host, now)
    later = now + timedelta(days=400)
    assert count_and_delete(old_registrations(later - timedelta(days=365)), later) == 4
    numbers = dict(RegistrationCount.objects.values_list("state", "number"))
    assert numbers == {"attended": 1, "no_show": 1, "confirmed": 2}
    assert Session.objects.with_seats().get(pk=session.pk).held == 4


@pytest.mark.parametrize("change", ["move", "postpone", "cancel"])
def test_a_session_that_moves_or_is_called_off_forgets_who_was_there_and_tells_them(host, staff, now, change):
    session = on_now(host, now, starts_at=now + timedelta(minutes=30), state=SessionState.OPEN)
    row = session.registrations.first()
    note(row, R.ATTENDED, host, now)
    if change == "move":
        start = now + timedelta(days=30)
        schedule = planning.Schedule(
            starts_at=start, ends_at=start + timedelta(hours=1), form=session.form, place=session.place, capacity=20
        )
        planning.move(session=session, schedule=schedule, actor=staff, now=now)
    else:
        getattr(planning, change)(session=session, reason="De spreker is ziek.", actor=staff, now=now)
    row.refresh_from_db()
    assert row.state == (R.CANCELLED if change == "cancel" else R.CONFIRMED)
    assert OutgoingMail.objects.filter(recipient=row.person).count() == 1


def test_nobody_who_is_here_already_is_reminded(host, now):
    session = on_now(host, now, starts_at=now + timedelta(minutes=30), state=SessionState.OPEN)
    for row in session.registrations.all():
        note(row, R.ATTENDED, host, now)
    reminders.queue_due(now=now)
    assert not OutgoingMail.objects.exists()


# The moves.


def test_the_table_of_moves_allows_ticking_and_correcting_and_no_more():
    for state in SEATED:
        assert REGISTRATION_MOVES.after(state) - {R.CANCELLED} == set(SEATED) - {state}
    for state in (R.ATTENDED, R.NO_SHOW):
        assert [old for old in R if REGISTRATION_MOVES.allows(old, state)] == [s for s in SEATED if s != state]
    assert set(SEATED) < set(HOLDING_SEAT) < set(WITH_A_PLACE)
    assert set(WITH_A_PLACE) - set(LIVE) == {R.ATTENDED, R.NO_SHOW}


def test_whether_someone_came_is_told_as_having_had_a_seat():
    assert {state_as_told(state) for state in SEATED} == {R.CONFIRMED}
    assert all(state_as_told(state) == state for state in R if state not in SEATED)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    taps=st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from([*SEATED, "rest"]), st.integers(-90, 30)), min_size=1, max_size=15
    )
)
def test_whatever_is_tapped_in_whatever_order_the_same_people_hold_the_same_seats(host, now, taps):
    """Minutes count from the start: some taps come too early, and are refused without a trace."""
    session = on_now(host, now, registered=4, waiting=1, capacity=4, starts_at=now)
    rows = list(session.registrations.confirmed().order_by("pk"))
    model = {row.pk: R.CONFIRMED for row in rows}
    for number, state, minutes in taps:
        moment = now + timedelta(minutes=minutes)
        try:
            if state == "rest":
                attendance.note_rest_absent(session=session, actor=host, now=moment)
                model = {pk: R.NO_SHOW if old == R.CONFIRMED else old for pk, old in model.items()}
            else:
                note(rows[number], state, host, moment)
                model[rows[number].pk] = state
            assert minutes >= -60
        except AttendanceRefused:
            assert minutes < 0
    seated = Registration.objects.filter(session=session).seated()
    assert dict(seated.values_list("pk", "state")) == {pk: str(state) for pk, state in model.items()}
    counted = Session.objects.with_seats().get(pk=session.pk)
    assert (counted.held, counted.waiting) == (4, 1)
