import json

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.urls import reverse

from core.models import OutgoingMail
from members.models import Affiliation, Organisation, User
from members.rules import AffiliationState, OrganisationKind, Role, TrackProfile
from tests.factories.members import (
    AffiliationFactory,
    MailDomainFactory,
    OrganisationFactory,
    UserFactory,
    member_person,
)
from tests.harness.proving import prove

pytestmark = pytest.mark.django_db


def page_of(response):
    return response.content.decode()


def fields(person, **changes):
    return {
        "name": person.name,
        "function": person.function,
        "language": person.language,
    } | changes


# my profile


def test_the_profile_says_what_an_open_request_waits_for(client, outsider):
    AffiliationFactory(person=outsider, state=AffiliationState.REQUESTED)
    client.force_login(outsider)
    response = client.get("/en/profiel/")
    assert "The contact of this organisation has to confirm" in page_of(response)
    assert reverse("members:affiliation-leave", args=[outsider.affiliations.get().pk]) in page_of(response)


def test_the_profile_is_saved(client, practitioner):
    client.force_login(practitioner)
    response = client.post("/profiel/", fields(practitioner, name="  Noor\nVoorbeeld ", language="en"))
    assert response.url == "/profiel/"
    practitioner.refresh_from_db()
    assert (practitioner.name, practitioner.language) == ("Noor Voorbeeld", "en")


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"name": "x" * 10_000}, "name"), ({"name": " "}, "name"), ({"language": "fr"}, "language")],
)
def test_a_profile_that_is_not_right_is_told_and_kept(client, practitioner, changes, field):
    client.force_login(practitioner)
    response = client.post("/profiel/", fields(practitioner, function="directeur 🌍", **changes))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert "directeur 🌍" in page_of(response)
    practitioner.refresh_from_db()
    assert practitioner.function == "adviseur"


def test_nobody_makes_oneself_staff_by_a_forged_field(client, practitioner):
    client.force_login(practitioner)
    client.post("/profiel/", fields(practitioner, is_staff="on", is_superuser="on", email="baas@partos.example"))
    practitioner.refresh_from_db()
    assert (practitioner.is_staff, practitioner.is_superuser) == (False, False)
    assert practitioner.email == "noor@horizonhulp.example"


def test_asking_for_an_organisation(client, outsider, contact, member_organisation):
    client.force_login(outsider)
    response = client.post("/profiel/organisatie/", {"organisation": member_organisation.pk})
    assert response.url == "/profiel/"
    assert outsider.affiliations.get().state == AffiliationState.REQUESTED
    assert OutgoingMail.objects.get().to == contact.email


def test_the_list_holds_members_and_partners_only(client, outsider):
    ministry = OrganisationFactory(kind=OrganisationKind.MINISTRY)
    member = OrganisationFactory()
    client.force_login(outsider)
    assert member.name in page_of(client.get("/profiel/organisatie/"))
    assert ministry.name not in page_of(client.get("/profiel/organisatie/"))
    for forged in (ministry.pk, 10**12, "x", "", "-1"):
        response = client.post("/profiel/organisatie/", {"organisation": forged})
        assert response.status_code == 422
        assert "organisation" in response.context["form"].errors
    assert not Affiliation.objects.exists()


def test_leaving_an_organisation(client, practitioner):
    client.force_login(practitioner)
    client.post(reverse("members:affiliation-leave", args=[practitioner.affiliations.get().pk]))
    assert not practitioner.affiliations.live().exists()


def test_the_only_contact_is_told_why_leaving_waits(client, contact):
    client.force_login(contact)
    url = reverse("members:affiliation-leave", args=[contact.affiliations.get(role=Role.COLLEAGUE).pk])
    response = client.post(url, follow=True)
    assert [message.level_tag for message in response.context["messages"]] == ["error"]
    assert contact.affiliations.confirmed().count() == 2


@pytest.mark.parametrize("rows", [1, 30])
def test_the_profile_costs_the_same(client, outsider, rows, django_assert_num_queries):
    AffiliationFactory.create_batch(rows, person=outsider)
    client.force_login(outsider)
    with django_assert_num_queries(3):
        client.get("/profiel/")


# my data and closing


