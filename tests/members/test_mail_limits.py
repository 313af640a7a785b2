"""How often anybody can make the portal mail an address that is not his."""

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from tests.factories.members import UserFactory
from tests.harness.proving import prove

pytestmark = pytest.mark.django_db

STRANGER = "niemand@elders.example"
DOORS = {
    "/account/login/code/": {"email": STRANGER},
    "/account/signup/": {"email": STRANGER, "name": "Wie Dan Ook (fictief)"},
    "/account/password/reset/": {"email": STRANGER},
}


@pytest.fixture(autouse=True)
def without_the_limits_of_a_minute(settings):
    """They come first; this is about the day."""
    off = ["request_login_code", "reset_password", "signup", "confirm_email", "login", "manage_email", "reauthenticate"]
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | dict.fromkeys(off, "")


def knock(door, **changes):
    """As a browser that was never here."""
    return Client().post(door, DOORS[door] | changes)


@pytest.mark.parametrize("door", DOORS)
def test_a_stranger_gets_at_most_ten_mails_a_day_by_one_door(door):
    answers = {(knock(door).status_code, knock(door).url) for _ in range(8)}
    assert len(answers) == 1, "and the answer stays the same"
    assert len(mail.outbox) == 10


def test_all_doors_count_together_and_every_way_to_write_the_address():
    for number in range(6):
        for door in DOORS:
            knock(door, email=["Niemand@Elders.example", STRANGER, f"niemand+{number}@elders.example"][number % 3])
    assert len(mail.outbox) == 10


def test_somebody_signed_in_cannot_mail_a_stranger_more_often_either(practitioner):
    EmailAddress.objects.create(user=practitioner, email=practitioner.email, verified=True, primary=True)
    client = Client()
    client.force_login(practitioner)
    prove(client)
    for _ in range(12):
        client.post("/account/email/", {"email": STRANGER, "action_add": ""})
    assert len([message for message in mail.outbox if message.to == [STRANGER]]) == 10


def test_the_page_is_the_same_and_true_when_the_mail_stays_away():
    door = "/account/login/code/"
    pages = []
    for _ in range(12):
        client = Client()
        page = client.post(door, DOORS[door], follow=True).content.decode().partition("<main")[2]
        pages.append(page.replace(client.cookies["csrftoken"].value, ""))
    assert "hoogstens tien van zulke mails per dag" in pages[-1]
    assert "We hebben een code gemaild" not in pages[-1]


def test_an_account_that_nobody_confirmed_is_a_stranger_too():
    person = UserFactory(email="gast@elders.example")
    for _ in range(12):
        knock("/account/login/code/", email=person.email)
    assert len(mail.outbox) == 10


def test_a_stranger_keeps_nobody_from_signing_in_elsewhere():
    person = UserFactory(email="noor@horizonhulp.example")
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    for _ in range(40):
        knock("/account/login/code/", email=person.email)
    assert len(mail.outbox) == 30
    Client(REMOTE_ADDR="203.0.113.9").post("/account/login/code/", {"email": person.email})
    assert len(mail.outbox) == 31


def test_mail_that_did_not_leave_does_not_count(settings):
    right, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    for _ in range(11):
        assert knock("/account/login/code/").status_code == 503
    settings.EMAIL_BACKEND = right
    assert knock("/account/login/code/").status_code == 302
    assert len(mail.outbox) == 1
