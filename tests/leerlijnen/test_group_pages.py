import pytest
from django.urls import reverse

from leerlijnen.rules import ActivityKind, MembershipState
from members.rules import AffiliationState
from tests.factories.leerlijnen import ActivityFactory, GroupMembershipFactory
from tests.factories.members import OrganisationFactory, member_person

pytestmark = pytest.mark.django_db
SECRET = "Ravi Schetsma (fictief)"


@pytest.fixture
def group():
    return ActivityFactory(kind=ActivityKind.WORKING_GROUP, slug="ai", title="Artificial Intelligence (AI)")


@pytest.fixture
def someone(group):
    """In the group, with a name that could leak."""
    return GroupMembershipFactory(activity=group, person=member_person(name=SECRET)).person


@pytest.fixture
def people(group, someone, practitioner, cohost, outsider, staff, quality_coordinator, functional_administrator):
    in_group = GroupMembershipFactory(activity=group, person=member_person())
    lead = GroupMembershipFactory(activity=group, person=member_person(), is_lead=True)
    lead_elsewhere = GroupMembershipFactory(person=member_person(), is_lead=True)
    lead_who_stopped = GroupMembershipFactory(activity=group, person=member_person(), is_lead=True)
    lead_who_stopped.person.affiliations.update(state=AffiliationState.ENDED)
    left = GroupMembershipFactory(activity=group, person=member_person(), is_lead=False, state=MembershipState.LEFT)
    return {
        "member outside it": practitioner,
        "who left it": left.person,
        "in the group": in_group.person,
        "lead": lead.person,
        "lead of another group": lead_elsewhere.person,
        "lead whose affiliation ended": lead_who_stopped.person,
        "programme staff": staff,
        "partner": cohost,
        "outsider": outsider,
        "quality coordinator": quality_coordinator,
        "functional administrator": functional_administrator,
    }


# Who sees who is in it, who sees who asks, who may decide.
TABLE = {
    "member outside it": (False, False, 404),
    "who left it": (False, False, 404),
    "in the group": (True, False, 404),
    "lead": (True, True, 302),
    "lead of another group": (False, False, 404),
    "lead whose affiliation ended": (False, False, 404),
    "programme staff": (True, True, 302),
    "partner": (False, False, 404),
    "outsider": (False, False, 404),
    "quality coordinator": (False, False, 404),
    "functional administrator": (False, False, 404),
}


@pytest.mark.parametrize("who", TABLE)
def test_the_people_of_a_group_are_for_the_group(client, group, people, who):
    asking = GroupMembershipFactory(
        activity=group, person=member_person(name="Mei-Lin Oefen (fictief)"), state=MembershipState.REQUESTED
    )
    sees_people, sees_requests, decides = TABLE[who]
    client.force_login(people[who])
    page = client.get(reverse("leerlijnen:group", args=["ai"])).content.decode()
    assert (SECRET in page) is sees_people
    assert ("Mei-Lin Oefen" in page) is sees_requests
    assert client.post(reverse("leerlijnen:group_admit", args=["ai", asking.pk])).status_code == decides
    asking.refresh_from_db()
    assert asking.state == (MembershipState.MEMBER if decides == 302 else MembershipState.REQUESTED)


@pytest.mark.parametrize("who", ["partner", "outsider", "quality coordinator"])
def test_who_is_no_member_learns_nothing_of_leads_and_numbers(client, group, people, who):
    client.force_login(people[who])
    response = client.get(reverse("leerlijnen:group", args=["ai"]))
    assert response.context["may_know"] is False
    assert people["lead"].name not in response.content.decode()


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("group", ["ai"]),
        ("group", ["nothing"]),
        ("group_request", ["ai"]),
        ("group_leave", ["ai"]),
        ("group_admit", ["ai", 1]),
        ("group_refuse", ["ai", 1]),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_visitor_is_sent_to_sign_in(client, group, name, args, method):
    url = reverse(f"leerlijnen:{name}", args=args)
    response = getattr(client, method)(url)
    assert response.status_code == 302
    assert response.url == f"{reverse('account_request_login_code')}?next={url}"


