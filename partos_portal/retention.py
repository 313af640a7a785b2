"""Every period for which the portal keeps something, and the nightly run that ends what has reached it.

What each app keeps stands in its own module `retention`; domain.md 5.5 gives the reasons, and what stays.
"""

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import retention as core_retention
from core.retention import PROPOSAL, Period
from leerlijnen import retention as leerlijnen_retention
from members import retention as members_retention
from partos_portal.models import RetentionRun
from quality import retention as quality_retention
from sessions_app import retention as sessions_retention

BATCH = 500  # rows in one transaction
# What the machine deletes itself (docs/operations.md): tests compare these with the files in deploy/, and with what
# pages and mails say.
LOGS_KEPT = BACKUPS_KEPT = timedelta(days=14)
log = logging.getLogger(__name__)

PERIODS: tuple[Period, ...] = (
    *core_retention.PERIODS,
    *members_retention.PERIODS,
    *leerlijnen_retention.PERIODS,
    *sessions_retention.PERIODS,
    *quality_retention.PERIODS,
    members_retention.UNUSED_ACCOUNTS,
    Period(
        kind="runs",
        what=_("runs of retention"),
        keep=relativedelta(months=12),
        source=PROPOSAL,
        due=lambda limit: RetentionRun.objects.filter(at__lte=limit),
    ),
)


def retain(*, now: datetime, periods: Sequence[Period] = PERIODS) -> list[RetentionRun]:
    """End what has reached its period, and note how much of each kind. Running twice ends nothing more.

    A kind that fails is logged and noted as failed, and holds up no other; what it did before stays done.
    """
    runs = []
    for period in periods:
        number, has_failed = 0, False
        try:
            for done in batches(period, now=now):
                number += done
        except Exception as error:  # its text may hold a name, so that only its type is told
            log.error("retention of %s failed: %s", period.kind, type(error).__name__)
            has_failed = True
        runs.append(RetentionRun(kind=period.kind, at=now, number=number, has_failed=has_failed))
    return RetentionRun.objects.bulk_create(runs)


def batches(period: Period, *, now: datetime) -> Iterator[int]:
    """Carry one period out, a transaction for each batch; gives the number of each."""
    limit = now - period.keep
    rows = period.due(limit).order_by("pk")
    keys = list(rows.values_list("pk", flat=True)[:BATCH])
    while keys:
        with transaction.atomic():
            done = period.act(period.due(limit).filter(pk__in=keys), now)
        yield done
        keys = list(rows.filter(pk__gt=keys[-1]).values_list("pk", flat=True)[:BATCH])


def numbers_due(*, now: datetime) -> list[tuple[Period, int]]:
    """Each period with the number of rows that a run would end by itself now. Changes nothing."""
    return [(period, period.due(now - period.keep).count()) for period in PERIODS]
