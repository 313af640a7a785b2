import pytest

from core.moves import MoveRefused, Moves

MOVES = Moves({"new": ["old"], "old": []})


def test_a_move_that_is_not_in_the_table_is_refused():
    MOVES.check("new", "old", "No.")
    with pytest.raises(MoveRefused, match=r"No\."):
        MOVES.check("old", "new", "No.")


def test_a_table_that_names_a_state_without_a_row_is_refused():
    with pytest.raises(ValueError, match="lost"):
        Moves({"new": ["lost"]})
