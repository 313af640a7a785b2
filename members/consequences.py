"""What else goes when somebody no longer belongs to an organisation: higher apps say it, and carry it out.

members knows nothing of sessions and groups. Each app above registers its Consequence in AppConfig.ready, as it does
its streams.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from members.models import Organisation, User

Pair = tuple[int, int]  # the keys of a person and of an organisation


@dataclass
class Lost:
    """For the one mail that tells of it: a line for each thing lost, and the calendar files that take it out."""

    lines: list[str] = field(default_factory=list)
    attachments: tuple[dict[str, str], ...] = ()


@dataclass(frozen=True)
class Consequence:
    """`foretell` says in sentences with numbers what hangs on these pairs, in the active language; it changes nothing.

    `carry_out` ends it for one person, in the caller's transaction, and mails her nothing: what she lost goes in the
    mail about the ending.
    """

    foretell: Callable[[Sequence[Pair], datetime], list[str]]
    carry_out: Callable[..., Lost] | None = None


_registry: list[Consequence] = []


def register(consequence: Consequence) -> None:
    """Called by an AppConfig.ready."""
    _registry.append(consequence)


def foretell(pairs: Iterable[Pair], *, now: datetime) -> list[str]:
    """The sentences of all apps about what goes with these links."""
    chosen = sorted(set(pairs))
    return [sentence for one in _registry for sentence in one.foretell(chosen, now)] if chosen else []


def carry_out(person: User, organisation: Organisation, *, actor: Any, now: datetime) -> Lost:
    """End what hung on the link of this person with this organisation, which has just ended."""
    lost = Lost()
    for one in _registry:
        if one.carry_out is not None:
            part = one.carry_out(person, organisation, actor=actor, now=now)
            lost.lines += part.lines
            lost.attachments += part.attachments
    return lost
