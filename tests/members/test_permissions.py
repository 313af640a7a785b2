"""Who may do what with the people of an organisation: one table, success and refusal side by side."""

import pytest
from django.urls import reverse

from members.models import Affiliation, User
from members.permissions import staff_with_right, standing_of
from members.rules import AffiliationState, OrganisationKind, Role
from tests.factories.members import AffiliationFactory, OrganisationFactory, UserFactory, member_person
from tests.harness.proving import prove

pytestmark = pytest.mark.django_db

CAST = ["visitor", "outsider", "practitioner", "director", "contact", "other_contact", "staff", "quality_coordinator"]
SIGN_IN, HIDDEN, DONE, PAGE, ASKED = "sign in", 404, 302, 200, 422
KEEPERS = {"contact": DONE, "staff": DONE}
READERS = {"contact": PAGE, "staff": PAGE}


@pytest.fixture
def other_contact():
    """Of another organisation."""
    return member_person(OrganisationFactory(name="Zaaigoed (fictief)"), role=Role.CONTACT, name="Ander (fictief)")


@pytest.fixture
def target(member_organisation):
    """A request, and a confirmed colleague with a role, of people outside the cast."""
    asks = AffiliationFactory(
        organisation=member_organisation, person=UserFactory(name="Vraagt"), state=AffiliationState.REQUESTED
    )
    colleague = member_person(member_organisation, role=Role.QUALITY_OFFICER, name="Collega")
    return {
        "organisation": member_organisation.pk,
        "request": asks.pk,
        "colleague": colleague.affiliations.get(role=Role.COLLEAGUE).pk,
        "role": colleague.affiliations.get(role=Role.QUALITY_OFFICER).pk,
    }


# name of the page, what it is about, method, what is sent, who gets what (nobody else: 404)
ERRANDS = [
    ("members:people", "organisation", "get", {}, READERS),
    ("members:organisation-data", "organisation", "get", {}, READERS),
    ("members:organisation-data", "organisation", "post", {"country": "BE"}, KEEPERS),
    ("members:colleague", "colleague", "get", {}, READERS),
    ("members:colleague", "request", "get", {}, READERS),
    ("members:affiliation-confirm", "request", "post", {}, KEEPERS),
    ("members:affiliation-end", "request", "post", {}, KEEPERS),
    ("members:affiliation-end", "colleague", "post", {}, KEEPERS),
    ("members:role-hand-out", "colleague", "post", {"role": "contact"}, KEEPERS),
    ("members:role-take-back", "role", "post", {}, KEEPERS),
    ("members:track-profile", "colleague", "post", {"profile": "leadership"}, KEEPERS),
    # somebody else's own affairs are nobody's business, not even the contact's
    ("members:affiliation-leave", "request", "post", {}, {}),
    ("members:affiliation-leave", "colleague", "post", {}, {}),
]


def rows():
    return list(Affiliation.objects.order_by("pk").values("pk", "role", "state", "track_profile"))


@pytest.mark.parametrize("who", CAST)
@pytest.mark.parametrize(("page", "about", "method", "data", "outcome"), ERRANDS)
def test_only_who_keeps_the_people_of_an_organisation_changes_them(
    client, request, member_organisation, contact, target, who, page, about, method, data, outcome
):
    expected = outcome.get(who, HIDDEN)
    if who == "visitor":
        expected = SIGN_IN
    else:
        client.force_login(request.getfixturevalue(who))
        prove(client)
    before = rows()

    response = getattr(client, method)(reverse(page, args=[target[about]]), data)

    if expected == SIGN_IN:
        assert response.url.startswith("/account/login/code/?next=/")
    else:
        assert response.status_code == expected
    if expected != DONE:
        assert rows() == before
    missing = getattr(client, method)(reverse(page, args=[10**9]), data)
    if expected in (SIGN_IN, HIDDEN):
        assert missing.status_code == response.status_code, "what is hidden answers like what does not exist"


@pytest.mark.parametrize("who", CAST)
@pytest.mark.parametrize(
    "path", ["/profiel/", "/profiel/organisatie/", "/profiel/gegevens/", "/profiel/sluiten/", "/mijn-organisatie/"]
)
def test_everyone_who_is_signed_in_has_pages_of_their_own(client, request, who, path):
    if who == "visitor":
        assert client.get(path).url == f"/account/login/code/?next={path}"
        return
    client.force_login(request.getfixturevalue(who))
    assert client.get(path, follow=True).status_code == PAGE


@pytest.mark.parametrize("page", [errand[0] for errand in ERRANDS if errand[2] == "post" and "data" not in errand[0]])
def test_a_get_changes_nothing(client, contact, target, page):
    """Who had to sign in first comes back by GET, and is sent to the page that the form stands on."""
    client.force_login(contact)
    before = list(Affiliation.objects.order_by("pk").values())
    assert client.get(reverse(page, args=[target["colleague"]])).status_code == 302
    assert list(Affiliation.objects.order_by("pk").values()) == before


def test_confirming_one_s_own_request_is_not_possible(client, outsider, member_organisation):
    own = AffiliationFactory(person=outsider, organisation=member_organisation, state=AffiliationState.REQUESTED)
    client.force_login(outsider)
    assert client.post(reverse("members:affiliation-confirm", args=[own.pk])).status_code == HIDDEN
    own.refresh_from_db()
    assert own.state == AffiliationState.REQUESTED


@pytest.mark.parametrize(
    ("kind", "state", "is_member", "may_propose"),
    [
        (OrganisationKind.MEMBER, AffiliationState.CONFIRMED, True, True),
        (OrganisationKind.MEMBER, AffiliationState.REQUESTED, False, False),
        (OrganisationKind.MEMBER, AffiliationState.ENDED, False, False),
        (OrganisationKind.PARTNER, AffiliationState.CONFIRMED, False, True),
        (OrganisationKind.ASSOCIATION, AffiliationState.CONFIRMED, True, False),
        (OrganisationKind.MINISTRY, AffiliationState.CONFIRMED, False, False),
    ],
)
def test_rights_hang_on_a_confirmed_affiliation(outsider, kind, state, is_member, may_propose):
    AffiliationFactory(person=outsider, organisation=OrganisationFactory(kind=kind), state=state)
    standing = standing_of(outsider)
    assert (standing.is_member, standing.may_propose) == (is_member, may_propose)


def test_mail_for_staff_goes_to_superusers_too(staff, quality_coordinator):
    boss = User.objects.create_superuser("baas@partos.example")
    User.objects.create_superuser("weg@partos.example", is_active=False)
    assert set(staff_with_right("members.change_affiliation")) == {staff, boss}
    assert set(staff_with_right("quality.change_certificate")) == {quality_coordinator, boss}
