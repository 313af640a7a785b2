"""What goes when somebody no longer belongs to an organisation. Higher apps say what is theirs, and carry it out.

members knows nothing of sessions and groups. Each app above registers its Consequence in AppConfig.ready, as it does
its streams.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext, ngettext

from members.models import Affiliation, Organisation, User
from members.rules import Role

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


def foretell_ending(rows: Iterable[Affiliation], *, now: datetime) -> list[str]:
    """What ending these links, with every role that hangs on them, brings about: sentences with numbers.

    For the page that asks; it changes nothing.
    """
    rows = list(rows)
    pairs = {(row.person_id, row.organisation_id) for row in rows}
    people = {person for person, _organisation in pairs}
    organisations = {row.organisation_id: row.organisation for row in rows}
    text = ngettext("%(number)s person is no longer linked.", "%(number)s people are no longer linked.", len(people))
    sentences = [text % {"number": len(people)}]
    there = (
        Affiliation.objects.live()
        .filter(person__in=people, organisation__in=organisations)
        .exclude(role=Role.COLLEAGUE)
    )
    roles = [row for row in there if (row.person_id, row.organisation_id) in pairs]
    if roles:
        text = ngettext("%(number)s role ends with it.", "%(number)s roles end with it.", len(roles))
        sentences.append(text % {"number": len(roles)})
    sentences += foretell(pairs, now=now)
    sentences += without_contact({row.pk for row in roles if row.role == Role.CONTACT}, organisations.values())
    return sentences


def without_contact(ending: Collection[int], organisations: Iterable[Organisation]) -> list[str]:
    """A sentence for each of `organisations` that has no contact any more once the rows `ending`, keys, have ended."""
    if not ending:
        return []
    lost = set(Affiliation.objects.contacts().filter(pk__in=ending).values_list("organisation", flat=True))
    stays = set(
        Affiliation.objects.contacts()
        .filter(organisation__in=lost)
        .exclude(pk__in=ending)
        .values_list("organisation", flat=True)
    )
    return [
        gettext("%(organisation)s has no contact any more.") % {"organisation": organisation}
        for organisation in organisations
        if organisation.pk in lost - stays
    ]


def carry_out(person: User, organisation: Organisation, *, actor: Any, now: datetime) -> Lost:
    """End what hung on the link of this person with this organisation, which has just ended."""
    lost = Lost()
    for one in _registry:
        if one.carry_out is not None:
            part = one.carry_out(person, organisation, actor=actor, now=now)
            lost.lines += part.lines
            lost.attachments += part.attachments
    return lost
