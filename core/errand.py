"""The errand in hand: what staff do in one go, so that its mails know that they belong together and wait together."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass
class Errand:
    """`act` is the row that its mails point to; they leave from `mails_leave_at` on.

    In a rehearsal one mail of each kind and language is put together (`shown`), and the others are only counted;
    `letters` holds them by the id of their message, and `waits` and `can_be_undone` tell what would hold of the act.
    `withdrawn` are the mails that it took back, with the state that
    they had.
    """

    act: Any
    mails_leave_at: datetime
    is_rehearsal: bool = False
    shown: set[tuple[str, str]] = field(default_factory=set)
    waits: bool = False
    can_be_undone: bool = False
    letters: dict[UUID, Any] = field(default_factory=dict)
    withdrawn: dict[int, str] = field(default_factory=dict)


_current: ContextVar[Errand | None] = ContextVar("errand", default=None)


def current() -> Errand | None:
    return _current.get()


@contextmanager
def in_hand(errand: Errand) -> Iterator[Errand]:
    """All mails that are queued inside belong to `errand`."""
    token = _current.set(errand)
    try:
        yield errand
    finally:
        _current.reset(token)
