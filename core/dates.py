"""Moments in words, in Dutch time, so that nobody has to know a time zone abbreviation (domain.md 5.2, 5.6)."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext
from holidays import country_holidays

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
# Liberation Day is no general day off in the Netherlands, and yet a day on which many are.
DUTCH_DAYS_OFF = ("public", "optional")


def local(moment: datetime) -> datetime:
    return moment.astimezone(AMSTERDAM)


def in_words(moment: datetime | date, form: str) -> str:
    """One of Django's date formats in the active language; of a moment its Dutch time."""
    return _in_words(moment, form, get_language())


@lru_cache(maxsize=4096)  # a list writes the same few days over and over
def _in_words(moment: datetime | date, form: str, language: str) -> str:
    return date_format(local(moment) if isinstance(moment, datetime) else moment, form)


def day(moment: datetime | date) -> str:
    """`donderdag 15 oktober 2026`, `Thursday 15 October 2026`."""
    return in_words(moment, "l j F Y")


def clock(moment: datetime) -> str:
    """`14.15` in Dutch, `14:15` in English."""
    return local(moment).strftime("%H.%M" if get_language() == "nl" else "%H:%M")


def span(start: datetime, end: datetime, *, zone: bool = True) -> str:
    """`donderdag 15 oktober 2026, 14.15-15.45 uur, Nederlandse tijd`; the end's day only when it differs."""
    hours = f"{clock(start)}-{clock(end)}"
    if local(start).date() != local(end).date():
        hours = f"{clock(start)} - {day(end)}, {clock(end)}"
    words = gettext("{day}, {hours}").format(day=day(start), hours=hours)
    if get_language() == "nl":
        words += " uur"
    dutch_time = gettext("Dutch time")
    return f"{words}, {dutch_time}" if zone else words


def is_day_off(moment: date) -> bool:
    """A Dutch public holiday. Weekends are no part of it."""
    return moment in _days_off(moment.year)


@lru_cache(maxsize=16)
def _days_off(year: int) -> frozenset[date]:
    return frozenset(country_holidays("NL", years=[year], categories=DUTCH_DAYS_OFF))


def as_long_before(moment: datetime, start: datetime, new_start: datetime) -> datetime:
    """As many days and hours on the clock before `new_start` as `moment` is before `start`."""
    on_the_clock = local(start).replace(tzinfo=None) - local(moment).replace(tzinfo=None)
    return (local(new_start).replace(tzinfo=None) - on_the_clock).replace(tzinfo=AMSTERDAM)


def working_days_before(moment: datetime, days: int, is_free) -> datetime:
    """The same hour, `days` working days earlier; `is_free(date)` tells days off beside weekends."""
    found = local(moment)
    while days:
        found -= timedelta(days=1)
        if found.weekday() < 5 and not is_free(found.date()):
            days -= 1
    return found


def working_days_after(moment: datetime, days: int, is_free) -> datetime:
    """The same hour, `days` working days later; `is_free(date)` tells days off beside weekends."""
    found = local(moment)
    while days:
        found += timedelta(days=1)
        if found.weekday() < 5 and not is_free(found.date()):
            days -= 1
    return found


def working_days_between(earlier: datetime, later: datetime, is_free) -> int:
    """Working days that have begun after the day of `earlier`, up to and including the day of `later`."""
    first, last = local(earlier).date(), local(later).date()
    passed = (first + timedelta(days=number) for number in range(1, (last - first).days + 1))
    return sum(1 for day in passed if day.weekday() < 5 and not is_free(day))
