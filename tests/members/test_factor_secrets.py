"""The secrets of a second step stand encrypted in the database."""

import json
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.utils import decrypt
from cryptography.fernet import InvalidToken
from django.core.management import call_command

pytestmark = pytest.mark.django_db


def shown_by_the_app(secret):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


@pytest.fixture
def secret():
    return generate_totp_secret()


@pytest.fixture
def row(practitioner, secret):
    return TOTP.activate(practitioner, secret).instance


def kept():
    return json.dumps(list(Authenticator.objects.values_list("data", flat=True)))


def test_the_database_does_not_tell_the_secret_of_an_app(row, secret):
    assert secret not in kept()
    assert row.wrap().validate_code(shown_by_the_app(secret))


def test_the_database_does_not_tell_the_spare_codes(practitioner, row):
    codes = RecoveryCodes.activate(practitioner)
    shown = codes.get_unused_codes()
    assert not [code for code in shown if code in kept()]
    assert "gAAAA" in codes.instance.data["seed"]
    assert codes.validate_code(shown[0])


def test_without_the_key_it_opens_nothing(row, secret, settings):
    settings.MFA_KEY = "another-key-" * 6
    with pytest.raises(InvalidToken):
        row.wrap().validate_code(shown_by_the_app(secret))


def test_a_new_key_opens_what_the_old_one_closed_and_then_the_old_one_can_go(row, secret, settings):
    old, settings.MFA_KEY = settings.MFA_KEY, "another-key-" * 6
    settings.MFA_KEY_FALLBACKS = [old]
    assert row.wrap().validate_code(shown_by_the_app(secret))
    call_command("encrypt_factors", verbosity=0)
    settings.MFA_KEY_FALLBACKS = []
    row.refresh_from_db()
    assert decrypt(row.data["secret"]) == secret


def test_what_stood_in_the_clear_is_encrypted(practitioner, secret):
    row = Authenticator.objects.create(user=practitioner, type=Authenticator.Type.TOTP, data={"secret": secret})
    call_command("encrypt_factors", verbosity=0)
    row.refresh_from_db()
    assert secret not in kept()
    assert row.wrap().validate_code(shown_by_the_app(secret))


def test_what_an_unknown_key_closed_is_left_as_it_is(row, settings):
    before = kept()
    settings.MFA_KEY = "another-key-" * 6
    with pytest.raises(InvalidToken):
        call_command("encrypt_factors", verbosity=0)
    assert kept() == before
