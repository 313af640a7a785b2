from datetime import date

import pytest

from sessions_app.periods import has_passed

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    "text",
    ["15 maart 2026", "maart 2026", "March 2026", "15-03-2026", "22/11/2026", "2026-01-31", "in 2025", "22 nov 2026"],
)
def test_a_period_that_is_over_has_passed(text):
    assert has_passed(text, TODAY)


@pytest.mark.parametrize(
    "text",
    [
        "", "voorjaar", "zo snel mogelijk", "november 2026", "23 november 2026", "2026", "maart 2027", "15-03-2027",
        "na maart 2026, liefst in 2027", "31-02-2026", "99-99-2020", "kamer 2099", "🌍", "٢٠٢٠",
    ],
)  # fmt: skip
def test_a_period_that_is_to_come_or_says_nothing_has_not(text):
    assert not has_passed(text, TODAY)
