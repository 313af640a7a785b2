"""Signing in and second steps leave a line: with the account for the team, without any for everybody else."""

import time

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core import mail

from core.models import AuditEntry
from members.models import User
from tests.harness.proving import prove
from tests.members.test_sign_in import ASK, CONFIRM, mailed_code

pytestmark = pytest.mark.django_db


def lines(*verbs):
    return list(AuditEntry.objects.filter(verb__in=verbs).order_by("pk").values_list("verb", "actor", "target_id"))


def sign_in(client, email, code=None):
    client.post(ASK, {"email": email})
    client.post(CONFIRM, {"code": code or mailed_code()})


def test_a_member_who_signs_in_is_counted_and_not_named(client, practitioner):
    sign_in(client, practitioner.email, "WRON-GONE")
    sign_in(client, practitioner.email)
    assert lines("account.signed_in", "account.sign_in_failed") == [
        ("account.sign_in_failed", None, None),
        ("account.signed_in", None, None),
    ]
    assert mail.outbox


def test_somebody_of_the_team_who_signs_in_is_named(client, staff):
    sign_in(client, staff.email, "WRON-GONE")
    sign_in(client, staff.email)
    assert lines("account.signed_in", "account.sign_in_failed") == [
        ("account.sign_in_failed", staff.pk, staff.pk),
        ("account.signed_in", staff.pk, staff.pk),
    ]


@pytest.mark.parametrize("who", ["staff", "practitioner", "nobody"])
def test_a_wrong_password_leaves_a_line(client, request, who):
    person = None if who == "nobody" else request.getfixturevalue(who)
    address = person.email if person else "niemand@elders.example"
    client.post("/account/login/", {"login": address, "password": "merkwachtwoord-9"})
    key = person.pk if who == "staff" else None
    assert lines("account.sign_in_failed") == [("account.sign_in_failed", key, key)]
    assert "merkwachtwoord" not in str(list(AuditEntry.objects.values()))


def test_the_second_step_of_the_team_is_told_with_its_kind(client, staff):
    secret = generate_totp_secret()
    TOTP.activate(staff, secret)
    RecoveryCodes.activate(staff)
    sign_in(client, staff.email)
    client.post("/account/2fa/authenticate/", {"code": "000000"})
    client.post(
        "/account/2fa/authenticate/",
        {"code": RecoveryCodes(staff.authenticator_set.get(type="recovery_codes")).get_unused_codes()[0]},
    )
    told = AuditEntry.objects.filter(verb__startswith="account.second_factor").order_by("pk")
    assert list(told.values_list("verb", "actor", "codes"))[-1] == (
        "account.second_factor_used", staff.pk, {"type": "recovery_codes"},
    )  # fmt: skip
    assert "account.second_factor_failed" in told.values_list("verb", flat=True)


@pytest.mark.parametrize("who", ["staff", "practitioner"])
def test_a_changed_password_and_second_step_leave_a_line(client, request, who, django_capture_on_commit_callbacks):
    person = request.getfixturevalue(who)
    key = person.pk if who == "staff" else None
    client.force_login(person)
    prove(client)
    typed = dict.fromkeys(("password1", "password2"), "vier gele fietsen bij de sluis")
    assert client.post("/account/password/set/", typed).status_code == 302
    page = "/account/2fa/totp/activate/"
    prove(client)
    secret = client.get(page).context["form"].secret
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(page, {"code": code}).status_code == 302
    prove(client, method="mfa", again=False, type="totp")
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post("/account/2fa/totp/deactivate/").status_code == 302
    told = lines("account.password_changed", "account.second_factor_added", "account.second_factor_removed")
    kinds = [verb.partition(".")[2] for verb, *_keys in told]
    assert kinds[:2] == ["password_changed", "second_factor_added"]
    assert "second_factor_removed" in kinds
    assert {(actor, target) for _verb, actor, target in told} == {(key, key)}
    assert person.email not in str(list(AuditEntry.objects.values()))


@pytest.mark.parametrize("who", ["staff", "practitioner"])
def test_a_changed_address_leaves_a_line(client, request, who):
    person = request.getfixturevalue(who)
    key = person.pk if who == "staff" else None
    client.force_login(person)
    prove(client)
    url = client.post("/account/email/", {"email": "nieuw@leden.example", "action_add": ""}).url
    client.post(url, {"code": mailed_code()})
    assert User.objects.get(pk=person.pk).email == "nieuw@leden.example"
    assert lines("account.address_changed") == [("account.address_changed", key, key)]
    assert "nieuw@leden.example" not in str(list(AuditEntry.objects.values()))


def test_one_s_own_data_leaves_a_line_without_a_name(client, practitioner):
    client.force_login(practitioner)
    prove(client)
    assert client.post("/profiel/gegevens/").status_code == 200
    assert lines("account.data_downloaded") == [("account.data_downloaded", None, None)]


def test_which_role_of_the_team_was_given_and_taken_is_told(
    client, staff_group, functional_administrator, practitioner
):
    client.force_login(functional_administrator)
    prove(client)
    functional_administrator.groups.add(staff_group)
    page = f"/admin/members/user/{practitioner.pk}/change/"
    typed = {"name": practitioner.name, "language": "nl", "is_active": "on", "function": ""}
    client.post(page, typed | {"is_staff": "on", "groups": [staff_group.pk]})
    assert User.objects.get(pk=practitioner.pk).is_staff
    client.post(page, typed)
    told = (
        AuditEntry.objects.filter(verb__startswith="account.role")
        .order_by("pk")
        .values_list("verb", "codes", "actor", "target_id")
    )
    who = (functional_administrator.pk, practitioner.pk)
    assert list(told) == [
        ("account.role_given", {"role": "is_staff"}, *who),
        ("account.role_given", {"role": "programme_staff"}, *who),
        ("account.role_taken_back", {"role": "is_staff"}, *who),
        ("account.role_taken_back", {"role": "programme_staff"}, *who),
    ]


@pytest.fixture
def staff_group(staff):
    return staff.groups.get(name="programme staff")
