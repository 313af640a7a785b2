"""Requests that wait for somebody's answer: who is told when, and when they are answered by themselves.

A request that nobody answers within ten working days gets an answer from the portal, which says just that (domain.md
4.8). No clock.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from core.dates import is_day_off, working_days_after

ANSWERED_WITHIN = 10  # working days, weekends and Dutch public holidays left out
STAFF_HEAR_AFTER = 7  # working days: when those who were asked first have said nothing
# No request of which this time has not passed can be late: for the query that looks for those that are.
NOT_BEFORE = timedelta(days=7)


def answered_by(asked_at: datetime) -> datetime:
    """When a request of then gets its answer at the latest, from the portal if nobody else gave one."""
    return working_days_after(asked_at, ANSWERED_WITHIN, is_day_off)


def staff_hear_at(asked_at: datetime) -> datetime:
    """When the Partos team hears of a request that others could have answered."""
    return working_days_after(asked_at, STAFF_HEAR_AFTER, is_day_off)


def late(requests: QuerySet, at: Callable[[datetime], datetime], *, now: datetime) -> list[Any]:
    """Those of the rows `requests` for which the moment that `at` gives has come, such as `answered_by`."""
    rows = requests.filter(requested_at__lte=now - NOT_BEFORE).order_by("pk")
    return [row for row in rows if at(row.requested_at) <= now]
