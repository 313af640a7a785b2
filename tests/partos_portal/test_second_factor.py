"""Rights of the Partos team hang on the second step that this very session showed, not on what the account has."""

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from core.models import OutgoingMail
from members.models import User
from tests.factories.members import UserFactory
from tests.factories.sessions import SessionFactory
from tests.harness.forms import fill
from tests.harness.proving import prove

pytestmark = pytest.mark.django_db

HOUR = 3600
ASKS = "/account/2fa/reauthenticate/"


@pytest.fixture
def secrets(member_organisation):
    """Pages that staff see by right."""
    return [
        reverse("sessions:participants", args=[SessionFactory(registered=1).pk]),
        reverse("members:people", args=[member_organisation.pk]),
    ]


@pytest.fixture(autouse=True)
def in_production(settings):
    settings.TRIAL = False


@pytest.fixture
def factor(staff):
    return TOTP.activate(staff, generate_totp_secret()).instance


def signed_in(client, person, factor, *, ago=0.0):
    """By a mailed code and the second step, so long ago."""
    client.force_login(person)
    prove(client, method="mfa", again=False, ago=ago, id=factor.pk, type=factor.type)
    return client


def statuses(client, pages):
    return [client.get(page).status_code for page in pages]


def test_staff_without_a_second_step_have_no_rights_outside_the_admin_either(client, staff, secrets):
    client.force_login(staff)
    assert statuses(client, secrets) == [404, 404]
    assert client.get("/admin/").url == reverse("mfa_index")
    assert staff.get_all_permissions() == set()


def test_staff_who_showed_their_second_step_have_their_rights(client, staff, factor, secrets):
    signed_in(client, staff, factor)
    assert statuses(client, [*secrets, "/admin/"]) == [200, 200, 200]


def test_an_old_session_opens_nothing_once_the_owner_set_up_a_second_step_elsewhere(client, staff, secrets):
    client.force_login(staff)
    TOTP.activate(staff, generate_totp_secret())
    for page in [*secrets, "/admin/", "/admin/members/user/"]:
        assert client.get(page).url.startswith(ASKS), page
    assert client.get("/profiel/").status_code == 200, "she is a person like others"


def test_a_session_outside_any_request_gives_no_rights(staff, factor):
    assert not User.objects.get(pk=staff.pk).has_perm("members.view_affiliation")


@pytest.mark.parametrize(("ago", "opens"), [(0, True), (59 / 60 * HOUR, True), (61 / 60 * HOUR, False)])
def test_after_an_hour_without_a_request_it_is_asked_again(client, staff, factor, ago, opens):
    signed_in(client, staff, factor, ago=ago)
    assert (client.get("/admin/").status_code == 200) is opens


@pytest.mark.parametrize(("ago", "opens"), [(11.9, True), (12.1, False)])
def test_who_goes_on_working_is_asked_again_after_twelve_hours(client, staff, factor, ago, opens):
    signed_in(client, staff, factor, ago=ago * HOUR)
    session = client.session
    session["members.second_factor_used_at"] = time.time() - 120
    session.save()
    assert (client.get("/admin/").status_code == 200) is opens


def test_working_keeps_the_hour_from_running_out(client, staff, factor):
    signed_in(client, staff, factor, ago=0.9 * HOUR)
    client.get("/admin/")
    assert time.time() - client.session["members.second_factor_used_at"] < 60


def test_a_second_step_that_was_taken_away_counts_no_more(client, staff, factor):
    signed_in(client, staff, factor)
    factor.delete()
    assert client.get("/admin/").url == reverse("mfa_index")


def test_what_a_colleague_showed_counts_for_nobody_else(client, staff, factor, functional_administrator):
    signed_in(client, functional_administrator, factor)
    assert client.get("/admin/").status_code == 302


def test_showing_it_leads_back_and_what_was_sent_is_done(client, staff, secrets, functional_administrator):
    secret = generate_totp_secret()
    own = TOTP.activate(functional_administrator, secret).instance
    signed_in(client, functional_administrator, own)
    person = UserFactory(name="Noor Voorbeeld (fictief)")
    page = f"/admin/members/user/{person.pk}/change/"
    typed = fill(client.get(page), {"function": "directeur"})
    client.logout()
    client.force_login(functional_administrator)
    asked = client.post(page, typed)
    assert asked.url.startswith(ASKS)
    person.refresh_from_db()
    assert person.function == "adviseur"
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    assert client.post(ASKS, {"code": code, "next": page}).status_code == 302
    person.refresh_from_db()
    assert person.function == "directeur"
    assert client.get("/admin/").status_code == 200


@pytest.fixture
def lost(db):
    """A person who lost her phone."""
    person = UserFactory(name="Noor Voorbeeld (fictief)", email="noor@horizonhulp.example")
    TOTP.activate(person, generate_totp_secret())
    return person


@pytest.fixture
def administrator(client, functional_administrator):
    return signed_in(
        client, functional_administrator, TOTP.activate(functional_administrator, generate_totp_secret()).instance
    )


@pytest.mark.parametrize("act", ["second-step", "erase"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_what_cannot_be_taken_back_asks_anew(administrator, lost, act, method):
    response = getattr(administrator, method)(f"/admin/members/user/{lost.pk}/{act}/")
    assert response.url.startswith(ASKS)
    assert Authenticator.objects.filter(user=lost).exists()


def test_a_second_step_is_taken_away_on_a_page_and_its_owner_is_told(administrator, lost):
    elsewhere = Client()
    elsewhere.force_login(lost)
    prove(administrator, method="mfa", id=Authenticator.objects.get(user__is_staff=True).pk)
    page = f"/admin/members/user/{lost.pk}/second-step/"
    assert f'href="{page}"' in administrator.get(f"/admin/members/user/{lost.pk}/change/").content.decode()
    assert administrator.get(page).status_code == 200
    assert Authenticator.objects.filter(user=lost).exists(), "looking changes nothing"
    administrator.post(page)
    assert not Authenticator.objects.filter(user=lost).exists()
    assert [mail.to for mail in OutgoingMail.objects.filter(kind="members.credential_changed")] == [lost.email]
    assert elsewhere.get("/profiel/").status_code == 302


def test_the_admin_shows_no_authenticator_and_no_session():
    shown = {model._meta.label for model in admin.site._registry}
    assert not shown & {"mfa.Authenticator", "usersessions.UserSession", "sessions.Session"}


def test_the_trial_run_asks_for_no_second_step(client, staff, settings, secrets):
    settings.TRIAL = True
    TOTP.activate(staff, generate_totp_secret())
    client.force_login(staff)
    assert statuses(client, [*secrets, "/admin/"]) == [200, 200, 200]


def test_who_is_no_staff_costs_no_query_for_it(practitioner, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert not practitioner.has_perm("members.view_affiliation")


def test_the_second_step_is_looked_up_once(client, staff, factor, rf, django_assert_num_queries):
    signed_in(client, staff, factor)
    staff.browser_session = client.session
    staff.browser_session.get("any")
    with django_assert_num_queries(1):
        assert staff.may_use_rights
        assert staff.may_use_rights


def test_a_forged_request_is_refused_and_not_done_after_the_second_step(staff, factor, member_organisation):
    client = signed_in(Client(enforce_csrf_checks=True), staff, factor, ago=2 * HOUR)
    response = client.post(
        "/profiel/", {"name": "Verzonnen", "language": "nl"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert response.status_code == 403
    assert "account_reauthentication_state" not in client.session
