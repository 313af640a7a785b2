"""Signing in and up, through allauth's own pages."""

import re
import time

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.core.mail.backends.locmem import EmailBackend as LocMemBackend
from django.db import connection
from django.urls import reverse

from members.models import User
from members.rules import AffiliationState
from tests.factories.members import MailDomainFactory, UserFactory
from tests.harness.proving import prove
from tests.harness.smtp import assert_mail_of_the_portal

pytestmark = pytest.mark.django_db

ASK = "/account/login/code/"
CONFIRM = "/account/login/code/confirm/"
SIGN_UP = "/account/signup/"
CONFIRM_ADDRESS = "/account/confirm-email/"


def mailed_code():
    """The code on a line of its own in the newest mail."""
    return re.search(r"^\s*([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\s*$", mail.outbox[-1].body, re.MULTILINE)[1]


def is_signed_in(client):
    return "_auth_user_id" in client.session


@pytest.fixture
def no_mail_server(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1


@pytest.fixture
def verified(practitioner):
    EmailAddress.objects.create(user=practitioner, email=practitioner.email, verified=True, primary=True)
    return practitioner


@pytest.mark.parametrize(("prefix", "language"), [("", "nl"), ("/en", "en")])
@pytest.mark.parametrize(
    ("page", "typed"),
    [(ASK, {"email": "nieuw@elders.example"}), (SIGN_UP, {"email": "nieuw@elders.example", "name": "Lotte Fictie"})],
)
def test_mail_about_signing_in_says_what_it_is_and_that_no_machine_should_answer(
    client, db, prefix, language, page, typed
):
    client.post(prefix + page, typed)
    sent = mail.outbox[-1]
    assert_mail_of_the_portal(sent.message(), language)
    html = next(content for content, kind in sent.alternatives if kind == "text/html")
    assert f"<title>{sent.subject}</title>" in html


def test_a_mailed_code_signs_in_and_goes_where_one_was_going(client, verified):
    response = client.get("/profiel/")
    assert response.url == f"{ASK}?next=/profiel/"
    response = client.post(ASK, {"email": verified.email.upper(), "next": "/profiel/"})
    assert response.url == f"{CONFIRM}?next=%2Fprofiel%2F"
    response = client.post(response.url, {"code": mailed_code().lower(), "next": "/profiel/"})
    assert response.url == "/profiel/"
    assert is_signed_in(client)


def test_a_person_made_by_staff_signs_in_by_code(client):
    person = UserFactory()
    client.post(ASK, {"email": person.email})
    client.post(CONFIRM, {"code": mailed_code()})
    assert is_signed_in(client)


def test_a_code_is_stored_nowhere(client, verified, tmp_path):
    client.post(ASK, {"email": verified.email})
    code = mailed_code()
    needles = {code, code.replace("-", ""), code.lower()}

    def holds(text):
        return any(needle in str(text) for needle in needles)

    assert not holds(dict(client.session.items()))
    assert not [row for row in Session.objects.all() if holds(row.get_decoded())]
    for model in apps.get_models():
        rows = list(model._base_manager.values())
        assert not holds(rows), model
    stored = cache.get(f"django.contrib.sessions.cached_db{client.session.session_key}")
    assert stored, "the session is in the cache, so that there is something to search"
    assert not holds(stored)


def test_a_code_leaves_within_five_seconds_from_a_real_server(client, verified, smtp_server):
    begun = time.monotonic()
    client.post(ASK, {"email": verified.email})
    assert time.monotonic() - begun < 5
    assert len(smtp_server.messages) == 1


def answers(client, path, data):
    """Status, address and page as a stranger sees them, without the address and the form's token."""
    response = client.post(path, data)
    page = client.get(response.url) if response.status_code == 302 else response
    text = page.content.decode().replace(data["email"], "ADDRESS")
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)
    return response.status_code, getattr(response, "url", ""), page.status_code, text


def test_asking_for_a_code_answers_alike_with_and_without_an_account(client, verified):
    known = answers(client, ASK, {"email": verified.email})
    client.cookies.clear()
    unknown = answers(client, ASK, {"email": "niemand@elders.example"})
    assert known == unknown
    assert [message.to for message in mail.outbox] == [[verified.email], ["niemand@elders.example"]]
    assert not re.search(r"^\s*[A-Z0-9]{3,4}-[A-Z0-9]{3,4}\s*$", mail.outbox[1].body, re.MULTILINE)


