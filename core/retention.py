"""How long rows are kept: what a period is, and the periods of core's own rows (domain.md 5.5).

Each app names its periods in a module `retention`; partos_portal.retention puts them together and carries them out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session as BrowserSession
from django.db.models import QuerySet, TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.models import Act, MailState, OutgoingMail

DOMAIN = "domain.md 5.5"
PROPOSAL = "domain.md 5.5, proposal"


class Then(TextChoices):
    DELETE = "delete", _("deleted")
    EMPTY = "empty", _("emptied")
    COUNT = "count", _("counted, then deleted")


def delete(rows: QuerySet[Any], now: datetime) -> int:
    """Looks once more under the locks of the rows: a draft may have been sent in meanwhile."""
    held = [row.pk for row in rows.order_by("pk").select_for_update(of=("self",)).only("pk")]
    return rows.filter(pk__in=held).delete()[1].get(rows.model._meta.label, 0)


@dataclass(frozen=True)
class Period:
    """`due` gets the moment before which a row is too old, and gives the rows that are still to be dealt with.

    `act` deals with one batch of them in one transaction, and gives their number; done twice it finds nothing left.
    """

    kind: str
    what: str | Promise
    keep: timedelta | relativedelta
    source: str
    due: Callable[[datetime], QuerySet[Any]]
    then: Then = Then.DELETE
    act: Callable[[QuerySet[Any], datetime], int] = delete


def mail_with_text(limit: datetime) -> QuerySet[OutgoingMail]:
    return _ended(limit).exclude(text="")


def _ended(limit: datetime) -> QuerySet[OutgoingMail]:
    """Also what is held for an address that was refused, and for whose repair nobody came."""
    held = OutgoingMail.objects.filter(state=MailState.HELD)
    return (OutgoingMail.objects.done() | held).filter(queued_at__lte=limit)


def old_mail(limit: datetime) -> QuerySet[OutgoingMail]:
    """A key may go with its row once it cannot come due again: the longest step before an end is 270 days."""
    return _ended(limit)


def empty_mail(rows: Any, now: datetime) -> int:
    return rows.empty()


PERIODS = (
    Period(
        kind="browser_sessions",
        what=_("sessions of browsers, once they have run out"),
        keep=timedelta(0),
        source=PROPOSAL,
        due=lambda limit: BrowserSession.objects.filter(expire_date__lte=limit),
    ),
    Period(
        kind="mail_texts",
        what=_("texts of mails that have left or never will"),
        keep=timedelta(days=30),
        source=PROPOSAL,
        due=mail_with_text,
        then=Then.EMPTY,
        act=empty_mail,
    ),
    Period(
        kind="mails",
        what=_("the list of mails: to whom, when, of which kind; with the addresses that were refused on them"),
        keep=relativedelta(months=12),
        source=PROPOSAL,
        due=old_mail,
    ),
    Period(
        kind="acts",
        what=_("what an act of staff changed, once it cannot be undone any more"),
        keep=timedelta(0),
        source=PROPOSAL,
        due=lambda limit: Act.objects.filter(waits_until__lte=limit),
    ),
    Period(
        kind="admin_log",
        what=_("Django's own log of the admin"),
        keep=relativedelta(months=12),
        source=PROPOSAL,
        due=lambda limit: LogEntry.objects.filter(action_time__lte=limit),
    ),
)