def test_the_list_of_groups_is_public_and_names_nobody(client, group, someone):
    page = client.get(reverse("leerlijnen:groups")).content.decode()
    assert "Artificial Intelligence (AI)" in page
    assert SECRET not in page


def test_an_activity_that_is_no_group_has_no_group_page(client, practitioner):
    ActivityFactory(slug="series", kind=ActivityKind.NETWORK_SESSIONS)
    client.force_login(practitioner)
    assert client.get(reverse("leerlijnen:group", args=["series"])).status_code == 404
    assert client.post(reverse("leerlijnen:group_request", args=["series"])).status_code == 404


def test_a_member_asks_and_the_lead_lets_her_in(client, group, people, practitioner):
    client.force_login(practitioner)
    client.post(reverse("leerlijnen:group_request", args=["ai"]))
    membership = practitioner.memberships.get()
    assert membership.state == MembershipState.REQUESTED
    client.force_login(people["lead"])
    response = client.post(reverse("leerlijnen:group_admit", args=["ai", membership.pk]), follow=True)
    assert practitioner.name in response.content.decode()
    membership.refresh_from_db()
    assert membership.state == MembershipState.MEMBER


def test_a_partner_is_told_why_not(client, group, cohost):
    client.force_login(cohost)
    response = client.post(reverse("leerlijnen:group_request", args=["ai"]))
    assert response.status_code == 422
    assert str(response.context["refusal"].reason) in response.content.decode()
    assert not cohost.memberships.exists()


def test_a_request_decided_by_another_is_told(client, group, people):
    asking = GroupMembershipFactory(activity=group, person=member_person(), state=MembershipState.REQUESTED)
    client.force_login(people["lead"])
    client.post(reverse("leerlijnen:group_refuse", args=["ai", asking.pk]))
    response = client.post(reverse("leerlijnen:group_admit", args=["ai", asking.pk]))
    assert response.status_code == 422
    asking.refresh_from_db()
    assert asking.state == MembershipState.REFUSED


def test_a_lead_cannot_reach_into_another_group(client, group, people):
    elsewhere = GroupMembershipFactory(person=member_person(), state=MembershipState.REQUESTED)
    client.force_login(people["lead"])
    assert client.post(reverse("leerlijnen:group_admit", args=["ai", elsewhere.pk])).status_code == 404
    url = reverse("leerlijnen:group_admit", args=[elsewhere.activity.slug, elsewhere.pk])
    assert client.post(url).status_code == 404


def test_opening_the_address_of_a_button_changes_nothing(client, group, people):
    asking = GroupMembershipFactory(activity=group, person=member_person(), state=MembershipState.REQUESTED)
    client.force_login(people["lead"])
    for name, args in [("group_admit", [asking.pk]), ("group_refuse", [asking.pk]), ("group_leave", [])]:
        response = client.get(reverse(f"leerlijnen:{name}", args=["ai", *args]))
        assert response.url == reverse("leerlijnen:group", args=["ai"])
    asking.refresh_from_db()
    assert asking.state == MembershipState.REQUESTED
    assert people["lead"].memberships.get().state == MembershipState.MEMBER


def test_leaving_takes_the_names_away(client, group, people):
    client.force_login(people["in the group"])
    response = client.post(reverse("leerlijnen:group_leave", args=["ai"]), follow=True)
    assert SECRET not in response.content.decode()


@pytest.mark.parametrize("rows", [1, 30])
@pytest.mark.parametrize(("who", "queries"), [("member", 5), ("lead", 6), ("staff", 8)])
def test_a_group_page_costs_the_same_for_one_and_for_thirty(
    client, group, staff, practitioner, django_assert_num_queries, who, queries, rows
):
    for number in range(rows):
        organisation = OrganisationFactory()
        GroupMembershipFactory(activity=group, person=member_person(organisation), is_lead=number % 2 == 0)
        GroupMembershipFactory(activity=group, person=member_person(organisation), state=MembershipState.REQUESTED)
    lead = GroupMembershipFactory(activity=group, person=member_person(), is_lead=True).person
    client.force_login({"member": practitioner, "lead": lead, "staff": staff}[who])
    with django_assert_num_queries(queries):
        client.get(reverse("leerlijnen:group", args=["ai"]))
