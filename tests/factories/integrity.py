from datetime import timedelta

import factory
from django.utils import timezone

from integrity.models import IntegrityAgendaItem, ReportingRoute, SupportRoute
from integrity.rules import ForWhom, ItemState, Owner, RouteState
from tests.factories.members import LONG_AGO


class ReportingRouteFactory(factory.django.DjangoModelFactory):
    """Published, and checked ten days ago."""

    class Meta:
        model = ReportingRoute

    title = factory.Sequence(lambda n: f"Meldlijn {n} (fictief)")
    run_by = "Luisterend Oor (fictief)"
    for_whom = factory.LazyFunction(lambda: [ForWhom.EMPLOYEE, ForWhom.PARTNER])
    about = "Zorgen over machtsmisbruik."
    contact_function = "vertrouwenspersoon"
    phone = "+31 20 000 0000"
    mail = "meldlijn@luisterendoor.example"
    web = "https://luisterendoor.example/"
    opening_hours = "werkdagen 9.00-17.00 uur"
    languages = "Nederlands, Engels"
    is_anonymous_possible = True
    what_next = "Je wordt binnen een week gebeld."
    state = RouteState.PUBLISHED
    verified_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=10))


class SupportRouteFactory(ReportingRouteFactory):
    class Meta:
        model = SupportRoute

    title = factory.Sequence(lambda n: f"Steunpunt {n} (fictief)")


class IntegrityAgendaItemFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = IntegrityAgendaItem

    title = factory.Sequence(lambda n: f"Onderwerp {n} (fictief)")
    owner = Owner.BOTH
    state = ItemState.SIGNALLED
    next_step = "Bespreken in de werkgroep"
    next_date = factory.LazyFunction(lambda: timezone.localdate() + timedelta(days=14))
    changed_at = LONG_AGO
