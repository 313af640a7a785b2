"""Before an act that matters the portal asks again who is there, also an account without password or second step."""

import re
import time

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from cryptography.fernet import Fernet
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from core.models import OutgoingMail
from members.models import User
from sessions_app.models import CalendarAddress
from tests.harness.forms import BrowserClient
from tests.harness.proving import prove

pytestmark = pytest.mark.django_db

BY_CODE = "/account/reauthenticate/code/"
COLLEAGUE = ("colleague", "practitioner")
BY_FACTOR = "/account/2fa/reauthenticate/"
CHANGE_PASSWORD = "/account/password/change/"
NEW_ADDRESS = {"email": "noor.nieuw@elders.example", "action_add": ""}


@pytest.fixture
def noor(practitioner):
    """Signs in by mailed codes alone."""
    EmailAddress.objects.create(user=practitioner, email=practitioner.email, verified=True, primary=True)
    return practitioner


@pytest.fixture
def client(client, noor):
    client.force_login(noor)
    return client


def mailed_code(number=-1):
    return re.search(r"^\s*([A-Z0-9]{3,4}-[A-Z0-9]{3,4})\s*$", mail.outbox[number].body, re.MULTILINE)[1]


def show_by_code(client, url):
    """Through the page, as a person does; gives the answer to the right code."""
    assert client.get(url).status_code == 200
    target = {"next": url.partition("?next=")[2].replace("%2F", "/")}
    client.post(BY_CODE, {"action": "send", **target})
    return client.post(BY_CODE, {"code": mailed_code(), **target})


def totp_of(person):
    """Gives what tells the code that her app shows at that moment."""
    secret = generate_totp_secret()
    TOTP.activate(person, secret)
    return lambda: format_hotp_value(hotp_value(secret, int(time.time()) // 30))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/account/password/set/"),
        ("post", "/account/password/set/"),
        ("get", "/account/2fa/totp/activate/"),
        ("post", "/account/2fa/totp/activate/"),
        ("get", "/account/2fa/webauthn/add/"),
        ("get", "/account/2fa/recovery-codes/generate/"),
        ("post", "/account/email/"),
        ("post", "/account/sessions/"),
        ("get", "/profiel/gegevens/"),
        ("post", "/profiel/gegevens/"),
        ("post", "/profiel/sluiten/"),
        ("post", "/mijn-agenda/abonneren/adres/"),
    ],
)
def test_an_account_without_a_password_is_asked_before(client, noor, method, path):
    typed = NEW_ADDRESS | {"password1": "kastanje-orgel-7", "password2": "kastanje-orgel-7", "understood": "on"}
    before = User.objects.filter(pk=noor.pk).values().get()
    response = getattr(client, method)(path, typed if method == "post" else {})
    assert response.url.startswith(BY_CODE)
    assert User.objects.filter(pk=noor.pk).values().get() == before
    assert not mail.outbox
    assert not CalendarAddress.objects.exists()
    if path.startswith("/account/password/"):
        assert "kastanje" not in str(dict(client.session)), "a password waits in no session"


def test_signing_in_a_moment_ago_is_no_showing_again(client):
    prove(client, again=False)
    assert client.post("/account/email/", NEW_ADDRESS).url.startswith(BY_CODE)


def test_having_shown_it_counts_for_ten_minutes(client):
    prove(client, ago=595)
    assert client.get("/profiel/gegevens/").status_code == 200


def test_after_ten_minutes_it_is_asked_anew(client):
    prove(client, ago=605)
    assert client.get("/profiel/gegevens/").status_code == 302


def test_what_another_person_showed_in_this_browser_counts_for_nobody_else(client, outsider):
    prove(client)
    client.force_login(outsider)
    assert client.get("/profiel/gegevens/").status_code == 302


def test_what_was_typed_is_done_after_the_code(client, noor):
    response = show_by_code(client, client.post("/account/email/", NEW_ADDRESS).url)
    assert response.url == "/account/confirm-email/"
    assert mail.outbox[-1].to == ["noor.nieuw@elders.example"]
    client.post("/account/confirm-email/", {"code": mailed_code()})
    noor.refresh_from_db()
    assert noor.email == "noor.nieuw@elders.example"


