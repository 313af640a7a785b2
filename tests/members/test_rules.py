import pytest

from members.rules import (
    MOVES,
    AffiliationState,
    is_confirmed_at_once,
    is_mail_domain,
    is_registration_number,
    mail_domain,
)

REQUESTED, CONFIRMED, ENDED = AffiliationState.REQUESTED, AffiliationState.CONFIRMED, AffiliationState.ENDED
ALLOWED = {(REQUESTED, CONFIRMED), (REQUESTED, ENDED), (CONFIRMED, ENDED)}


@pytest.mark.parametrize("old", AffiliationState)
@pytest.mark.parametrize("new", AffiliationState)
def test_an_affiliation_only_goes_forward(old, new):
    assert MOVES.allows(old, new) == ((old, new) in ALLOWED)


@pytest.mark.parametrize(
    ("value", "valid"),
    [
        ("00000001", True),
        ("0123456789", True),
        ("1123456789", True),
        ("2123456789", False),
        ("0000001", False),
        ("000000001", False),
        ("0000000a", False),
        ("٠١٢٣٤٥٦٧", False),
        ("", False),
    ],
)
def test_a_registration_number_is_dutch_or_belgian(value, valid):
    assert is_registration_number(value) is valid


@pytest.mark.parametrize(
    ("value", "valid"),
    [
        ("horizonhulp.example", True),
        ("nl.horizonhulp.example", True),
        ("horizonhulp", False),
        ("@horizonhulp.example", False),
        ("-a.example", False),
        ("a..example", False),
        ("a b.example", False),
        ("https://a.example/", False),
        ("a." * 200 + "example", True),
    ],
)
def test_a_mail_domain_is_what_stands_behind_the_at_sign(value, valid):
    assert is_mail_domain(value) is valid


def test_the_last_at_sign_counts():
    assert mail_domain('"a@b"@Horizonhulp.Example') == "horizonhulp.example"


@pytest.mark.parametrize(
    ("confirms_at_once", "knows_domain", "was_here_before", "expected"),
    [
        (True, True, False, True),
        (True, True, True, False),
        (True, False, False, False),
        (False, True, False, False),
    ],
)
def test_only_a_newcomer_with_a_known_domain_is_confirmed_at_once(
    confirms_at_once, knows_domain, was_here_before, expected
):
    at_once = is_confirmed_at_once(
        confirms_at_once=confirms_at_once, knows_domain=knows_domain, was_here_before=was_here_before
    )
    assert at_once is expected
