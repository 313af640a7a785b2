"""The rules of sessions and registrations, without a database."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from sessions_app import rules
from sessions_app.rules import RegistrationState, SessionState

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OPENABLE = {
    "content_lead_kinds": ["member"], "has_facilitator": True, "audience": "members", "admission": "direct",
    "confidentiality": "internal", "registration_deadline": NOW + timedelta(days=6),
    "starts_at": NOW + timedelta(days=7), "now": NOW,
}  # fmt: skip


def fields(gaps):
    return [gap.field for gap in gaps]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({}, None),
        ({"content_lead_kinds": []}, "content_lead"),
        ({"content_lead_kinds": ["association"]}, "content_lead"),
        ({"content_lead_kinds": ["member", "association"]}, "content_lead"),
        ({"content_lead_kinds": ["ministry"]}, "content_lead"),
        ({"content_lead_kinds": ["partner"]}, None),
        ({"has_facilitator": False}, "hostings"),
        ({"audience": ""}, "audience"),
        ({"admission": ""}, "admission"),
        ({"confidentiality": ""}, "confidentiality"),
        ({"registration_deadline": None}, "registration_deadline"),
        ({"registration_deadline": NOW + timedelta(days=8)}, "registration_deadline"),
        ({"starts_at": NOW}, "starts_at"),
    ],
)
def test_opening_needs_a_member_or_partner_as_content_lead_and_the_rest(change, field):
    gaps = fields(rules.open_gaps(**OPENABLE | change))
    assert (gaps == []) if field is None else (field in gaps)


@pytest.mark.parametrize("seats", [0, -1, 10**9, None, 2001])
def test_a_number_of_seats_that_makes_no_sense_is_refused(seats):
    assert fields(rules.capacity_gaps(form="on_site", capacity=seats, capacity_online=None)) == ["capacity"]


def test_a_hybrid_session_needs_a_number_of_seats_for_each_form():
    assert fields(rules.capacity_gaps(form="hybrid", capacity=20, capacity_online=None)) == ["capacity_online"]


@pytest.mark.parametrize(
    ("capacity", "held", "waiting", "state"),
    [
        (20, 19, 0, RegistrationState.CONFIRMED),
        (20, 20, 0, RegistrationState.WAITLISTED),
        (20, 21, 0, RegistrationState.WAITLISTED),
        (20, 19, 1, RegistrationState.WAITLISTED),
        (None, 500, 0, RegistrationState.CONFIRMED),
    ],
)
def test_nobody_gets_a_seat_past_those_who_wait(capacity, held, waiting, state):
    assert rules.seat_for(capacity=capacity, held=held, waiting=waiting) == state


def test_seats_that_are_over_are_none():
    assert rules.free_seats(capacity=20, held=23) == 0
    assert rules.free_seats(capacity=None, held=23) is None


def test_every_pair_of_session_states_is_decided_by_the_table():
    allowed = {
        (str(old), str(new)) for old, new in product(SessionState, SessionState) if rules.SESSION_MOVES.allows(old, new)
    }
    assert ("declined", "open") not in allowed
    assert ("draft", "open") not in allowed
    assert {new for old, new in allowed if old == "open"} == {"closed", "accepted", "cancelled"}
    assert {new for old, new in allowed if old == "inviting"} == {"closed", "accepted", "cancelled"}
    assert {old for old, new in allowed if new == "open"} == {"planned", "closed"}
    assert {state for state in SessionState if not rules.SESSION_MOVES.after(state)} == {"merged", "archived"}


def test_every_state_of_a_session_can_be_reached_from_a_draft():
    reached, edge = {SessionState.DRAFT}, [SessionState.DRAFT]
    while edge:
        new = {SessionState(state) for state in rules.SESSION_MOVES.after(edge.pop())} - reached
        reached |= new
        edge += new
    assert reached == set(SessionState)


def test_what_ended_stays_ended_for_a_registration():
    ends = set(RegistrationState) - set(rules.WITH_A_PLACE)
    assert all(not rules.REGISTRATION_MOVES.after(end) for end in ends)