def test_a_page_that_asks_first_comes_after_the_code(client):
    response = show_by_code(client, client.get("/profiel/gegevens/").url)
    assert response.url == "/profiel/gegevens/"
    assert client.post("/profiel/gegevens/")["Content-Disposition"].startswith("attachment")


def test_closing_the_account_is_done_after_the_code(client, noor):
    response = show_by_code(client, client.post("/profiel/sluiten/", {"understood": "on"}).url)
    assert response.status_code == 302
    noor.refresh_from_db()
    assert noor.closed_at


def session_rows():
    """All that stands in the table of sessions, opened as whoever has the database could."""
    return "".join(str(row.get_decoded()) for row in Session.objects.all())


def test_what_waits_for_the_code_cannot_be_read_in_the_database(client, noor):
    url = client.post("/account/email/", NEW_ADDRESS).url
    assert "account_reauthentication_state" in session_rows()
    for word in ("noor.nieuw", "elders.example", client.cookies["sessionid"].value):
        assert word not in session_rows()
    show_by_code(client, url)
    assert mail.outbox[-1].to == ["noor.nieuw@elders.example"]


def test_what_waits_opens_in_no_other_browser(client, noor):
    url = client.post("/account/email/", NEW_ADDRESS).url
    client.cookies.pop("kept")
    assert show_by_code(client, url).url == "/account/email/"
    assert {letter.to[0] for letter in mail.outbox} == {noor.email}


def test_what_waits_is_done_for_no_other_act(client, noor):
    client.post("/account/email/", NEW_ADDRESS)
    assert show_by_code(client, client.get("/profiel/gegevens/").url).url == "/profiel/gegevens/"
    show_by_code(client, f"{BY_CODE}?next=/account/email/")
    assert {letter.to[0] for letter in mail.outbox} == {noor.email}


def test_what_waited_too_long_is_not_done(client, noor):
    url = client.post("/account/email/", NEW_ADDRESS).url
    session = client.session
    state = session["account_reauthentication_state"]["state"]
    key = client.cookies["kept"].value
    old = Fernet(key).encrypt_at_time(Fernet(key).decrypt(state["sealed"]), int(time.time()) - 3601)
    state["sealed"] = old.decode()
    session.save()
    assert show_by_code(client, url).url == "/account/email/"
    assert {letter.to[0] for letter in mail.outbox} == {noor.email}


