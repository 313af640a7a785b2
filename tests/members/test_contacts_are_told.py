"""Whoever gives a role or leadership for an organisation, its contacts hear of it and read it on their page."""

import pytest
from django.urls import reverse

from core.models import OutgoingMail
from members.actions import affiliations
from members.models import Affiliation
from members.rules import Giver, Role, TrackProfile
from tests.factories.members import UserFactory, member_person
from tests.harness.proving import prove

pytestmark = pytest.mark.django_db


def told():
    return OutgoingMail.objects.filter(kind__endswith="contacts_told")


@pytest.fixture
def second_contact(member_organisation):
    return member_person(member_organisation, role=Role.CONTACT, name="Imane Tweede (fictief)")


def test_every_contact_hears_when_staff_appoint_an_outside_account(
    client, staff, contact, second_contact, member_organisation
):
    outside = UserFactory(name="Vreemde Eend (fictief)", email="eend@elders.example")
    client.force_login(staff)
    prove(client)
    chosen = {"person": outside.pk, "organisation": member_organisation.pk, "role": Role.CONTACT}
    response = client.post(
        reverse("admin:members_affiliation_add"), chosen | {"track_profile": TrackProfile.LEADERSHIP}
    )
    assert response.status_code == 302
    letters = list(told())
    assert sorted(letter.to for letter in letters) == sorted([contact.email, second_contact.email]), "one mail each"
    for letter in letters:
        for words in ("eend@elders.example", "contactpersoon", "leiding", "Partos"):
            assert words in letter.text, words
        assert "Vreemde" not in letter.subject

    client.force_login(contact)
    prove(client)
    page = client.get(reverse("members:people", args=[member_organisation.pk])).content.decode()
    assert page.count("door Partos") == 2


@pytest.mark.parametrize("role", [Role.CONTACT, Role.QUALITY_OFFICER, Role.INTEGRITY_OFFICER])
@pytest.mark.parametrize("who", ["staff", "contact"])
def test_each_role_is_told_whoever_gives_it(request, practitioner, contact, second_contact, role, who, now):
    actor = request.getfixturevalue(who)
    plain = practitioner.affiliations.get()
    given = affiliations.hand_out_role(affiliation=plain, role=role, actor=actor, now=now)
    assert {letter.to for letter in told()} == {contact.email, second_contact.email}
    assert given.given_by == (Giver.PARTOS if who == "staff" else Giver.CONTACT)
    affiliations.hand_out_role(affiliation=plain, role=role, actor=actor, now=now)
    assert told().count() == 2, "a second time gives nothing"


@pytest.mark.parametrize(("who", "by"), [("staff", "door Partos"), ("contact", "door een contactpersoon")])
def test_leadership_is_told_and_stands_on_the_page(request, client, practitioner, contact, who, by, now):
    actor = request.getfixturevalue(who)
    people = reverse("members:people", args=[contact.affiliations.first().organisation_id])
    plain = practitioner.affiliations.get()
    affiliations.set_track_profile(affiliation=plain, profile=TrackProfile.LEADERSHIP, actor=actor, now=now)
    assert [letter.to for letter in told()] == [contact.email]
    client.force_login(contact)
    assert by in client.get(people).content.decode()
    affiliations.set_track_profile(affiliation=plain, profile=TrackProfile.PRACTITIONER, actor=actor, now=now)
    assert told().count() == 1
    assert by not in client.get(people).content.decode()


def test_a_plain_colleague_and_a_refused_gift_are_told_to_nobody(staff, contact, member_organisation, now):
    affiliations.appoint(
        person=UserFactory(), organisation=member_organisation, role=Role.COLLEAGUE, actor=staff, now=now
    )
    with pytest.raises(affiliations.AffiliationRefused):
        affiliations.appoint(person=staff, organisation=member_organisation, role=Role.CONTACT, actor=staff, now=now)
    assert not told().exists()


def test_who_is_appointed_is_not_told_of_oneself(staff, member_organisation, now):
    first = UserFactory()
    affiliations.appoint(person=first, organisation=member_organisation, role=Role.CONTACT, actor=staff, now=now)
    assert not told().exists()
    assert Affiliation.objects.contacts().get().person == first
