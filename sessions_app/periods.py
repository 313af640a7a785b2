"""Finds the period that someone means in what they typed, Dutch or English: enough to tell that it has passed."""

import re
from calendar import monthrange
from datetime import date

MONTHS = {
    name: number
    for number, names in enumerate(
        [
            ("januari", "january", "jan"),
            ("februari", "february", "feb"),
            ("maart", "march", "mrt"),
            ("april", "apr"),
            ("mei", "may"),
            ("juni", "june", "jun"),
            ("juli", "july", "jul"),
            ("augustus", "august", "aug"),
            ("september", "sept", "sep"),
            ("oktober", "october", "okt", "oct"),
            ("november", "nov"),
            ("december", "dec"),
        ],
        start=1,
    )
    for name in names
}
NAMED = re.compile(rf"(?:\b(\d{{1,2}})\s+)?\b({'|'.join(MONTHS)})\b\.?\s+(20\d\d)\b", re.IGNORECASE)
NUMBERED = re.compile(r"\b(?:(\d{1,2})[-/.](\d{1,2})[-/.](20\d\d)|(20\d\d)-(\d{1,2})-(\d{1,2}))\b")
YEAR = re.compile(r"\b(20\d\d)\b")


def last_days(text: str) -> list[date]:
    """The last day of each date, month or year that is named, with its year; what is no real date is left out."""
    found = []
    for day, name, year in NAMED.findall(text):
        month = MONTHS[name.lower()]
        found.append((int(year), month, int(day) if day else monthrange(int(year), month)[1]))
    for day, month, year, iso_year, iso_month, iso_day in NUMBERED.findall(text):
        found.append((int(year or iso_year), int(month or iso_month), int(day or iso_day)))
    rest = NUMBERED.sub("", NAMED.sub("", text))
    found += [(int(year), 12, 31) for year in YEAR.findall(rest)]
    return [date(*parts) for parts in found if is_date(*parts)]


def is_date(year: int, month: int, day: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]


def has_passed(text: str, today: date) -> bool:
    """Every period that the text names is over; a text that names none has not passed."""
    days = last_days(text)
    return bool(days) and all(day < today for day in days)
