from datetime import UTC, datetime

import factory
from django.contrib.auth.hashers import make_password

from members.models import Affiliation, MailDomain, Organisation, User
from members.rules import AffiliationState, OrganisationKind, Role

LONG_AGO = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Persoon {n} (fictief)")
    email = factory.Sequence(lambda n: f"persoon{n}@leden.example")
    function = "adviseur"
    password = make_password(None)  # a mailed code is the ordinary way in


class OrganisationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Organisation

    name = factory.Sequence(lambda n: f"Organisatie {n} (fictief)")
    kind = OrganisationKind.MEMBER


class MailDomainFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = MailDomain

    organisation = factory.SubFactory(OrganisationFactory)
    domain = factory.Sequence(lambda n: f"organisatie{n}.example")
    is_waiting = False
    requested_at = factory.Maybe("is_waiting", LONG_AGO)


class AffiliationFactory(factory.django.DjangoModelFactory):
    """A confirmed one, unless told otherwise."""

    class Meta:
        model = Affiliation

    person = factory.SubFactory(UserFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    role = Role.COLLEAGUE
    state = AffiliationState.CONFIRMED
    requested_at = LONG_AGO
    confirmed_at = factory.Maybe(factory.LazyAttribute(lambda row: row.state != AffiliationState.REQUESTED), LONG_AGO)


def member_person(organisation=None, *, role=Role.COLLEAGUE, kind=OrganisationKind.MEMBER, **fields):
    """A person with a confirmed affiliation; the short way for tests that need just somebody."""
    person = UserFactory(**fields)
    AffiliationFactory(person=person, organisation=organisation or OrganisationFactory(kind=kind), role=Role.COLLEAGUE)
    if role != Role.COLLEAGUE:
        AffiliationFactory(person=person, organisation=person.affiliations.get().organisation, role=role)
    return person
