"""Of which years a date can be that somebody types: a slip of the keys is told at its field, and mails nobody."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

YEARS_BACK, YEARS_AHEAD = 40, 20  # a certificate of long ago, and one that holds for long


def outside(years: range) -> str:
    """What is told of a date that is not of these years."""
    return _("Choose a date from %(first)s up to and including %(last)s.") % {"first": years[0], "last": years[-1]}


def check_reach(value: date | datetime) -> None:
    """For every date that is typed. Raises ValidationError for what no plan or file of ours can be about."""
    this_year = timezone.localdate().year
    years = range(this_year - YEARS_BACK, this_year + YEARS_AHEAD + 1)
    if value.year not in years:
        raise ValidationError(outside(years))
