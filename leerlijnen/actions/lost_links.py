"""What goes in groups when somebody no longer belongs to an organisation (members.consequences)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import ngettext

from leerlijnen import mails
from leerlijnen.models import GroupMembership
from members.consequences import Consequence, Lost, Pair
from members.models import Affiliation, Organisation, User


def foretell(pairs: Sequence[Pair], now: datetime) -> list[str]:
    """How many places in groups go with the last work for a member, and how many groups lose their only lead."""
    people = {person for person, _ in pairs}
    works = Affiliation.objects.at_members().filter(person__in=people).values_list("person", "organisation")
    stay = {person for person, organisation in works if (person, organisation) not in set(pairs)}
    rows = GroupMembership.objects.members().at_members().filter(person__in=people - stay)
    places, led = rows.count(), set(rows.leads().values_list("activity", flat=True))
    others = GroupMembership.objects.leads().filter(activity__in=led).exclude(person__in=people - stay)
    alone = len(led - set(others.values_list("activity", flat=True)))
    sentences = []
    if places:
        text = ngettext("%(number)s place in a group goes.", "%(number)s places in groups go.", places)
        sentences.append(text % {"number": places})
    if alone:
        text = ngettext("%(number)s group has no lead any more.", "%(number)s groups have no lead any more.", alone)
        sentences.append(text % {"number": alone})
    return sentences


def carry_out(person: User, organisation: Organisation, *, actor: Any, now: datetime) -> Lost:
    """Tell the team of the groups that she led alone; every right in a group hangs on work for a member."""
    if Affiliation.objects.at_members().filter(person=person).exists():
        return Lost()
    for row in GroupMembership.objects.members().filter(person=person, is_lead=True).select_related("activity"):
        if not GroupMembership.objects.leads().of_group(row.activity).exists():
            mails.no_lead(row, now=now)
    return Lost()


CONSEQUENCE = Consequence(foretell, carry_out)
