import pytest
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.urls import reverse

from core.models import AuditEntry, OutgoingMail
from members.models import Affiliation, Organisation, User
from members.rules import AffiliationState, Role, TrackProfile
from tests.factories.members import AffiliationFactory, MailDomainFactory, OrganisationFactory, UserFactory
from tests.harness.proving import prove

pytestmark = pytest.mark.django_db

TEAM = ["staff", "functional_administrator", "integrity_coordinator", "quality_coordinator"]
OPEN, SHUT, DONE = 200, 403, 302


def admin_url(model, page, *args):
    return reverse(f"admin:members_{model}_{page}", args=args)


def one_domain(domain):
    """The inline rows of the page of a new organisation, as a browser sends them."""
    empty = {f"affiliations-{part}_FORMS": "0" for part in ("TOTAL", "INITIAL")}
    return empty | {
        "mail_domains-TOTAL_FORMS": "1",
        "mail_domains-INITIAL_FORMS": "0",
        "mail_domains-0-domain": domain,
    }


def move(client, row, name):
    return client.post(reverse("admin:members_affiliation_move", args=[row.pk, name]))


@pytest.mark.parametrize(
    ("model", "page", "outcomes"),
    [
        ("user", "changelist", (OPEN, OPEN, SHUT, SHUT)),
        ("user", "add", (OPEN, OPEN, SHUT, SHUT)),
        ("organisation", "changelist", (OPEN, OPEN, SHUT, SHUT)),
        ("organisation", "add", (OPEN, SHUT, SHUT, SHUT)),
        ("affiliation", "changelist", (OPEN, OPEN, SHUT, SHUT)),
        ("affiliation", "add", (OPEN, SHUT, SHUT, SHUT)),
    ],
)
@pytest.mark.parametrize("number", range(len(TEAM)))
def test_each_of_the_team_sees_what_the_role_needs(client, request, model, page, outcomes, number):
    client.force_login(request.getfixturevalue(TEAM[number]))
    assert client.get(admin_url(model, page)).status_code == outcomes[number]


def test_people_outside_the_team_find_no_admin(client, contact):
    client.force_login(contact)
    assert client.get(admin_url("user", "changelist"), follow=True).status_code == 404


def test_staff_make_an_organisation_and_its_first_contact(client, staff):
    client.force_login(staff)
    prove(client)
    domains = one_domain("@Nieuw.example")
    client.post(
        admin_url("organisation", "add"), {"name": "Nieuw (fictief)", "kind": "member", "country": "NL", **domains}
    )
    organisation = Organisation.objects.get()
    assert [row.domain for row in organisation.mail_domains.all()] == ["nieuw.example"]

    client.post(
        admin_url("user", "add"), {"email": "Eerste@Nieuw.example", "name": "Eerste (fictief)", "language": "nl"}
    )
    person = User.objects.get(email="eerste@nieuw.example")
    assert not person.has_usable_password()

    response = client.post(
        admin_url("affiliation", "add"),
        {"person": person.pk, "organisation": organisation.pk, "role": "contact", "track_profile": "leadership"},
    )
    assert response.status_code == DONE
    rows = person.affiliations.confirmed().values_list("role", "track_profile")
    assert set(rows) == {(Role.COLLEAGUE, "leadership"), (Role.CONTACT, "leadership")}
    assert OutgoingMail.objects.get().to == person.email
    assert AuditEntry.objects.filter(actor=staff, verb="affiliation.confirmed").exists()


def test_a_public_mail_domain_is_refused(client, staff):
    client.force_login(staff)
    domains = one_domain("gmail.com")
    client.post(
        admin_url("organisation", "add"), {"name": "Nieuw (fictief)", "kind": "member", "country": "NL", **domains}
    )
    assert not Organisation.objects.exists()


