"""Days of the calendar that a test needs, in the year that comes: no such test expires."""

from datetime import date, timedelta

from django.utils import timezone

NEXT_YEAR = timezone.localdate().year + 1


def clock_goes_forward(year: int) -> date:
    """The last Sunday of March."""
    last = date(year, 3, 31)
    return last - timedelta(days=last.isoweekday() % 7)


CLOCK_GOES_FORWARD = clock_goes_forward(NEXT_YEAR)
# Far from any holiday, and of three weekly dates the last has summer time.
TUESDAY = CLOCK_GOES_FORWARD - timedelta(days=12)
