from datetime import date, datetime, timedelta

import pytest
from django.utils.translation import override

from core.dates import AMSTERDAM, is_day_off, working_days_after, working_days_between
from sessions_app.calendar_warnings import periods, warnings_for


def warnings(year, month, day, *, belgian=False, days=0):
    start = datetime(year, month, day, 14, tzinfo=AMSTERDAM)
    with override("en"):
        return warnings_for(start, start + timedelta(hours=2, days=days), belgian=belgian)


def test_an_ordinary_day_warns_of_nothing():
    assert warnings(2026, 11, 26) == []


@pytest.mark.parametrize(
    ("day", "words"),
    {
        (2026, 11, 28): "weekend",
        (2026, 4, 27): "King's Day",
        (2027, 5, 5): "Liberation Day",
        (2026, 10, 15): "autumn holiday, region noord",
        (2027, 2, 16): "spring holiday, region zuid",
        (2026, 12, 30): "Christmas holiday",
        (2027, 9, 2): "summer holiday, region zuid",
        (2026, 9, 15): "Prinsjesdag",
        (2027, 7, 1): "Keti Koti",
        (2027, 2, 20): "Ramadan",
        (2026, 8, 28): "summer recess",
        (2026, 5, 15): "Friday after Ascension",
    }.items(),
)
def test_what_stands_in_the_way_is_named(day, words):
    assert words in " ".join(warnings(*day))


@pytest.mark.parametrize(
    ("day", "words"),
    {(2026, 7, 21): "Belgium", (2026, 11, 11): "Armistice", (2026, 11, 4): "Flanders", (2027, 3, 30): "Easter"}.items(),
)
def test_belgian_days_count_only_when_a_belgian_organisation_takes_part(day, words):
    assert words not in " ".join(warnings(*day))
    assert words in " ".join(warnings(*day, belgian=True))


def test_a_session_of_several_days_is_warned_of_each():
    assert len([line for line in warnings(2026, 11, 27, days=2) if "weekend" in line]) == 2


def test_a_session_late_at_night_is_placed_in_dutch_time():
    start = datetime(2026, 4, 26, 23, 30, tzinfo=AMSTERDAM)
    assert any("Koningsdag" in line for line in warnings_for(start, start + timedelta(hours=2), belgian=False))


@pytest.mark.parametrize("name", ["school_holidays.yaml", "special_days.yaml"])
def test_every_row_of_the_data_is_a_period_with_a_source(name):
    for row in periods(name):
        assert row.first <= row.last
        assert row.source
        assert row.country in ("NL", "BE")
        assert date(2025, 12, 1) < row.last < date(2028, 2, 1)


def test_each_region_has_its_five_school_holidays_in_both_years():
    for year in (2026, 2027):
        for region in ("noord", "midden", "zuid"):
            names = {
                row.name
                for row in periods("school_holidays.yaml")
                if row.country == "NL" and row.first.year == year and (not row.region or region in row.region)
            }
            assert len(names) == 5, (year, region)


def test_the_first_answer_comes_within_ten_working_days_around_christmas():
    sent = datetime(2026, 12, 17, 10, tzinfo=AMSTERDAM)
    answer = working_days_after(sent, 10, is_day_off)
    # 18, 21-24 and 28-31 December and 4 January: 25 December and 1 January are public holidays.
    assert answer.date() == date(2027, 1, 4)
    assert working_days_between(sent, answer, is_day_off) == 10
