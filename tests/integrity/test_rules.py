from datetime import UTC, datetime, timedelta
from itertools import pairwise, product

import pytest

from core.moves import MoveRefused
from integrity.rules import ITEM_MOVES, ROUTE_MOVES, ItemState, RouteState, item_gaps, route_gaps, route_state

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
COMPLETE = {
    "for_whom": ["employee"],
    "about": "Zorgen.",
    "what_next": "Je hoort iets.",
    "phone": "1",
    "mail": "",
    "web": "",
}

ROUTE = {
    ("draft", "verified"), ("draft", "withdrawn"),
    ("verified", "published"), ("verified", "verified"), ("verified", "withdrawn"),
    ("published", "due_for_check"), ("published", "verified"), ("published", "withdrawn"),
    ("due_for_check", "verified"), ("due_for_check", "withdrawn"),
    ("withdrawn", "draft"),
}  # fmt: skip
WAY = ["signalled", "agendised", "in_progress", "agreed", "rolled_out", "evaluated"]
ITEM = {*pairwise(WAY), *((state, "parked") for state in WAY[:-1]), ("parked", "signalled")}


@pytest.mark.parametrize(("old", "new"), list(product(RouteState, RouteState)))
def test_a_route_moves_as_its_table_says(old, new):
    assert ROUTE_MOVES.allows(old, new) == ((old, new) in ROUTE)


@pytest.mark.parametrize(("old", "new"), list(product(ItemState, ItemState)))
def test_an_item_moves_as_its_table_says(old, new):
    assert ITEM_MOVES.allows(old, new) == ((old, new) in ITEM)


def test_a_move_that_is_not_in_the_table_is_refused():
    with pytest.raises(MoveRefused):
        ROUTE_MOVES.check("draft", "published", "no")


@pytest.mark.parametrize(
    ("stored", "days", "has_phone", "state"),
    [
        ("published", 0, True, "published"),
        ("published", 179, True, "published"),
        ("published", 180, True, "due_for_check"),
        ("published", 180, False, "published"),
        ("published", 364, False, "published"),
        ("published", 365, False, "due_for_check"),
        ("published", 4000, True, "due_for_check"),
        ("verified", 4000, True, "verified"),
        ("draft", 4000, True, "draft"),
        ("withdrawn", 4000, True, "withdrawn"),
    ],
)
def test_a_published_route_is_due_180_days_after_its_check_and_365_without_a_phone(stored, days, has_phone, state):
    checked = NOW - timedelta(days=days)
    assert route_state(stored=stored, verified_at=checked, has_phone=has_phone, now=NOW) == state


def test_a_published_route_that_was_never_checked_is_due():
    assert route_state(stored="published", verified_at=None, has_phone=True, now=NOW) == RouteState.DUE_FOR_CHECK


@pytest.mark.parametrize(
    ("lacks", "field"),
    [
        ({"for_whom": []}, "for_whom"),
        ({"about": " "}, "about"),
        ({"phone": ""}, "phone"),
        ({"what_next": ""}, "what_next"),
    ],
)
def test_a_route_without_a_needed_part_has_a_gap_at_its_field(lacks, field):
    assert [gap.field for gap in route_gaps(**COMPLETE | lacks)] == [field]


def test_one_channel_is_enough():
    for channel in ("phone", "mail", "web"):
        assert route_gaps(**COMPLETE | {"phone": "", channel: "x"}) == []


@pytest.mark.parametrize("state", ItemState)
def test_an_item_that_is_not_at_rest_needs_a_next_step_and_date(state):
    fields = [gap.field for gap in item_gaps(state=state, next_step=" ", next_date=None)]
    assert fields == ([] if state in ("evaluated", "parked") else ["next_step", "next_date"])