def test_guessing_a_code_answers_alike_with_and_without_an_account(client, verified):
    seen = []
    for email in (verified.email, "niemand@elders.example"):
        client.post(ASK, {"email": email})
        seen.append([answers(client, CONFIRM, {"code": "AAAA-AAAA", "email": email}) for _ in range(3)])
        client.cookies.clear()
    assert seen[0] == seen[1]
    assert [status for status, *_ in seen[0]] == [422, 422, 422]


def test_signing_up_answers_alike_with_and_without_an_account(client, verified):
    fields = {"name": "Wie Dan Ook (fictief)"}
    known = answers(client, SIGN_UP, {"email": verified.email, **fields})
    client.cookies.clear()
    new = answers(client, SIGN_UP, {"email": "nieuw@elders.example", **fields})
    # only who can read the mail may change the address of an account that is being made
    assert known[:3] == new[:3]
    assert len(mail.outbox) == 2


def test_asking_for_a_new_password_answers_alike(client, verified):
    known = answers(client, "/account/password/reset/", {"email": verified.email})
    client.cookies.clear()
    assert answers(client, "/account/password/reset/", {"email": "niemand@elders.example"}) == known


def test_a_wrong_code_is_told_at_the_field(client, verified):
    client.post(ASK, {"email": verified.email})
    response = client.post(CONFIRM, {"code": "AAAA-AAAA"})
    assert response.status_code == 422
    assert response.context["form"].has_error("code", "incorrect_code")
    assert 'value="AAAA-AAAA"' in response.content.decode()
    assert not is_signed_in(client)


def test_a_code_works_once(client, verified):
    client.post(ASK, {"email": verified.email})
    code = mailed_code()
    client.post(CONFIRM, {"code": code})
    client.logout()
    response = client.post(CONFIRM, {"code": code})
    assert response.status_code == 422
    assert [message.level_tag for message in response.context["messages"]] == ["error"]
    client.post(ASK, {"email": verified.email})
    assert client.post(CONFIRM, {"code": code}).status_code == 422
    assert not is_signed_in(client)


def test_a_code_works_for_a_quarter_of_an_hour(client, verified, settings):
    client.post(ASK, {"email": verified.email})
    settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT = -1
    response = client.post(CONFIRM, {"code": mailed_code()})
    assert response.status_code == 422
    assert "account/request_login_code.html" in [template.name for template in response.templates]
    assert not is_signed_in(client)


@pytest.mark.parametrize("code", ["", " ", "é" * 8, "\u202e123", "x" * 10_000, "0", "null"])
def test_a_strange_code_is_refused(client, verified, code):
    client.post(ASK, {"email": verified.email})
    assert client.post(CONFIRM, {"code": code}).status_code == 422


def test_a_new_code_replaces_the_old(client, verified):
    client.post(ASK, {"email": verified.email})
    old = mailed_code()
    client.post(CONFIRM, {"action": "resend"})
    assert client.post(CONFIRM, {"code": old}).status_code == 422
    client.post(CONFIRM, {"code": mailed_code()})
    assert is_signed_in(client)


def test_asking_too_often_is_told_with_429(client, verified):
    statuses = []
    for _ in range(4):
        statuses.append(client.post(ASK, {"email": verified.email}).status_code)
        client.cookies.clear()
    assert statuses == [302, 302, 302, 429]
    assert len(mail.outbox) == 3


def test_many_sign_ups_from_one_address_end_in_a_page_that_says_so(client):
    for _ in range(21):
        response = client.post(SIGN_UP, {})
    assert response.status_code == 429
    assert "429.html" in [template.name for template in response.templates]


@pytest.mark.parametrize(
    ("path", "data"),
    [
        (ASK, {"email": "noor@horizonhulp.example"}),
        (ASK, {"email": "niemand@elders.example"}),
        (SIGN_UP, {"email": "nieuw@elders.example", "name": "Nieuw"}),
        (SIGN_UP, {"email": "noor@horizonhulp.example", "name": "Noor"}),
        ("/account/password/reset/", {"email": "noor@horizonhulp.example"}),
    ],
)
def test_without_a_mail_server_nothing_is_written_and_what_was_typed_stays(
    client, verified, no_mail_server, path, data
):
    people = User.objects.count()
    for _ in range(2):  # trying again at once is fair
        response = client.post(path, data)
        assert response.status_code == 503
        assert response.context["form"].non_field_errors()
        assert f'value="{data["email"]}"' in response.content.decode()
    assert User.objects.count() == people
    assert EmailAddress.objects.count() == 1


