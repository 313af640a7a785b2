"""The dates of a series by rule or as staff type them, in Dutch time on the clock (domain.md 4.1). No query, no clock.

A rule keeps what people call the same moment: 14.15 stays 14.15 when the clock changes, the 31st is the last day of a
shorter month, and the fifth Tuesday is the last one of a month that has four.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import takewhile

from dateutil.relativedelta import relativedelta
from dateutil.rrule import MONTHLY, WEEKLY, rrule, weekday
from django.db.models import TextChoices
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.dates import AMSTERDAM, day, local
from core.moves import Refused
from core.years import outside

MOST_DATES = 60
MOST_EVERY = 52
TOO_MANY = format_lazy(_("This makes more than {most} dates. Choose fewer, or an earlier last day."), most=MOST_DATES)


class Unit(TextChoices):
    WEEKS = "weeks", _("weeks, on the same weekday")
    MONTHS_BY_WEEKDAY = "months_by_weekday", _("months, on the same weekday (as the second Tuesday)")
    MONTHS_BY_DAY = "months_by_day", _("months, on the same day of the month")


class RuleRefused(Refused):
    """These dates can not be made, and why."""


@dataclass(frozen=True)
class Span:
    """One date of a series: from when to when."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Rule:
    """Each `every` units, for a number of `times` (the first one too) or up to and including the day `until`."""

    unit: str
    every: int
    times: int | None = None
    until: date | None = None


def dates_by_rule(first: date, rule: Rule) -> list[date]:
    """The days of the series from `first` on, which is one of them.

    Computes no more than one day beyond the most that there may be. Raises RuleRefused for a rule without an end or
    with two, one that makes more than MOST_DATES days, and one that ends before it begins.
    """
    if not 1 <= rule.every <= MOST_EVERY:
        raise RuleRefused(gettext("Give a number from 1 to %(most)s.") % {"most": MOST_EVERY}, field="every")
    if (rule.times is None) == (rule.until is None):
        raise RuleRefused(_("Tell how many times, or until which day: one of the two."), field="times")
    if rule.times is not None and rule.times < 2:
        raise RuleRefused(_("A series has at least two dates."), field="times")
    if rule.times is not None and rule.times > MOST_DATES:
        raise RuleRefused(TOO_MANY, field="times")
    if rule.until is not None and rule.until <= first:
        raise RuleRefused(_("The last day must be after the first date."), field="until")
    days = list(_days(first, rule, rule.times or MOST_DATES + 1))
    if rule.until is not None:
        last = rule.until
        days = list(takewhile(lambda found: found <= last, days))
    if len(days) > MOST_DATES:
        raise RuleRefused(TOO_MANY, field="until")
    return days


def _days(first: date, rule: Rule, number: int) -> Iterable[date]:
    if rule.unit == Unit.MONTHS_BY_DAY:
        return [first + relativedelta(months=rule.every * step) for step in range(number)]
    start = datetime.combine(first, time())
    if rule.unit == Unit.MONTHS_BY_WEEKDAY:
        which = (first.day - 1) // 7 + 1
        same = weekday(first.weekday(), which if which < 5 else -1)
        found = rrule(MONTHLY, dtstart=start, interval=rule.every, byweekday=same, count=number)
    else:
        found = rrule(WEEKLY, dtstart=start, interval=rule.every, count=number)
    return [moment.date() for moment in found]


def span_on(when: date, start: time, end: time) -> Span:
    """From `start` to `end` on the clock of that day. Raises RuleRefused for an end that is not after the start."""
    if end <= start:
        raise RuleRefused(_("The end must be after the start."), field="dates")
    return Span(*(datetime.combine(when, moment, tzinfo=AMSTERDAM) for moment in (start, end)))


def spans_by_rule(first: Span, rule: Rule) -> list[Span]:
    """The dates after `first`, at the same hours on the clock. Raises RuleRefused as `dates_by_rule` does."""
    start, end = local(first.starts_at), local(first.ends_at)
    if start.date() != end.date():
        raise RuleRefused(_("A date of a series begins and ends on one day."))
    days = dates_by_rule(start.date(), rule)
    return [span_on(when, start.time(), end.time()) for when in days if when != start.date()]


LINE = re.compile(
    r"(?:(?P<d>\d{1,2})[-/](?P<m>\d{1,2})[-/](?P<y>\d{4})|(?P<iso>\d{4}-\d{1,2}-\d{1,2}))"
    r"(?:[ ,]+(?P<start>\d{1,2}[.:]\d{2})\s*[-–]\s*(?P<end>\d{1,2}[.:]\d{2})(?: uur)?)?"
)


def _time(text: str) -> time:
    hours, minutes = re.split("[.:]", text)
    return time(int(hours), int(minutes))


def spans_by_hand(text: str, first: Span) -> list[Span]:
    """One date a line: `15-3-2027`, or `15-3-2027 14.15-15.45` for other hours than those of `first`.

    Raises RuleRefused, naming the line that is no date, for more than MOST_DATES lines and for none.
    """
    lines = [row.strip() for row in text.splitlines() if row.strip()]
    if not lines:
        raise RuleRefused(_("Write down at least one date."), field="dates")
    if len(lines) >= MOST_DATES:
        raise RuleRefused(TOO_MANY, field="dates")
    return [_read(row, first) for row in lines]


def _read(row: str, first: Span) -> Span:
    wrong = RuleRefused(
        gettext("“%(line)s” is no date. Write it as 15-3-2027, or with hours as 15-3-2027 14.15-15.45.")
        % {"line": row[:60]},
        field="dates",
    )
    found = LINE.fullmatch(row)
    if found is None:
        raise wrong
    year, month, number = found["iso"].split("-") if found["iso"] else (found["y"], found["m"], found["d"])
    try:
        when = date(int(year), int(month), int(number))
        start, end = (
            _time(found[name]) if found[name] else local(moment).time()
            for name, moment in (("start", first.starts_at), ("end", first.ends_at))
        )
    except ValueError:
        raise wrong from None
    if end <= start:
        raise RuleRefused(gettext("“%(line)s”: the end must be after the start.") % {"line": row[:60]}, field="dates")
    return span_on(when, start, end)


def check_spans(spans: Sequence[Span], *, taken: Iterable[datetime], years: range, now: datetime) -> None:
    """Raise RuleRefused for dates that can not stand beside each other and beside the starts that are `taken`.

    That is none at all, too many, one outside `years`, an end before the start, a date that has passed, or two that
    begin at one moment.
    """
    starts = set(taken)
    if not spans:
        raise RuleRefused(_("Choose at least one date."), field="dates")
    if len(spans) + len(starts) > MOST_DATES:
        raise RuleRefused(TOO_MANY, field="dates")
    for span in spans:
        if not {span.starts_at.year, span.ends_at.year} <= set(years):
            raise RuleRefused(outside(years), field="dates")
        when = {"day": day(span.starts_at)}
        if span.ends_at <= span.starts_at:
            raise RuleRefused(gettext("%(day)s: the end must be after the start.") % when, field="dates")
        if span.starts_at <= now:
            raise RuleRefused(gettext("%(day)s has passed. Choose dates that are still to come.") % when, field="dates")
        if span.starts_at in starts:
            raise RuleRefused(gettext("%(day)s is in it twice at the same hour.") % when, field="dates")
        starts.add(span.starts_at)
