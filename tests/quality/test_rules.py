from datetime import date, timedelta

import pytest

from quality.rules import CertificateStatus as C
from quality.rules import Dates, due_step, next_date, next_surveillance, status

TODAY = date(2026, 6, 1)


def certificate(**fields):
    """Decided in March 2026 for three years, unless told otherwise."""
    return Dates(**{"decided": date(2026, 3, 2), "expires": date(2029, 3, 1), **fields})


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, C.ACTIVE),
        ({"decided": None, "expires": None}, C.PREPARING),
        ({"decided": TODAY + timedelta(days=1)}, C.PREPARING),
        ({"decided": TODAY, "expires": date(2029, 6, 1)}, C.ACTIVE),
        ({"decided": date(2023, 6, 1), "expires": TODAY}, C.RECERTIFICATION_DUE),
        ({"decided": date(2023, 6, 1), "expires": TODAY - timedelta(days=1)}, C.EXPIRED),
        ({"expires": TODAY + timedelta(days=270)}, C.RECERTIFICATION_DUE),
        ({"expires": TODAY + timedelta(days=271)}, C.ACTIVE),
        ({"decided": date(2025, 8, 30), "expires": date(2028, 8, 29)}, C.SURVEILLANCE_DUE),
        ({"decided": date(2025, 8, 31), "expires": date(2028, 8, 30)}, C.ACTIVE),
        ({"suspended": TODAY}, C.SUSPENDED),
        ({"suspended": TODAY + timedelta(days=1)}, C.ACTIVE),
        ({"suspended": TODAY, "withdrawn": TODAY}, C.WITHDRAWN),
        ({"suspended": TODAY, "expires": TODAY - timedelta(days=1)}, C.EXPIRED),
        ({"decided": None, "withdrawn": TODAY}, C.WITHDRAWN),
    ],
)
def test_the_gravest_thing_that_is_true_is_the_status(fields, expected):
    assert status(certificate(**fields), today=TODAY) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, date(2027, 3, 2)),
        ({"decided": date(2024, 2, 29), "expires": date(2027, 2, 28)}, date(2025, 2, 28)),
        ({"last_surveillance": date(2027, 1, 20)}, date(2028, 12, 31)),
        ({"last_surveillance": date(2026, 11, 5)}, date(2027, 12, 31)),
        ({"last_surveillance": date(2028, 2, 1)}, None),
        ({"last_surveillance": date(2025, 6, 1)}, date(2027, 3, 2)),
        ({"decided": None}, None),
        ({"expires": date(2027, 2, 1)}, None),
    ],
    ids=["first", "leap day", "second", "early", "recertification year", "of an earlier cycle", "undecided", "short"],
)
def test_surveillance_is_due_within_a_year_and_then_each_calendar_year(fields, expected):
    assert next_surveillance(certificate(**fields)) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, date(2027, 3, 2)),
        ({"decided": None, "expires": None}, None),
        ({"expires": TODAY + timedelta(days=30)}, TODAY + timedelta(days=30)),
        ({"decided": date(2025, 8, 30), "expires": date(2028, 8, 29)}, date(2026, 8, 30)),
        ({"suspended": TODAY}, date(2029, 3, 1)),
        ({"withdrawn": TODAY}, None),
    ],
)
def test_the_next_date_is_the_one_that_counts_now(fields, expected):
    assert next_date(certificate(**fields), today=TODAY) == expected


@pytest.mark.parametrize(
    ("days_left", "step"),
    [(271, None), (270, 270), (181, 270), (180, 180), (91, 180), (90, 90), (31, 90), (30, 30), (0, 30), (-1, None)],
)
def test_the_latest_step_before_expiry_counts(days_left, step):
    assert due_step(certificate(expires=TODAY + timedelta(days=days_left)), today=TODAY) == step


@pytest.mark.parametrize("fields", [{"decided": None}, {"withdrawn": TODAY}])
def test_what_is_not_in_force_has_no_step(fields):
    assert due_step(certificate(**{"expires": TODAY + timedelta(days=30), **fields}), today=TODAY) is None


def test_a_suspended_certificate_still_has_to_be_renewed():
    assert due_step(certificate(expires=TODAY + timedelta(days=30), suspended=TODAY), today=TODAY) == 30