def test_the_secret_of_a_new_app_cannot_be_read_in_the_database(client, noor):
    prove(client)
    page = "/account/2fa/totp/activate/"
    secret = client.get(page).context["form"].secret
    assert "mfa.totp.secret" in session_rows()
    assert secret not in session_rows()
    assert client.post(page, {"code": "000000"}).context["form"].secret == secret, "one more try shows the same"
    assert secret not in session_rows()
    client.post(page, {"code": format_hotp_value(hotp_value(secret, int(time.time()) // 30))})
    assert Authenticator.objects.filter(user=noor, type=Authenticator.Type.TOTP).exists()
    assert "mfa.totp.secret" not in session_rows()


def test_looking_at_the_page_mails_nothing(client):
    for _ in range(2):
        assert client.get(BY_CODE).status_code == 200
    assert not mail.outbox


def test_three_wrong_codes_end_the_code(client):
    client.post(BY_CODE, {"action": "send"})
    right = mailed_code()
    assert [client.post(BY_CODE, {"code": "AAAA-AAAA"}).status_code for _ in range(3)] == [422] * 3
    assert client.post(BY_CODE, {"code": right}).status_code == 422
    assert client.get("/profiel/gegevens/").status_code == 302


@pytest.mark.parametrize("code", ["", " ", "é" * 8, "\u202e123", "x" * 10_000, "null"])
def test_a_strange_code_is_refused(client, code):
    client.post(BY_CODE, {"action": "send"})
    assert client.post(BY_CODE, {"code": code}).status_code == 422


def test_a_code_before_one_was_mailed_is_refused(client):
    assert client.post(BY_CODE, {"code": "AAAA-AAAA"}).status_code == 422


def test_a_code_is_no_longer_right_after_a_quarter_of_an_hour(client, settings):
    client.post(BY_CODE, {"action": "send"})
    settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT = -1
    assert client.post(BY_CODE, {"code": mailed_code()}).status_code == 422


def test_the_session_holds_no_code(client):
    client.post(BY_CODE, {"action": "send"})
    assert mailed_code() not in str(dict(client.session))
    assert mailed_code().replace("-", "") not in str(dict(client.session))


def test_a_code_that_cannot_be_mailed_is_told(client, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert client.post(BY_CODE, {"action": "send"}).status_code == 503


def test_whoever_is_not_signed_in_is_sent_to_sign_in():
    assert Client().post(BY_CODE, {"action": "send"}).url.startswith("/account/login/code/")
    assert not mail.outbox


def test_who_has_a_second_step_is_asked_for_that_and_not_for_less(client, noor):
    shown_by_app = totp_of(noor)
    noor.set_password("kastanje-orgel-7")
    noor.save()
    client.force_login(noor)
    assert client.post("/account/email/", NEW_ADDRESS).url.startswith(BY_FACTOR)
    for less in (BY_CODE, "/account/reauthenticate/"):
        assert client.post(less, {"action": "send", "password": "kastanje-orgel-7"}).url.startswith(BY_FACTOR)
    assert not mail.outbox
    assert client.post("/account/email/", NEW_ADDRESS).url.startswith(BY_FACTOR)
    assert client.post(BY_FACTOR, {"code": shown_by_app(), "next": "/account/email/"}).url == "/account/confirm-email/"


def test_the_old_password_alone_makes_no_new_one_where_there_is_a_second_step(client, noor):
    totp_of(noor)
    noor.set_password("kastanje-orgel-7")
    noor.save()
    client.force_login(noor)
    typed = {"oldpassword": "kastanje-orgel-7", "password1": "vuurtoren-orgel-8", "password2": "vuurtoren-orgel-8"}
    for response in (client.get(CHANGE_PASSWORD), client.post(CHANGE_PASSWORD, typed)):
        assert response.url.startswith(BY_FACTOR)
    assert "orgel" not in str(dict(client.session)), "a password waits in no session"
    noor.refresh_from_db()
    assert noor.check_password("kastanje-orgel-7")
    prove(client, method="mfa")
    assert client.post(CHANGE_PASSWORD, typed).status_code == 302
    assert [notice.to for notice in notices()] == [noor.email]


def test_the_admin_has_no_other_way_to_change_a_password(client, staff):
    """Django's own page asked for no second step, told nobody, and left no line in the trail."""
    staff.set_password("kastanje-orgel-7")
    staff.save()
    client.force_login(staff)
    typed = {"old_password": "kastanje-orgel-7", "new_password1": "vuurtoren-8-x", "new_password2": "vuurtoren-8-x"}
    assert client.post("/admin/password_change/", typed).url == CHANGE_PASSWORD
    staff.refresh_from_db()
    assert staff.check_password("kastanje-orgel-7")
    assert b"/admin/password_change/" in client.get("/admin/").content


def test_who_has_a_password_may_use_it_or_a_code(client, noor):
    noor.set_password("kastanje-orgel-7")
    noor.save()
    client.force_login(noor)
    page = client.get(client.post("/account/email/", NEW_ADDRESS).url)
    assert BY_CODE in page.content.decode()
    assert show_by_code(client, f"{BY_CODE}?next=/account/email/").url == "/account/confirm-email/"


@pytest.mark.parametrize(
    ("act", "typed", "after"),
    [
        ("role-hand-out", {"role": "quality_officer"}, [COLLEAGUE, ("quality_officer", "practitioner")]),
        ("track-profile", {"profile": "leadership"}, [("colleague", "leadership")]),
    ],
)
def test_a_contact_is_asked_before_a_colleague_gets_more(noor, contact, act, typed, after):
    client = BrowserClient()
    client.force_login(contact)
    affiliation = noor.affiliations.get()
    response = client.post(reverse(f"members:{act}", args=[affiliation.pk]), typed)
    assert response.url.startswith(BY_CODE)
    here = noor.affiliations.order_by("pk").values_list("role", "track_profile")
    assert list(here) == [COLLEAGUE]
    show_by_code(client, response.url)
    assert list(here.all()) == after


def test_the_address_of_the_own_calendar_is_shown_to_who_was_asked(client, noor):
    prove(client)
    client.post("/mijn-agenda/abonneren/adres/")
    token = CalendarAddress.objects.get().token
    assert token in client.get("/mijn-agenda/abonneren/").content.decode()
    client.force_login(noor)
    other = Client()
    other.force_login(noor)
    response = other.get("/mijn-agenda/abonneren/")
    assert response.url.startswith(BY_CODE)
    assert token not in response.content.decode()


# Notices, and other devices


@pytest.fixture
def elsewhere(noor):
    other = Client()
    other.force_login(noor)
    return other


def notices():
    return list(OutgoingMail.objects.filter(kind="members.credential_changed"))


def test_the_old_address_is_told_of_the_new_and_other_devices_are_signed_out(client, noor, elsewhere):
    prove(client)
    client.post("/account/email/", NEW_ADDRESS)
    client.post("/account/confirm-email/", {"code": mailed_code()})
    [notice] = notices()
    assert notice.to == "noor@horizonhulp.example"
    assert "noor.nieuw" not in notice.text, "who reads the old mailbox need not learn the new address"
    assert elsewhere.get("/profiel/").status_code == 302
    assert client.get("/profiel/").status_code == 200


def test_a_first_password_is_told_and_other_devices_are_signed_out(client, noor, elsewhere):
    prove(client)
    client.post("/account/password/set/", {"password1": "kastanje-orgel-7", "password2": "kastanje-orgel-7"})
    assert [notice.to for notice in notices()] == [noor.email]
    assert elsewhere.get("/profiel/").status_code == 302
    assert client.get("/profiel/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_an_app_added_and_taken_away_is_told_and_other_devices_are_signed_out(client, noor, elsewhere):
    prove(client)
    secret = client.get("/account/2fa/totp/activate/").context["form"].secret
    client.post("/account/2fa/totp/activate/", {"code": format_hotp_value(hotp_value(secret, int(time.time()) // 30))})
    assert Authenticator.objects.filter(user=noor, type=Authenticator.Type.TOTP).exists()
    assert len(notices()) == 1
    assert elsewhere.get("/profiel/").status_code == 302
    elsewhere.force_login(noor)
    client.post("/account/2fa/totp/deactivate/")
    assert len(notices()) == 2
    assert not Authenticator.objects.filter(user=noor).exists()
    assert elsewhere.get("/profiel/").status_code == 302


@pytest.mark.django_db(transaction=True)
def test_new_spare_codes_are_told(client, noor):
    totp_of(noor)
    RecoveryCodes.activate(noor)
    prove(client, method="mfa")
    client.post("/account/2fa/recovery-codes/generate/")
    assert len(notices()) == 1


def test_a_mail_server_that_is_away_keeps_no_password_from_being_set(client, noor, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    prove(client)
    response = client.post("/account/password/set/", {"password1": "kastanje-orgel-7", "password2": "kastanje-orgel-7"})
    assert response.status_code == 302
    assert len(notices()) == 1, "it waits in the outbox"


def test_signing_up_is_no_change(client, noor):
    visitor = Client()
    visitor.post("/account/signup/", {"email": "nieuw@elders.example", "name": "Nieuw"})
    visitor.post("/account/confirm-email/", {"code": mailed_code()})
    assert not notices()


NO_PASSKEYS = ["{", "null", "[]", '"x"', '{"id":1}', "9" * 5_000, "[" * 2_000, '{"a":"\\ud800"}', '{"response":{}}']


def test_what_is_no_answer_of_a_passkey_is_refused(client, noor):
    prove(client)
    client.get("/account/2fa/webauthn/add/")
    visitor = Client()
    visitor.get("/account/login/")
    for credential in NO_PASSKEYS:
        added = client.post("/account/2fa/webauthn/add/", {"credential": credential, "name": "x"})
        assert added.status_code == 422, credential[:40]
        assert visitor.post("/account/2fa/webauthn/login/", {"credential": credential}).status_code in (302, 422)
        cache.clear()
    assert not Authenticator.objects.exists()


def test_its_mail_says_why_it_comes():
    """Nobody filled in an address here: whoever is asked is signed in."""
    context = {"code": "ABCD-EFGH", "subject": "x"}
    for end in ("txt", "html"):
        mail_text = render_to_string(f"account/email/reauthentication_code_message.{end}", context)
        assert "omdat je een account hebt" in mail_text
        assert "is ingevuld" not in mail_text
