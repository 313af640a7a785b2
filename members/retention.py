"""How long people's rows are kept (domain.md 5.5)."""

from datetime import datetime, timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from dateutil.relativedelta import relativedelta
from django.contrib.sessions.models import Session as BrowserSession
from django.db.models import PROTECT, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from core.retention import DOMAIN, PROPOSAL, Period
from members.actions import accounts
from members.models import Affiliation, User
from members.rules import AffiliationState


def old_sign_ins(limit: datetime) -> QuerySet[Any]:
    """Whose session still runs stays: a person sees it in the profile, and can end it."""
    running = BrowserSession.objects.filter(session_key=OuterRef("session_key"))
    return UserSession.objects.filter(~Exists(running), last_seen_at__lte=limit)


def unused_accounts(limit: datetime) -> QuerySet[User]:
    """Nobody ever signed in with them, no verified address, and nothing hangs on them."""
    rows = User.objects.filter(last_login=None, is_staff=False, closed_at=None, date_joined__lte=limit)
    for link in User._meta.get_fields(include_hidden=True):
        if link.auto_created and not link.concrete and getattr(link, "on_delete", None) is PROTECT:
            used = link.related_model._base_manager.filter(**{link.field.name: OuterRef("pk")})
            rows = rows.filter(~Exists(used))
    return rows.exclude(emailaddress__verified=True)


def over_affiliations(limit: datetime) -> QuerySet[Affiliation]:
    """Ended, refused, or asked for and never answered."""
    ended = Q(state=AffiliationState.ENDED, ended_at__lte=limit)
    unanswered = Q(state=AffiliationState.REQUESTED, requested_at__lte=limit)
    return Affiliation.objects.filter(ended | unanswered)


PERIODS = (
    Period(
        kind="last_mails",
        what=_("last mails of closed accounts, once they have left"),
        keep=timedelta(0),
        source=PROPOSAL,
        due=lambda limit: accounts.last_mails().filter(queued_at__lte=limit),
    ),
    Period(
        kind="sign_ins",
        what=_("from where and with which browser someone signed in"),
        keep=relativedelta(months=6),
        source=DOMAIN,
        due=old_sign_ins,
    ),
    Period(
        kind="affiliations",
        what=_("who worked for an organisation: ended, refused or never answered"),
        keep=relativedelta(months=12),
        source=PROPOSAL,
        due=over_affiliations,
    ),
)

# After all others, because what these delete may have been the last that hung on an account.
UNUSED_ACCOUNTS = Period(
    kind="unused_accounts",
    what=_("accounts that nobody ever signed in with, and that take part in nothing"),
    keep=timedelta(days=30),
    source=PROPOSAL,
    due=unused_accounts,
)
