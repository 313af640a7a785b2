"""The line against a slow model that picks the best again for each seat, whatever comes in."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sessions_app.rules import SEATS_GO_DIRECTLY, SHORTEST_OFFER, Waiting, line, offer_ends_at

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
