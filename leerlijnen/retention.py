"""How long group memberships are kept (domain.md 5.5)."""

from datetime import datetime

from dateutil.relativedelta import relativedelta
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from core.retention import PROPOSAL, Period
from leerlijnen.models import GroupMembership
from leerlijnen.rules import MembershipState


def over_memberships(limit: datetime) -> QuerySet[GroupMembership]:
    """Left, refused, or asked for and never answered."""
    over = Q(state__in=[MembershipState.LEFT, MembershipState.REFUSED], decided_at__lte=limit)
    unanswered = Q(state=MembershipState.REQUESTED, requested_at__lte=limit)
    return GroupMembership.objects.filter(over | unanswered)


PERIODS = (
    Period(
        kind="memberships",
        what=_("who was in a group: left, refused or never answered"),
        keep=relativedelta(months=12),
        source=PROPOSAL,
        due=over_memberships,
    ),
)
