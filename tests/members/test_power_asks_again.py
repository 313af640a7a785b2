"""Whoever gives or takes power shows anew who is there: by a code, or by the second step where there is one."""

import pytest
from django.urls import reverse

from members.models import Affiliation
from members.rules import Role
from tests.factories.leerlijnen import GroupMembershipFactory
from tests.factories.members import AffiliationFactory, UserFactory
from tests.harness.forms import fill
from tests.harness.proving import prove

pytestmark = pytest.mark.django_db

BY_CODE = "/account/reauthenticate/code/"


def is_asked(response):
    return response.status_code == 302 and response.url.startswith(BY_CODE)


def rows_of(*models):
    return [sorted(map(str, model.objects.values_list())) for model in models]


@pytest.mark.parametrize("more", [{"role": Role.CONTACT}, {"role": Role.QUALITY_OFFICER}, {"leadership": True}])
def test_a_contact_is_asked_before_she_ends_one_who_has_power(client, contact, practitioner, more):
    affiliation = practitioner.affiliations.get()
    if "role" in more:
        AffiliationFactory(person=practitioner, organisation=affiliation.organisation, **more)
    else:
        practitioner.affiliations.update(track_profile="leadership")
    client.force_login(contact)
    before = rows_of(Affiliation)
    assert is_asked(client.post(reverse("members:affiliation-end", args=[affiliation.pk])))
    assert rows_of(Affiliation) == before
    prove(client)
    assert not is_asked(client.post(reverse("members:affiliation-end", args=[affiliation.pk])))
    assert not practitioner.affiliations.live().exists()


def test_a_contact_confirms_newcomers_and_ends_plain_colleagues_without_a_code(client, contact, practitioner):
    """Nothing but being a colleague is given or taken (domain.md 3)."""
    newcomer = AffiliationFactory(
        organisation=practitioner.affiliations.get().organisation, state="requested", confirmed_at=None
    )
    client.force_login(contact)
    client.post(reverse("members:affiliation-confirm", args=[newcomer.pk]))
    newcomer.refresh_from_db()
    assert newcomer.state == "confirmed"
    client.post(reverse("members:affiliation-end", args=[newcomer.pk]))
    newcomer.refresh_from_db()
    assert newcomer.state == "ended"


@pytest.mark.parametrize(
    ("button", "row"),
    [
        ("leadership", {}),
        ("practitioner", {"track_profile": "leadership"}),
        ("take-back", {"role": Role.CONTACT}),
        ("end", {}),
    ],
)
def test_staff_are_asked_before_a_button_gives_or_takes_power(client, staff, contact, button, row):
    affiliation = AffiliationFactory(**row)
    client.force_login(staff)
    before = rows_of(Affiliation)
    move = reverse("admin:members_affiliation_move", args=[affiliation.pk, button])
    assert is_asked(client.post(move))
    assert rows_of(Affiliation) == before
    prove(client)
    client.post(move)
    assert rows_of(Affiliation) != before


def test_staff_are_asked_before_they_appoint_somebody(client, staff, member_organisation):
    outside = UserFactory()
    client.force_login(staff)
    typed = {"person": outside.pk, "organisation": member_organisation.pk, "role": Role.CONTACT}
    typed |= {"track_profile": "leadership"}
    assert is_asked(client.post(reverse("admin:members_affiliation_add"), typed))
    assert not outside.affiliations.exists()
    prove(client)
    client.post(reverse("admin:members_affiliation_add"), typed)
    assert outside.affiliations.filter(role=Role.CONTACT, track_profile="leadership").exists()


def test_staff_are_asked_before_they_end_several(client, staff, practitioner):
    chosen = {"action": "end_selected", "_selected_action": [practitioner.affiliations.get().pk]}
    client.force_login(staff)
    page = reverse("admin:members_affiliation_changelist")
    assert client.post(page, chosen).status_code == 200, "looking at what would happen is free"
    assert is_asked(client.post(page, {**chosen, "sure": "yes"}))
    assert practitioner.affiliations.live().exists()


@pytest.fixture
def administrators(functional_administrator):
    """Somebody who may give everything, and a role to give."""
    superuser = UserFactory(is_staff=True, is_superuser=True)
    return superuser, functional_administrator.groups.get()


@pytest.mark.parametrize("right", ["is_staff", "is_superuser", "is_active", "groups"])
def test_whoever_changes_rights_is_asked_and_they_change_after_it(client, administrators, right):
    person = UserFactory()
    superuser, group = administrators
    client.force_login(superuser)
    page = reverse("admin:members_user_change", args=[person.pk])
    new = {"is_active": None, "groups": group.pk}.get(right, "on")
    assert is_asked(client.post(page, fill(client.get(page), {right: new})))
    person.refresh_from_db()
    assert (person.is_active, person.is_staff, person.is_superuser, person.groups.count()) == (True, False, False, 0)
    prove(client)
    client.post(page, fill(client.get(page), {right: new}))
    person.refresh_from_db()
    assert (person.is_active, person.is_staff, person.is_superuser, person.groups.count()) != (True, False, False, 0)


def test_other_words_about_an_account_ask_nothing(client, functional_administrator):
    person = UserFactory()
    client.force_login(functional_administrator)
    page = reverse("admin:members_user_change", args=[person.pk])
    client.post(page, fill(client.get(page), {"function": "directeur"}))
    person.refresh_from_db()
    assert person.function == "directeur"


def test_staff_are_asked_before_somebody_leads_a_group(client, staff):
    membership = GroupMembershipFactory()
    client.force_login(staff)
    move = reverse("admin:leerlijnen_groupmembership_move", args=[membership.pk, "lead"])
    assert is_asked(client.post(move))
    membership.refresh_from_db()
    assert not membership.is_lead
