"""Dates by rule: the table of what people mean by it, and what holds for every rule there is."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dates import AMSTERDAM, local
from sessions_app.repetition import (
    MOST_DATES,
    Rule,
    RuleRefused,
    Span,
    Unit,
    check_spans,
    dates_by_rule,
    span_on,
    spans_by_hand,
    spans_by_rule,
)

NOW = datetime(2027, 1, 1, tzinfo=UTC)
YEARS = range(2026, 2029)


def quarter_past_two(year, month, day):
    return span_on(date(year, month, day), time(14, 15), time(15, 45))


@pytest.mark.parametrize(
    ("first", "rule", "days"),
    [
        ((2027, 3, 9), Rule(Unit.WEEKS, 2, times=3), [(3, 9), (3, 23), (4, 6)]),
        ((2027, 3, 9), Rule(Unit.WEEKS, 1, until=date(2027, 3, 23)), [(3, 9), (3, 16), (3, 23)]),
        ((2027, 3, 9), Rule(Unit.MONTHS_BY_WEEKDAY, 1, times=3), [(3, 9), (4, 13), (5, 11)]),
        ((2027, 1, 31), Rule(Unit.MONTHS_BY_DAY, 1, times=4), [(1, 31), (2, 28), (3, 31), (4, 30)]),
        ((2027, 3, 30), Rule(Unit.MONTHS_BY_WEEKDAY, 1, times=4), [(3, 30), (4, 27), (5, 25), (6, 29)]),
        ((2027, 3, 15), Rule(Unit.MONTHS_BY_DAY, 2, until=date(2027, 7, 14)), [(3, 15), (5, 15)]),
    ],
)
def test_a_rule_gives_the_days_that_people_mean(first, rule, days):
    assert dates_by_rule(date(*first), rule) == [date(2027, *day) for day in days]


def test_a_quarter_past_two_stays_so_when_the_clock_changes():
    spans = spans_by_rule(quarter_past_two(2027, 3, 23), Rule(Unit.WEEKS, 1, times=2))
    assert [local(span.starts_at).strftime("%d %H:%M") for span in spans] == ["30 14:15"]
    assert spans[0].starts_at.astimezone(UTC).hour == 12
    assert quarter_past_two(2027, 3, 23).starts_at.astimezone(UTC).hour == 13


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        (Rule(Unit.WEEKS, 1), "times"),
        (Rule(Unit.WEEKS, 1, times=3, until=date(2028, 1, 1)), "times"),
        (Rule(Unit.WEEKS, 1, times=1), "times"),
        (Rule(Unit.WEEKS, 1, times=10_000), "times"),
        (Rule(Unit.WEEKS, 1, until=date(9999, 12, 31)), "until"),
        (Rule(Unit.MONTHS_BY_DAY, 52, until=date(9999, 12, 31)), "until"),
        (Rule(Unit.WEEKS, 0, times=3), "every"),
        (Rule(Unit.WEEKS, 10_000, times=3), "every"),
        (Rule(Unit.WEEKS, 1, until=date(2027, 3, 9)), "until"),
    ],
)
def test_a_rule_that_makes_no_series_is_refused_at_its_field(rule, field):
    with pytest.raises(RuleRefused) as refused:
        dates_by_rule(date(2027, 3, 9), rule)
    assert refused.value.field == field


rules = st.builds(
    Rule,
    unit=st.sampled_from(Unit.values),
    every=st.integers(1, 52),
    times=st.integers(2, MOST_DATES),
)
# Between two and three at night a clock time may be missing or come twice; nobody meets then.
hours = st.tuples(st.times(), st.times()).map(sorted).filter(lambda pair: pair[0] < pair[1] and pair[0].hour > 3)


@given(first=st.dates(date(2026, 1, 1), date(2060, 12, 31)), hours=hours, rule=rules)
def test_no_rule_gives_doubles_or_disorder_and_each_keeps_the_time_on_the_clock(first, hours, rule):
    start, end = (moment.replace(second=0, microsecond=0) for moment in hours)
    if start == end:
        return
    one = span_on(first, start, end)
    spans = spans_by_rule(one, rule)
    starts = [span.starts_at for span in spans]
    assert len(spans) == rule.times - 1
    assert starts == sorted(set(starts))
    assert one.starts_at < starts[0]
    for span in spans:
        kept = local(span.starts_at.astimezone(UTC)), local(span.ends_at.astimezone(UTC))
        assert tuple(moment.time() for moment in kept) == (start, end)
    if rule.unit != Unit.MONTHS_BY_DAY:
        assert {moment.weekday() for moment in starts} == {first.weekday()}


def test_dates_by_hand_take_the_hours_of_the_first_unless_told():
    first = quarter_past_two(2027, 3, 9)
    spans = spans_by_hand("16-3-2027\n\n 2027-03-23 10:00-11.30 \n30/3/2027, 9.00 – 9.30 uur", first)
    assert [f"{local(s.starts_at):%d-%m %H:%M}/{local(s.ends_at):%H:%M}" for s in spans] == [
        "16-03 14:15/15:45",
        "23-03 10:00/11:30",
        "30-03 09:00/09:30",
    ]


@pytest.mark.parametrize(
    "text", ["", "  \n ", "31-2-2027", "morgen", "16-3-2027 25.00-26.00", "16-3-2027 15.00-14.00", "1-1-2028\n" * 60]
)
def test_what_is_no_list_of_dates_is_refused(text):
    with pytest.raises(RuleRefused) as refused:
        spans_by_hand(text, quarter_past_two(2027, 3, 9))
    assert refused.value.field == "dates"


def test_doubles_the_past_an_early_end_and_too_many_are_refused():
    one = quarter_past_two(2027, 3, 9)
    late = Span(one.starts_at, one.starts_at)
    far, first = (Span(one.starts_at.replace(year=y), one.ends_at.replace(year=y)) for y in (9999, 1))
    past = Span(NOW - timedelta(days=1), NOW)
    many = [Span(one.starts_at + timedelta(days=n), one.ends_at + timedelta(days=n)) for n in range(MOST_DATES)]
    wrong = [[one, one], [late], [past], [], [far], [first]]
    for spans, taken in [*((spans, []) for spans in wrong), ([one], [one.starts_at]), (many, [NOW])]:
        with pytest.raises(RuleRefused):
            check_spans(spans, taken=taken, years=YEARS, now=NOW)
    check_spans(many, taken=[], years=YEARS, now=NOW)
    assert one.starts_at.tzinfo is AMSTERDAM