def test_my_data_holds_what_is_kept_about_me_and_no_secret(client, practitioner, contact):
    practitioner.set_password("een lang wachtwoord")
    practitioner.save()
    Authenticator.objects.create(user=practitioner, type=Authenticator.Type.TOTP, data={"secret": "geheim"})
    EmailAddress.objects.create(user=practitioner, email=practitioner.email, verified=True, primary=True)
    client.force_login(practitioner)
    prove(client, method="mfa")
    assert client.get("/profiel/gegevens/").status_code == 200
    response = client.post("/profiel/gegevens/")
    assert response["Content-Disposition"].startswith("attachment")
    kept = json.loads(response.content)
    assert kept["account"]["email"] == practitioner.email
    assert kept["affiliations"][0]["organisation__name"] == "Horizonhulp (fictief)"
    assert {"registrations", "proposals", "groups", "mails"} <= set(kept)
    assert practitioner.password not in page_of(response)
    assert "geheim" not in page_of(response)
    assert contact.email not in page_of(response)


def test_closing_asks_first_and_then_signs_out(client, outsider):
    client.force_login(outsider)
    prove(client)
    assert client.get("/profiel/sluiten/").status_code == 200
    assert client.post("/profiel/sluiten/").status_code == 422
    outsider.refresh_from_db()
    assert outsider.closed_at is None
    response = client.post("/profiel/sluiten/", {"understood": "on"})
    assert response.url == "/account/login/code/"
    outsider.refresh_from_db()
    assert outsider.closed_at
    assert "_auth_user_id" not in client.session


def test_staff_cannot_close_their_own_account(client, staff):
    client.force_login(staff)
    prove(client)
    response = client.post("/profiel/sluiten/", {"understood": "on"})
    assert response.status_code == 422
    assert response.context["form"].non_field_errors()


# my organisation


def test_who_belongs_nowhere_is_told_what_to_do(client, outsider):
    client.force_login(outsider)
    assert reverse("members:affiliation-request") in page_of(client.get("/mijn-organisatie/"))


def test_a_colleague_sees_whom_to_ask(client, practitioner, contact):
    client.force_login(practitioner)
    page = page_of(client.get("/mijn-organisatie/"))
    assert contact.name in page
    assert contact.email not in page
    assert reverse("members:people", args=[practitioner.affiliations.get().organisation_id]) not in page


def test_a_contact_goes_straight_to_the_people(client, contact, member_organisation):
    client.force_login(contact)
    assert client.get("/mijn-organisatie/").url == f"/mijn-organisatie/{member_organisation.pk}/"


def test_a_contact_of_two_chooses(client, contact):
    other = AffiliationFactory(person=contact, role=Role.CONTACT).organisation
    client.force_login(contact)
    assert reverse("members:people", args=[other.pk]) in page_of(client.get("/mijn-organisatie/"))


def test_requests_stand_on_top_and_are_confirmed_there(client, contact, practitioner, member_organisation):
    request = AffiliationFactory(
        person=UserFactory(name="Zoë 🌍 (fictief)"), organisation=member_organisation, state=AffiliationState.REQUESTED
    )
    client.force_login(contact)
    response = client.get(f"/mijn-organisatie/{member_organisation.pk}/")
    assert [person.name for person in response.context["page"]] == [
        request.person.name,
        practitioner.name,
        contact.name,
    ]
    client.post(reverse("members:affiliation-confirm", args=[request.pk]))
    request.refresh_from_db()
    assert request.state == AffiliationState.CONFIRMED


def test_a_request_that_was_ended_meanwhile_is_told(client, contact, member_organisation):
    request = AffiliationFactory(organisation=member_organisation, state=AffiliationState.ENDED)
    client.force_login(contact)
    response = client.post(reverse("members:affiliation-confirm", args=[request.pk]))
    assert response.status_code == 422
    assert response.context["refused"]


def test_a_role_is_handed_out_and_taken_back(client, contact, practitioner):
    colleague = practitioner.affiliations.get()
    client.force_login(contact)
    prove(client)
    page = reverse("members:colleague", args=[colleague.pk])
    assert client.post(reverse("members:role-hand-out", args=[colleague.pk]), {"role": "quality_officer"}).url == page
    role = practitioner.affiliations.get(role=Role.QUALITY_OFFICER)
    assert reverse("members:role-take-back", args=[role.pk]) in page_of(client.get(page))
    client.post(reverse("members:role-take-back", args=[role.pk]))
    assert [row.role for row in practitioner.affiliations.live()] == [Role.COLLEAGUE]


