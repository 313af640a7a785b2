"""The named cast: who appears in the tests. Each fixture gives a signed-up person, ready for client.force_login."""

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.utils import timezone

from members.rules import OrganisationKind, Role, TrackProfile
from tests.factories.members import OrganisationFactory, UserFactory, member_person


@pytest.fixture
def now():
    """The moment at which a test takes place; actions get it, the clock is never stopped."""
    return timezone.now().replace(microsecond=0)


@pytest.fixture
def member_organisation(db):
    return OrganisationFactory(name="Horizonhulp (fictief)")


@pytest.fixture
def practitioner(member_organisation):
    return member_person(member_organisation, name="Noor Voorbeeld (fictief)", email="noor@horizonhulp.example")


@pytest.fixture
def contact(member_organisation):
    return member_person(
        member_organisation, role=Role.CONTACT, name="Sam Demostra (fictief)", email="sam@horizonhulp.example"
    )


@pytest.fixture
def director(member_organisation):
    person = member_person(member_organisation, name="Imane Proefstra (fictief)", email="imane@horizonhulp.example")
    person.affiliations.update(track_profile=TrackProfile.LEADERSHIP)
    return person


@pytest.fixture
def host(db):
    """Of another member organisation; give it to SessionFactory(host=host)."""
    return member_person(
        OrganisationFactory(name="Stem & Recht (fictief)"),
        name="Kofi Testman (fictief)",
        email="kofi@stemrecht.example",
    )


@pytest.fixture
def cohost(db):
    """Of an outside partner organisation."""
    return member_person(
        OrganisationFactory(name="Via Esperanza (fictief)", kind=OrganisationKind.PARTNER, country="BE"),
        name="Amara Modelle (fictief)",
        email="amara@viaesperanza.example",
    )


@pytest.fixture
def outsider(db):
    """Signed up, and affiliated with nobody."""
    return UserFactory(name="Thijs Specimen (fictief)", email="thijs@elders.example")


def staff_member(group, name, email):
    call_command("sync_roles", verbosity=0)
    person = UserFactory(name=name, email=email, is_staff=True)
    person.groups.add(Group.objects.get(name=group))
    return person


@pytest.fixture
def staff(db):
    return staff_member("programme staff", "Lotte van der Fictie (fictief)", "lotte@team.example")


@pytest.fixture
def integrity_coordinator(db):
    return staff_member("integrity coordinator", "Ravi Schetsma (fictief)", "ravi@team.example")


@pytest.fixture
def quality_coordinator(db):
    return staff_member("quality coordinator", "Mei-Lin Oefen (fictief)", "meilin@team.example")


@pytest.fixture
def functional_administrator(db):
    return staff_member("functional administrator", "Joost de Dummy (fictief)", "joost@team.example")
