"""How long the quality file is kept: membership and a year (domain.md 5.5)."""

from datetime import datetime

from dateutil.relativedelta import relativedelta
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.dates import local
from core.retention import DOMAIN, Period
from quality.models import Certificate


def of_former_members(limit: datetime) -> QuerySet[Certificate]:
    return Certificate.objects.filter(organisation__membership_ended_on__lte=local(limit).date())


PERIODS = (
    Period(
        kind="certificates",
        what=_("certificates of organisations whose membership has ended"),
        keep=relativedelta(months=12),
        source=DOMAIN,
        due=of_former_members,
    ),
)