def test_a_contact_gives_leadership_to_others_and_not_to_oneself(client, contact, practitioner):
    client.force_login(contact)
    prove(client)
    for person, status in ((practitioner, 302), (contact, 422)):
        url = reverse("members:track-profile", args=[person.affiliations.first().pk])
        assert client.post(url, {"profile": "leadership"}).status_code == status
    assert practitioner.affiliations.get().track_profile == TrackProfile.LEADERSHIP
    assert not contact.affiliations.filter(track_profile=TrackProfile.LEADERSHIP).exists()


@pytest.mark.parametrize(
    ("url", "data"), [("members:role-hand-out", {"role": "boss"}), ("members:track-profile", {"profile": "boss"})]
)
def test_a_forged_choice_is_refused(client, contact, practitioner, url, data):
    client.force_login(contact)
    prove(client)
    response = client.post(reverse(url, args=[practitioner.affiliations.get().pk]), data)
    assert response.status_code == 422
    assert practitioner.affiliations.count() == 1


def test_a_contact_who_leaves_comes_back_to_a_page_that_opens(client, contact, practitioner, member_organisation):
    AffiliationFactory(person=practitioner, organisation=member_organisation, role=Role.CONTACT)
    client.force_login(contact)
    url = reverse("members:affiliation-end", args=[contact.affiliations.get(role=Role.COLLEAGUE).pk])
    assert client.post(url, follow=True).status_code == 200


def organisation_fields(**changes):
    return {"registration_number": "00000001", "country": "NL", "size_class": "d", "domains": ""} | changes


def test_the_contact_keeps_the_data(client, contact, member_organisation):
    MailDomainFactory(organisation=member_organisation, domain="oud.example")
    client.force_login(contact)
    response = client.post(
        f"/mijn-organisatie/{member_organisation.pk}/gegevens/",
        organisation_fields(domains="@Horizonhulp.example\nhorizonhulp.example", confirms_at_once="on", name="Baas"),
    )
    assert response.status_code == 302
    member_organisation.refresh_from_db()
    assert (member_organisation.registration_number, member_organisation.country) == ("00000001", "NL")
    assert member_organisation.confirms_at_once
    assert member_organisation.name == "Horizonhulp (fictief)"
    assert [row.domain for row in member_organisation.mail_domains.all()] == ["horizonhulp.example"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"registration_number": "123"}, "registration_number"),
        ({"country": "Nederland"}, "country"),
        ({"country": "N1"}, "country"),
        ({"size_class": "z"}, "size_class"),
        ({"domains": "gmail.com"}, "domains"),
        ({"domains": "geen domein!"}, "domains"),
        ({"domains": "bezet.example"}, "domains"),
        ({"domains": "a.example\n" * 10_000}, "domains"),
    ],
)
def test_data_that_are_not_right_are_told_and_kept(client, contact, member_organisation, changes, field):
    MailDomainFactory(domain="bezet.example")
    client.force_login(contact)
    response = client.post(f"/mijn-organisatie/{member_organisation.pk}/gegevens/", organisation_fields(**changes))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert not Organisation.objects.get(pk=member_organisation.pk).registration_number


@pytest.mark.parametrize("rows", [1, 30])
def test_the_page_of_people_costs_the_same(client, contact, member_organisation, rows, django_assert_num_queries):
    for _ in range(rows):
        person = member_person(member_organisation, role=Role.QUALITY_OFFICER)
        person.affiliations.update(state=AffiliationState.REQUESTED)
    client.force_login(contact)
    with django_assert_num_queries(5):
        client.get(f"/mijn-organisatie/{member_organisation.pk}/")


@pytest.mark.parametrize("rows", [1, 30])
def test_the_page_of_a_colleague_of_many_costs_the_same(client, outsider, rows, django_assert_num_queries):
    for _ in range(rows + 1):
        AffiliationFactory(person=outsider)
    client.force_login(outsider)
    with django_assert_num_queries(3):
        client.get("/mijn-organisatie/")


def test_three_hundred_people_come_in_pages(client, contact, member_organisation):
    people = User.objects.bulk_create(User(email=f"p{n}@horizonhulp.example", name=f"P{n:03}") for n in range(299))
    Affiliation.objects.bulk_create(
        Affiliation(person=person, organisation=member_organisation, state="confirmed", requested_at=person.date_joined)
        for person in people
    )
    client.force_login(contact)
    first = client.get(f"/mijn-organisatie/{member_organisation.pk}/")
    assert len(first.context["page"].object_list) == 50
    assert first.context["page"].paginator.num_pages == 6
    last = client.get(f"/mijn-organisatie/{member_organisation.pk}/?page=999")
    assert [person.name for person in last.context["page"]][-1] == contact.name
