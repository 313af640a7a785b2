"""What goes here when somebody no longer belongs to an organisation (members.consequences)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import ngettext, override

from core.dates import span
from members.consequences import Consequence, Lost, Pair
from members.models import Organisation, User
from sessions_app.actions import registrations
from sessions_app.mails.registrations import calendars_of_lost
from sessions_app.models import Hosting, Registration
from sessions_app.rules import UPCOMING


def foretell(pairs: Sequence[Pair], now: datetime) -> list[str]:
    """How many places and how many sessions' hosts go with these links of a person with an organisation."""
    chosen = {"person__in": {person for person, _ in pairs}, "organisation__in": {one for _, one in pairs}}
    keys = set(pairs)
    places = Registration.objects.to_come(now).filter(**chosen).order_by().values_list("person", "organisation")
    hostings = Hosting.objects.filter(**chosen, session__state__in=UPCOMING, session__ends_at__gt=now)
    lost = sum(pair in keys for pair in places)
    hosted = {pk for person, organisation, pk in hostings.values_list("person", "organisation", "session")
              if (person, organisation) in keys}  # fmt: skip
    sentences = []
    if lost:
        text = ngettext("%(number)s place at a session goes.", "%(number)s places at sessions go.", lost)
        sentences.append(text % {"number": lost})
    if hosted:
        text = ngettext(
            "%(number)s session loses a host of this organisation.",
            "%(number)s sessions lose a host of this organisation.",
            len(hosted),
        )
        sentences.append(text % {"number": len(hosted)})
    return sentences


def carry_out(person: User, organisation: Organisation, *, actor: Any, now: datetime) -> Lost:
    """Free the person's places on behalf of the organisation; the mail about the link tells which."""
    keys = list(
        Registration.objects.to_come(now).filter(person=person, organisation=organisation).values_list("pk", flat=True)
    )
    released = registrations.release(keys, actor=None, now=now) if keys else []
    with override(person.language):
        lines = [
            f"{one.session.title}, {span(one.session.starts_at, one.session.ends_at)}"
            if one.session.starts_at and one.session.ends_at
            else one.session.title
            for one in released
        ]
    return Lost(lines, calendars_of_lost(released, now=now))


CONSEQUENCE = Consequence(foretell, carry_out)
