"""What stands in the way of a date: weekends, public and school holidays, days that matter to partners (domain.md 5.7).

Staff are warned and never stopped. Belgian days count only when a Belgian organisation takes part.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

import yaml
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from holidays import country_holidays

from core.dates import DUTCH_DAYS_OFF, day, local

DATA = Path(__file__).parent / "data"
SATURDAY = 5
COUNTRIES = ("NL", "BE")
CATEGORIES = {"NL": DUTCH_DAYS_OFF, "BE": ("public",)}


@dataclass(frozen=True)
class Period:
    """A named row of the data files; both days belong to it."""

    name: str
    name_en: str
    first: date
    last: date
    source: str
    country: str = "NL"
    region: str = ""
    advice: bool = False
    expected: bool = False

    def holds(self, first: date, last: date) -> bool:
        return self.first <= last and first <= self.last

    @property
    def label(self) -> str:
        return self.name_en if get_language() == "en" else self.name


def warnings_for(start: datetime, end: datetime, *, belgian: bool) -> list[str]:
    """A sentence for each thing that a session from `start` to `end` runs into; empty when nothing does."""
    first, last = local(start).date(), local(end).date()
    countries = COUNTRIES if belgian else COUNTRIES[:1]
    return [
        *_weekends(first, last),
        *_public_holidays(first, last, countries),
        *_school_holidays(first, last, countries),
        *_special_days(first, last, countries),
    ]


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _weekends(first: date, last: date) -> Iterator[str]:
    for moment in _days(first, last):
        if moment.weekday() >= SATURDAY:
            yield _("%(day)s is in the weekend.") % {"day": capfirst(day(moment))}


def _public_holidays(first: date, last: date, countries: tuple[str, ...]) -> Iterator[str]:
    language = "en_US" if get_language() == "en" else "nl"
    for country in countries:
        for moment in _days(first, last):
            if name := _holidays_of(country, moment.year, language).get(moment):
                text = _("%(day)s is a public holiday in the Netherlands: %(name)s.")
                if country == "BE":
                    text = _("%(day)s is a public holiday in Belgium: %(name)s.")
                yield text % {"day": capfirst(day(moment)), "name": name}


def _school_holidays(first: date, last: date, countries: tuple[str, ...]) -> Iterator[str]:
    for period in periods("school_holidays.yaml"):
        if period.country in countries and period.holds(first, last):
            if period.country == "BE":
                text = _("School holiday in Flanders: %(name)s.")
            elif period.region:
                text = _("School holiday: %(name)s, region %(region)s.")
            else:
                text = _("School holiday in the whole country: %(name)s.")
            sentence = text % {"name": period.label, "region": period.region}
            advice = _("Schools may choose other weeks.")
            yield f"{sentence} {advice}" if period.advice else sentence


def _special_days(first: date, last: date, countries: tuple[str, ...]) -> Iterator[str]:
    for period in periods("special_days.yaml"):
        if period.country in countries and period.holds(first, last):
            text = _("This is around %(name)s.") if period.expected else _("This day is %(name)s.")
            yield text % {"name": period.label}


@cache
def _holidays_of(country: str, year: int, language: str) -> dict[date, str]:
    return dict(country_holidays(country, years=[year], language=language, categories=CATEGORIES[country]))


@cache
def periods(name: str) -> tuple[Period, ...]:
    return tuple(Period(**row) for row in yaml.safe_load((DATA / name).read_text(encoding="utf-8")))