class NeedsNoTransaction(LocMemBackend):
    """A mail server that may be slow: nobody else could write meanwhile."""

    def send_messages(self, messages):
        assert not connection.in_atomic_block
        return super().send_messages(messages)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("path", "data"),
    [
        (ASK, {"email": "noor@horizonhulp.example"}),
        (SIGN_UP, {"email": "nieuw@elders.example", "name": "Nieuw"}),
        ("/account/password/reset/", {"email": "noor@horizonhulp.example"}),
    ],
)
def test_no_transaction_waits_for_the_mail_server(client, verified, settings, path, data):
    settings.EMAIL_BACKEND = f"{__name__}.NeedsNoTransaction"
    assert client.post(path, data).status_code == 302
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    "copied",
    [
        *(" {} ", "\u200b{}\ufeff", "“{}”", "'{}'", "«{}».", "({})", "\t{}\r\n", "\u202a{}\u202c"),
        *("{}\u00a0", "`{}`"),
    ],
    ids=ascii,
)
def test_a_right_code_is_right_however_it_was_copied(client, verified, copied):
    client.post(ASK, {"email": f"{verified.email}\u200b"})
    client.post(CONFIRM, {"code": copied.format(mailed_code())})
    assert is_signed_in(client)


@pytest.mark.parametrize(
    "hyphen", ["\u2011", "\u00ad", "\u2013", "\u2212", "\u200b", " ", "", "\uff0d", "_"], ids=ascii
)
def test_the_hyphen_in_a_code_may_be_any(client, verified, hyphen):
    client.post(ASK, {"email": verified.email})
    client.post(CONFIRM, {"code": mailed_code().replace("-", hyphen)})
    assert is_signed_in(client)


def wide(text):
    """As an East Asian keyboard types it."""
    return "".join(chr(ord(sign) + 0xFEE0) for sign in text)


def test_a_code_in_full_width_letters_is_right(client, verified):
    client.post(ASK, {"email": verified.email})
    client.post(CONFIRM, {"code": wide(mailed_code())})
    assert is_signed_in(client)


def test_a_code_of_signs_alone_is_none(client, verified):
    client.post(ASK, {"email": verified.email})
    assert client.post(CONFIRM, {"code": "“\u200b-”"}).status_code == 422
    assert not is_signed_in(client)


def test_the_code_of_an_app_may_be_in_full_width_digits_with_spaces(client, verified):
    secret = generate_totp_secret()
    TOTP.activate(verified, secret)
    client.post(ASK, {"email": verified.email})
    client.post(CONFIRM, {"code": mailed_code()})
    assert not is_signed_in(client)
    digits = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    client.post("/account/2fa/authenticate/", {"code": f"\u200b{wide(digits[:3])}\u00a0{wide(digits[3:])}"})
    assert is_signed_in(client)


def test_a_new_code_that_cannot_be_sent_leaves_the_page(client, verified, no_mail_server, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    client.post(ASK, {"email": verified.email})
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    response = client.post(CONFIRM, {"action": "resend"})
    assert response.status_code == 503
    assert 'name="code"' in response.content.decode()
    client.post(CONFIRM, {"code": mailed_code()})
    assert is_signed_in(client), "the code that did arrive still works"


@pytest.mark.parametrize("name", ["Noor Voorbeeld (fictief)", "🌍 Amara", "مثال نور", "Noor\nBcc: Voorbeeld"])
def test_signing_up_takes_a_name_a_code_and_no_password(client, name):
    client.post(SIGN_UP, {"email": "Nieuw@Elders.example", "name": name, "function": "adviseur"})
    response = client.post(CONFIRM_ADDRESS, {"code": mailed_code()})
    assert response.url == reverse("members:profile")
    person = User.objects.get()
    assert (person.email, person.name) == ("nieuw@elders.example", " ".join(name.split()))
    assert not person.has_usable_password()
    assert client.get("/profiel/").status_code == 200


def test_a_person_who_signs_up_in_english_gets_english_mail(client):
    client.post(f"/en{SIGN_UP}", {"email": "nieuw@elders.example", "name": "New"})
    assert User.objects.get().language == "en"


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"email": "nieuw@elders.example", "name": "x" * 10_000}, "name"),
        ({"email": "nieuw@elders.example", "name": ""}, "name"),
        ({"email": "nieuw@elders.example", "name": "a\x00b"}, "name"),
        ({"email": "nieuw@elders.example", "name": "a\ufffdb"}, "name"),
        ({"email": "nieuw@elders.example", "name": "\u200b"}, "name"),
        ({"email": "nieuw@elders.example", "name": "Noor\nBcc: x@y.example"}, "name"),
        ({"email": "nieuw@elders.example", "name": "\u202eNieuw https://kwaad.example"}, "name"),
        ({"email": "nieuw@elders.example", "name": "Kijk op kwaad.example/hier"}, "name"),
        ({"email": "nieuw@elders.example", "name": "Nieuw", "function": "www\u200b.kwaad.example"}, "function"),
        ({"email": "ırem@kantoor.example", "name": "Nieuw"}, "email"),
        ({"email": "ſam@kantoor.example", "name": "Nieuw"}, "email"),
        ({"email": "nieuw@elders.example", "name": "Nieuw", "function": "x" * 121}, "function"),
        ({"email": "geen adres", "name": "Nieuw"}, "email"),
        ({"email": f"{'x' * 10_000}@elders.example", "name": "Nieuw"}, "email"),
    ],
)
def test_a_sign_up_that_is_not_right_is_told_at_the_field(client, data, field):
    response = client.post(SIGN_UP, data)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert not User.objects.exists()


