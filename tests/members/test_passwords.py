"""Passwords of Dutch words and of words of this house are refused."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from members.passwords import is_made_of_known_words, known_words
from tests.harness.proving import prove

GUESSED_FIRST = [
    "wachtwoord123",
    "partospartos",
    "Wachtwoord2026!",
    "WACHTWOORD-123",
    "w4chtw00rd123",
    "p@rt0sp@rt0s",
    "partosparto5",
    "Welkom01Welkom01",
    "zomer2026zomer",
    "netwerkenleren",
    "Netwerk en Leren",
    "!!partosportaal!!",
    "geheim g3h31m 1",
    "leerl1jnen2026",
    "méimaartjuni",
    "123456789012",
    "welkom bij partos",
]
FINE = ["kastanje-orgel-7", "vuurtoren schommelt zacht", "Kx7!pq-9zTr&w2", "partos zonder gxkwl", "wachtwoordjkwp"]


@pytest.mark.parametrize("password", GUESSED_FIRST)
def test_what_is_guessed_first_is_refused(password):
    assert is_made_of_known_words(password)
    with pytest.raises(ValidationError):
        validate_password(password)


@pytest.mark.parametrize("password", FINE)
def test_what_holds_something_else_is_not(password):
    assert not is_made_of_known_words(password)
    validate_password(password)


def test_a_very_long_password_is_judged_at_once():
    assert is_made_of_known_words("partos" * 100_000)


def test_the_list_is_words_in_lower_case():
    assert len(known_words()) > 250
    assert all(word.isascii() and word.isalpha() and word.islower() for word in known_words())


@pytest.mark.django_db
@pytest.mark.parametrize("password", ["wachtwoord123", "partospartos"])
def test_the_page_says_why(client, practitioner, password):
    client.force_login(practitioner)
    prove(client)
    response = client.post("/account/password/set/", {"password1": password, "password2": password})
    assert response.status_code == 422
    [code] = [error.code for error in response.context["form"].errors.as_data()["password1"]]
    assert code == "password_of_known_words"
    practitioner.refresh_from_db()
    assert not practitioner.has_usable_password()
