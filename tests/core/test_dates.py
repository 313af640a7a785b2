from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils.translation import override

from core import dates

START = datetime(2026, 10, 15, 12, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("nl", "donderdag 15 oktober 2026, 14.15-15.45 uur, Nederlandse tijd"),
        ("en", "Thursday 15 October 2026, 14:15-15:45, Dutch time"),
    ],
)
def test_a_moment_is_in_words_and_in_dutch_time(language, words):
    with override(language):
        assert dates.span(START, START + timedelta(minutes=90)) == words


def test_over_the_clock_change_the_hour_on_the_wall_stays():
    with override("nl"):
        winter = datetime(2026, 11, 12, 13, 15, tzinfo=UTC)
        assert dates.clock(winter) == dates.clock(START) == "14.15"


def test_working_days_skip_weekends_and_days_off():
    monday = datetime(2026, 12, 28, 9, 0, tzinfo=UTC)
    before = dates.working_days_before(monday, 1, lambda day: day == date(2026, 12, 25))
    assert before.date() == date(2026, 12, 24)