def test_a_broken_sign_up_code_is_told_at_the_field(client):
    client.post(SIGN_UP, {"email": "nieuw@elders.example", "name": "Nieuw"})
    response = client.post(CONFIRM_ADDRESS, {"code": "AAAA-AAAA"})
    assert response.status_code == 422
    assert response.context["form"].has_error("code")


def test_a_known_mail_domain_asks_once_the_address_is_verified(client, contact, member_organisation):
    MailDomainFactory(organisation=member_organisation, domain="horizonhulp.example")
    client.post(SIGN_UP, {"email": "ravi@horizonhulp.example", "name": "Ravi Schetsma (fictief)"})
    person = User.objects.get(email="ravi@horizonhulp.example")
    assert not person.affiliations.exists()
    client.post(CONFIRM_ADDRESS, {"code": mailed_code()})
    affiliation = person.affiliations.get()
    assert (affiliation.organisation, affiliation.state) == (member_organisation, AffiliationState.REQUESTED)


def test_a_password_is_a_choice(client, verified):
    verified.set_password("een lang wachtwoord")
    verified.save()
    response = client.post("/account/login/", {"login": verified.email, "password": "een ander wachtwoord"})
    assert response.status_code == 422
    client.post("/account/login/", {"login": verified.email, "password": "een lang wachtwoord"})
    assert is_signed_in(client)


def test_a_closed_account_is_asked_for_no_code(client, verified):
    verified.is_active = False
    verified.save()
    client.post(ASK, {"email": verified.email})
    assert not re.search(r"^\s*[A-Z0-9]{4}-[A-Z0-9]{4}\s*$", mail.outbox[-1].body, re.MULTILINE)


def test_a_second_step_is_asked_after_the_code(client, verified):
    TOTP.activate(verified, generate_totp_secret())
    recovery = RecoveryCodes.activate(verified)
    client.post(ASK, {"email": verified.email})
    response = client.post(CONFIRM, {"code": mailed_code()})
    assert not is_signed_in(client)
    assert client.post(response.url, {"code": "000000"}).status_code == 422
    client.post(response.url, {"code": recovery.get_unused_codes()[0]})
    assert is_signed_in(client)


def test_staff_without_a_second_step_set_it_up_before_the_admin_opens(client, staff, settings):
    settings.TRIAL = False
    client.force_login(staff)
    response = client.get("/admin/")
    assert response.url == reverse("mfa_index")
    assert client.get("/profiel/").status_code == 200
    TOTP.activate(staff, generate_totp_secret())
    assert client.get("/admin/").url.startswith("/account/2fa/reauthenticate/")
    prove(client, method="mfa", id=Authenticator.objects.get().pk)
    assert client.get("/admin/").status_code == 200


def test_the_trial_run_asks_no_second_step(client, staff):
    client.force_login(staff)
    assert client.get("/admin/").status_code == 200


def test_the_admin_has_no_sign_in_page_of_its_own(client, outsider, staff):
    assert client.get("/admin/", follow=True).redirect_chain[-1][0] == f"{ASK}?next=/admin/"
    client.force_login(outsider)
    assert client.get("/admin/", follow=True).status_code == 404
    client.force_login(staff)
    assert client.get("/admin/login/").url == "/admin/"