@pytest.mark.parametrize(
    ("role", "track_profile"),
    [("colleague", "leadership"), ("quality_officer", "practitioner"), ("colleague", "practitioner")],
)
def test_staff_give_themselves_nothing_and_keep_what_they_chose(
    client, staff, member_organisation, role, track_profile
):
    client.force_login(staff)
    prove(client)
    data = {"person": staff.pk, "organisation": member_organisation.pk, "role": role, "track_profile": track_profile}
    response = client.post(admin_url("affiliation", "add"), data)
    assert response.status_code == 422
    assert response.context["errors"]
    form = response.context["adminform"].form
    assert {name: str(form[name].value()) for name in data} == {name: str(value) for name, value in data.items()}
    assert not staff.affiliations.exists()


def test_the_state_is_moved_by_buttons_and_not_by_the_form(client, staff):
    row = AffiliationFactory(state=AffiliationState.REQUESTED)
    client.force_login(staff)
    prove(client)
    page = client.get(admin_url("affiliation", "change", row.pk)).content.decode()
    assert reverse("admin:members_affiliation_move", args=[row.pk, "confirm"]) in page
    assert 'name="state"' not in page
    assert client.post(admin_url("affiliation", "change", row.pk), {"state": "ended"}).status_code == SHUT

    move(client, row, "confirm")
    move(client, row, "leadership")
    row.refresh_from_db()
    assert (row.state, row.track_profile) == (AffiliationState.CONFIRMED, TrackProfile.LEADERSHIP)
    move(client, row, "end")
    row.refresh_from_db()
    assert row.state == AffiliationState.ENDED


@pytest.mark.parametrize("who", ["functional_administrator", "quality_coordinator"])
def test_the_buttons_are_for_who_may_change(client, request, who):
    row = AffiliationFactory(state=AffiliationState.REQUESTED)
    client.force_login(request.getfixturevalue(who))
    assert move(client, row, "confirm").status_code in (SHUT, 404)
    row.refresh_from_db()
    assert row.state == AffiliationState.REQUESTED


def test_many_are_confirmed_at_once(client, staff):
    rows = AffiliationFactory.create_batch(3, state=AffiliationState.REQUESTED)
    ended = AffiliationFactory(state=AffiliationState.ENDED)
    client.force_login(staff)
    prove(client)
    selected = [row.pk for row in (*rows, ended)]
    client.post(
        admin_url("affiliation", "changelist"),
        {"action": "confirm_selected", "sure": "1", "_selected_action": selected},
    )
    assert Affiliation.objects.confirmed().count() == 3
    assert OutgoingMail.objects.count() == 3
    client.post(
        admin_url("affiliation", "changelist"), {"action": "end_selected", "sure": "1", "_selected_action": selected}
    )
    assert not Affiliation.objects.live().exists()


def test_nobody_gives_oneself_rights(client, functional_administrator):
    client.force_login(functional_administrator)
    group = Group.objects.get(name="integrity coordinator")
    client.post(
        admin_url("user", "change", functional_administrator.pk),
        {
            "name": "Joost",
            "language": "nl",
            "is_active": "on",
            "is_staff": "on",
            "is_superuser": "on",
            "groups": group.pk,
        },
    )
    functional_administrator.refresh_from_db()
    assert functional_administrator.name == "Joost"
    assert not functional_administrator.is_superuser
    assert group not in functional_administrator.groups.all()


@pytest.fixture
def superuser(db):
    return User.objects.create_superuser("baas@partos.example")


@pytest.mark.parametrize(
    ("who", "role", "outcome"),
    [
        ("superuser", "programme staff", (True, ["programme staff"])),
        ("functional_administrator", "functional administrator", (True, ["functional administrator"])),
        ("functional_administrator", "programme staff", (False, [])),
        ("functional_administrator", "quality coordinator", (False, [])),
    ],
)
def test_nobody_gives_a_role_that_he_does_not_have_himself(
    client, request, functional_administrator, outsider, who, role, outcome
):
    client.force_login(request.getfixturevalue(who))
    prove(client)
    data = {"name": outsider.name, "language": "nl", "is_active": "on", "is_staff": "on"}
    group = Group.objects.get(name=role)
    client.post(admin_url("user", "change", outsider.pk), data | {"groups": group.pk})
    outsider.refresh_from_db()
    assert (outsider.is_staff, [group.name for group in outsider.groups.all()]) == outcome
    assert AuditEntry.objects.filter(verb="account.changed").exists() is outcome[0]


