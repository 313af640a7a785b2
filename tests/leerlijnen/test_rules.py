from itertools import product

import pytest

from leerlijnen.rules import MEMBERSHIP_MOVES, MembershipState, contrast, too_faint

S = MembershipState
ALLOWED = {(S.REQUESTED, S.MEMBER), (S.REQUESTED, S.REFUSED), (S.REQUESTED, S.LEFT), (S.MEMBER, S.LEFT)}


@pytest.mark.parametrize(("old", "new"), list(product(S, S)))
def test_a_membership_moves_only_as_the_table_says(old, new):
    assert MEMBERSHIP_MOVES.allows(old, new) is ((old, new) in ALLOWED)


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#FFFFFF", 21.0),
        ("#FFFFFF", "#000000", 21.0),
        ("#777777", "#FFFFFF", 4.48),
        ("#0B5563", "#FBF8F2", 7.94),
    ],
)
def test_contrast_is_that_of_wcag(one, other, ratio):
    assert round(contrast(one, other), 2) == ratio


def test_a_colour_is_too_faint_by_its_worst_ground():
    assert too_faint("#777777", "#000000") is None
    assert round(too_faint("#777777", "#000000", "#FFFFFF"), 2) == 4.48
