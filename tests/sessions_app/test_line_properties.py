"""The line against a slow model that picks the best again for each seat, whatever comes in."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sessions_app.rules import SEATS_GO_DIRECTLY, SHORTEST_OFFER, Room, Waiting, line, offer_ends_at, seats_to_give

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ORGANISATIONS = st.sampled_from([None, 1, 2, 3])
lines = st.lists(
    st.builds(
        Waiting,
        key=st.integers(1, 10_000),
        since=st.integers(0, 5).map(lambda minutes: START + timedelta(minutes=minutes)),
        organisation=ORGANISATIONS,
        has_seat=st.booleans(),
    ),
    unique_by=lambda row: row.key,
    max_size=12,
)
others = st.dictionaries(st.sampled_from([1, 2, 3]), st.integers(0, 4))


def held_by(waiting, others):
    """Seats of each organisation: those of others, and of who waits for another room while she has a seat."""
    held = Counter(others)
    held.update(row.organisation for row in waiting if row.has_seat and row.organisation is not None)
    return held


def picked_one_by_one(waiting, held, *, shares):
    """Look at everybody for each seat, give it to the best, and look again."""
    held, left, order = Counter(held), list(waiting), []

    def seats(row):
        if not shares or row.organisation is None:
            return 0
        return held[row.organisation] - (1 if row.has_seat else 0)

    while left:
        best = min(left, key=lambda row: (seats(row), row.since, row.key))
        left.remove(best)
        order.append(best.key)
        if best.organisation is not None and not best.has_seat:
            held[best.organisation] += 1
    return order


@given(lines, others, st.booleans())
def test_the_line_is_that_of_picking_the_best_again_for_each_seat(waiting, others, shares):
    held = held_by(waiting, others)
    assert line(waiting, held=held, shares=shares) == picked_one_by_one(waiting, held, shares=shares)


@given(lines, others, st.booleans(), st.randoms())
def test_the_line_loses_nobody_and_does_not_hang_on_the_order_in_which_rows_are_read(waiting, others, shares, random):
    held = held_by(waiting, others)
    shuffled = random.sample(waiting, len(waiting))
    order = line(shuffled, held=held, shares=shares)
    assert sorted(order) == sorted(row.key for row in waiting)
    assert order == line(waiting, held=held, shares=shares)


@given(lines, others, st.integers(1, 4))
def test_nobody_passes_the_maximum_while_someone_of_a_smaller_organisation_waits(waiting, others, most):
    """For any maximum, though the line does not know it (decision 20)."""
    held = held_by(waiting, others)
    rows = {row.key: row for row in waiting if not row.has_seat}
    left = dict(rows)
    for key in (key for key in line(waiting, held=held, shares=True) if key in rows):
        own = left.pop(key).organisation
        if own is None:
            continue
        if held[own] >= most:
            assert all(row.organisation is not None and held[row.organisation] >= most for row in left.values())
        held[own] += 1


@given(
    st.integers(1, 14 * 24), st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=60)),
)  # fmt: skip
def test_an_offer_always_ends_before_the_start_and_gives_time_to_read_a_mail(hours, before_start):
    now = START - before_start
    until = offer_ends_at(hours=hours, starts_at=START, now=now)
    if before_start <= SEATS_GO_DIRECTLY:
        assert until is None
        return
    assert min(timedelta(hours=hours), SHORTEST_OFFER) <= until - now <= timedelta(hours=hours)
    assert until < START
    assert until <= START - SEATS_GO_DIRECTLY or until - now <= SHORTEST_OFFER


@st.composite
def rooms_and_seats(draw):
    """One room or two, with numbers of seats and who holds them; who wishes for the other room has a seat in one."""
    number = draw(st.integers(1, 2))
    waits = draw(st.lists(lines, min_size=number, max_size=number))
    keys = iter(range(10_000))
    waits = [[replace(row, key=next(keys), has_seat=row.has_seat and number == 2) for row in room] for room in waits]
    wishes = [sum(row.has_seat for row in room) for room in waits]
    held = [draw(st.integers(0, 4)) + wishes[(place + 1) % number] for place in range(number)]
    capacity = [draw(st.none() | st.integers(1, 12)) for _ in range(number)]
    rooms = [Room(*of) for of in zip(capacity, held, waits, strict=True)]
    return rooms, held_by([row for room in waits for row in room], draw(others))


@given(rooms_and_seats(), st.booleans())
def test_seats_go_in_the_order_of_the_line_until_no_room_has_one_that_somebody_waits_for(drawn, shares):
    rooms, by_organisation = drawn
    given = seats_to_give(rooms, held=by_organisation, shares=shares)
    assert given == seats_to_give(rooms, held=by_organisation, shares=shares)
    taken, seats = [room.held for room in rooms], Counter(by_organisation)
    waits = [{row.key: row for row in room.waiting} for room in rooms]
    for turn in given:
        assert turn.who == waits[turn.room].pop(turn.who.key)  # who waits there, and nobody twice
        taken[turn.room] += 1
        if turn.who.has_seat:
            taken[1 - turn.room] -= 1
        if turn.who.organisation is not None:
            assert turn.seats == seats[turn.who.organisation] - turn.who.has_seat
            seats[turn.who.organisation] += not turn.who.has_seat
    for room, number, left in zip(rooms, taken, waits, strict=True):
        assert room.capacity is None or number <= max(room.capacity, room.held)
        assert not left or (room.capacity is not None and number >= room.capacity)


@given(lines, others, st.booleans(), st.integers(1, 12))
def test_in_one_room_they_go_to_the_first_of_the_line(waiting, others, shares, free):
    waiting = [replace(row, has_seat=False) for row in waiting]
    given = seats_to_give([Room(free, 0, waiting)], held=others, shares=shares)
    assert [turn.who.key for turn in given] == line(waiting, held=others, shares=shares)[:free]
