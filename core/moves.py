"""State moves as data: a table of which state may follow which, asked before every change of state."""

from collections.abc import Iterable, Mapping


class Refused(Exception):
    """An action says no.

    `reason` is a sentence for the person who asked, translated when it is shown; `field` names the form field that it
    belongs to, or is None when it concerns the whole.
    """

    def __init__(self, reason, *, field: str | None = None):
        super().__init__(reason)
        self.reason = reason
        self.field = field


class MoveRefused(Refused):
    """The state may not change like this, whatever else is true."""


class Moves:
    """The moves of one state field, from `{state: (states that may follow,)}`.

    Every state that occurs is a key; an end state has an empty row. Raises ValueError for a table that names a state
    without a row.
    """

    def __init__(self, table: Mapping[str, Iterable[str]]):
        self.table = {old: frozenset(after) for old, after in table.items()}
        missing = {new for after in self.table.values() for new in after} - set(self.table)
        if missing:
            raise ValueError(f"states without a row of their own: {sorted(missing)}")

    def allows(self, old: str, new: str) -> bool:
        return new in self.table[old]

    def check(self, old: str, new: str, reason) -> None:
        """Raise MoveRefused(reason) unless `new` may follow `old`."""
        if not self.allows(old, new):
            raise MoveRefused(reason)

    def after(self, old: str) -> frozenset[str]:
        return self.table[old]
