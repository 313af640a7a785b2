import pytest
from django.urls import reverse

from core.models import AuditEntry, OutgoingMail
from leerlijnen import colours
from leerlijnen.models import Activity, LearningLine
from leerlijnen.rules import MembershipState
from tests.factories.leerlijnen import GroupMembershipFactory, load_2026
from tests.factories.members import UserFactory, member_person
from tests.harness.proving import prove

pytestmark = pytest.mark.django_db


def admin_url(model, page, *args):
    return reverse(f"admin:leerlijnen_{model}_{page}", args=args)


@pytest.fixture
def asking():
    return GroupMembershipFactory(person=member_person(), state=MembershipState.REQUESTED)


@pytest.mark.parametrize(
    "model", ["programme", "learningline", "track", "partosrole", "workstream", "activity", "groupmembership"]
)
def test_programme_staff_see_lists_and_rows(client, staff, model):
    load_2026()
    GroupMembershipFactory(activity=Activity.objects.get(code="A1"), person=member_person())
    client.force_login(staff)
    response = client.get(admin_url(model, "changelist"))
    assert response.status_code == 200
    row = response.context["cl"].result_list[0]
    assert client.get(admin_url(model, "change", row.pk)).status_code == 200
    assert client.get(admin_url(model, "add")).status_code == 403
    assert client.get(admin_url(model, "delete", row.pk)).status_code == 403


@pytest.mark.parametrize("model", ["programme", "track"])
def test_what_has_nothing_to_change_is_not_saved_by_anybody(client, model):
    load_2026()
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    row = client.get(admin_url(model, "changelist")).context["cl"].result_list[0]
    url = admin_url(model, "change", row.pk)
    assert client.get(url).status_code == 200
    assert client.post(url, {}).status_code == 403


@pytest.mark.parametrize("who", ["integrity_coordinator", "quality_coordinator", "functional_administrator"])
def test_groups_are_not_for_other_roles(client, request, asking, who):
    client.force_login(request.getfixturevalue(who))
    assert client.get(admin_url("groupmembership", "changelist")).status_code == 403
    assert client.post(admin_url("groupmembership", "move", asking.pk, "admit")).status_code in (403, 404)
    asking.refresh_from_db()
    assert asking.state == MembershipState.REQUESTED


def line_form(line, **changed):
    fields = ("explanation", "explanation_en", "colour", "tint", "colour_dark")
    return {name: getattr(line, name) for name in fields} | changed


def test_staff_change_a_colour_and_nothing_of_the_document(client, staff, django_capture_on_commit_callbacks):
    load_2026()
    line = LearningLine.objects.get(slug="digital-readiness")
    colours.version_of(colours.stylesheet())
    client.force_login(staff)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(
            admin_url("learningline", "change", line.pk),
            line_form(line, colour="#123456", explanation="Nieuw", title="Forged", text="Forged", number=9),
        )
    line.refresh_from_db()
    assert (line.colour, line.explanation, line.title, line.number) == ("#123456", "Nieuw", "Digital Readiness", 1)
    assert colours.version() == colours.UNKNOWN
    assert AuditEntry.objects.get(verb="learningline.changed").codes == {"fields": "colour+explanation"}


@pytest.mark.parametrize("forged", [{"colour": "#F0A37F"}, {"colour": "red"}, {"tint": "#000000"}, {"colour_dark": ""}])
def test_a_colour_that_cannot_be_read_is_not_saved(client, staff, forged):
    load_2026()
    line = LearningLine.objects.get(slug="digital-readiness")
    client.force_login(staff)
    response = client.post(admin_url("learningline", "change", line.pk), line_form(line, **forged))
    assert response.context["errors"]
    assert LearningLine.objects.get(pk=line.pk).colour == "#3B4BA3"


def test_an_activity_keeps_its_title_and_gets_its_explanation(client, staff):
    load_2026()
    activity = Activity.objects.get(code="A4")
    client.force_login(staff)
    client.post(
        admin_url("activity", "change", activity.pk),
        {"explanation": "Nieuw", "explanation_en": "New", "title": "Forged", "co_host": "Forged"},
    )
    activity.refresh_from_db()
    assert (activity.explanation, activity.title) == ("Nieuw", "Shift-the-Power: The Power Awareness tool")
    assert activity.co_host == "ngo-federatie"


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("admit", MembershipState.REQUESTED, MembershipState.MEMBER),
        ("refuse", MembershipState.REQUESTED, MembershipState.REFUSED),
        ("leave", MembershipState.MEMBER, MembershipState.LEFT),
        ("admit", MembershipState.REFUSED, MembershipState.REFUSED),
        ("refuse", MembershipState.MEMBER, MembershipState.MEMBER),
    ],
)
def test_a_button_moves_a_membership_or_says_why_not(client, staff, asking, name, before, after):
    type(asking).objects.filter(pk=asking.pk).update(state=before)
    client.force_login(staff)
    looked = client.get(admin_url("groupmembership", "move", asking.pk, name), follow=True)
    assert looked.status_code == (405 if name == "admit" else 200)  # what is dangerous has a page that asks
    asking.refresh_from_db()
    assert asking.state == before
    response = client.post(admin_url("groupmembership", "move", asking.pk, name), follow=True)
    asking.refresh_from_db()
    assert asking.state == after
    [message] = response.context["messages"]
    assert message.level_tag == ("error" if before == after else "success")


def test_staff_make_a_lead_with_a_button_that_is_there(client, staff):
    membership = GroupMembershipFactory(person=member_person())
    client.force_login(staff)
    prove(client)
    page = client.get(admin_url("groupmembership", "change", membership.pk)).content.decode()
    url = admin_url("groupmembership", "move", membership.pk, "lead")
    assert url in page
    client.post(url)
    membership.refresh_from_db()
    assert membership.is_lead
    assert url not in client.get(admin_url("groupmembership", "change", membership.pk)).content.decode()


def test_a_state_cannot_be_typed(client, staff, asking):
    client.force_login(staff)
    response = client.post(admin_url("groupmembership", "change", asking.pk), {"state": "member", "is_lead": "on"})
    assert response.status_code == 403
    asking.refresh_from_db()
    assert (asking.state, asking.is_lead) == (MembershipState.REQUESTED, False)


def test_several_are_let_in_at_once_and_one_that_cannot_holds_back_nobody(client, staff, asking):
    others = [
        GroupMembershipFactory(activity=asking.activity, person=person, state=MembershipState.REQUESTED)
        for person in (member_person(), UserFactory())
    ]
    client.force_login(staff)
    data = {"action": "admit_selected", "sure": "1", "_selected_action": [row.pk for row in (asking, *others)]}
    response = client.post(admin_url("groupmembership", "changelist"), data, follow=True)
    assert {message.level_tag for message in response.context["messages"]} == {"error", "success"}
    for row in (asking, *others):
        row.refresh_from_db()
    assert [row.state for row in (asking, *others)] == ["member", "member", "requested"]
    assert OutgoingMail.objects.filter(kind="leerlijnen.group_admitted").count() == 2


@pytest.mark.parametrize("rows", [1, 30])
def test_the_list_of_memberships_costs_the_same_for_one_and_for_thirty(
    client, staff, asking, django_assert_num_queries, rows
):
    for _ in range(rows - 1):
        GroupMembershipFactory(activity=asking.activity, person=member_person())
    client.force_login(staff)
    with django_assert_num_queries(11):
        client.get(admin_url("groupmembership", "changelist"))