def test_the_administrator_keeps_and_takes_back_the_roles_of_others(client, functional_administrator, staff):
    client.force_login(functional_administrator)
    prove(client)
    url = admin_url("user", "change", staff.pk)
    data = {"name": "Lotte", "language": "nl", "is_active": "on", "is_staff": "on"}
    client.post(url, data | {"groups": staff.groups.get().pk})
    staff.refresh_from_db()
    assert (staff.name, staff.groups.count()) == ("Lotte", 1)
    client.post(url, data)
    assert staff.groups.count() == 0


def test_the_log_of_the_admin_keeps_no_names(client, functional_administrator, staff, outsider, member_organisation):
    client.force_login(functional_administrator)
    prove(client)
    data = {"name": outsider.name, "function": "anders", "language": "nl", "is_active": "on"}
    client.post(admin_url("user", "change", outsider.pk), data)
    client.force_login(staff)
    prove(client)
    chosen = {"organisation": member_organisation.pk, "role": "contact", "track_profile": "practitioner"}
    client.post(admin_url("affiliation", "add"), {"person": outsider.pk} | chosen)
    assert outsider.affiliations.confirmed().count() == 2
    assert not LogEntry.objects.exists()


def test_a_superuser_is_changed_by_superusers_only(client, functional_administrator, superuser):
    client.force_login(functional_administrator)
    data = {"name": "Gekaapt", "language": "nl"}
    assert client.post(admin_url("user", "change", superuser.pk), data).status_code == SHUT


def test_no_password_stands_in_the_admin(client, functional_administrator, outsider):
    outsider.set_password("een lang wachtwoord")
    outsider.save()
    client.force_login(functional_administrator)
    page = client.get(admin_url("user", "change", outsider.pk)).content.decode()
    assert outsider.password not in page
    assert 'type="password"' not in page


def test_the_second_step_is_seen_and_taken_away(client, functional_administrator, outsider):
    Authenticator.objects.create(user=outsider, type=Authenticator.Type.TOTP, data={"secret": "geheim"})
    client.force_login(functional_administrator)
    response = client.get(admin_url("user", "changelist"), {"second_step": "yes"})
    assert list(response.context["cl"].result_list) == [outsider]
    prove(client)
    client.post(reverse("admin:members_user_reset", args=[outsider.pk]))
    assert not Authenticator.objects.exists()


def test_organisations_without_a_contact_are_found(client, staff, contact):
    lonely = OrganisationFactory()
    client.force_login(staff)
    response = client.get(admin_url("organisation", "changelist"), {"contact": "none"})
    assert list(response.context["cl"].result_list) == [lonely]


def test_an_organisation_is_found_by_its_mail_domain(client, staff):
    domain = MailDomainFactory(domain="vindbaar.example")
    MailDomainFactory()
    client.force_login(staff)
    response = client.get(admin_url("organisation", "changelist"), {"q": "vindbaar"})
    assert list(response.context["cl"].result_list) == [domain.organisation]


@pytest.mark.parametrize(("model", "cost"), [("user", 7), ("organisation", 7), ("affiliation", 10)])
def test_a_list_costs_the_same_for_one_row_and_thirty(client, staff, model, cost, django_assert_num_queries):
    client.force_login(staff)
    AffiliationFactory()
    client.get(admin_url(model, "changelist"))
    with django_assert_num_queries(cost):
        client.get(admin_url(model, "changelist"))
    AffiliationFactory.create_batch(30)
    with django_assert_num_queries(cost):
        client.get(admin_url(model, "changelist"))


def test_the_pages_of_an_organisation_and_a_person_open(client, staff, contact, member_organisation):
    client.force_login(staff)
    UserFactory()
    assert contact.name in client.get(admin_url("organisation", "change", member_organisation.pk)).content.decode()
    assert client.get(admin_url("user", "change", contact.pk)).status_code == OPEN
