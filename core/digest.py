"""The daily digest: one mail on each working day with what people chose to read once a day.

An item is a row of the outbox in state `digest`, written in the transaction of the change that it tells of. What is
withdrawn before the digest is made, or has expired, is not in it. A digest's key names person and day, and its items
are marked in the transaction that writes it: a crash before the commit has done nothing, and a second run finds
nothing left.
"""

from datetime import datetime, time, timedelta

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import mail, streams
from core.dates import local
from core.mail import Letter
from core.models import MailState, OutgoingMail
from core.streams import Stream, Wish

AT = time(7, 30)  # Dutch time, Monday to Friday
# No choice of its own: who switches it off switches off what would be in it.
DIGEST = Stream(
    code="digest",
    label=_("The daily digest"),
    hint="",
    wishes=(Wish.AT_ONCE, Wish.NONE),
)


def moment_of(now: datetime) -> datetime | None:
    """Today's moment, once it has come; None before it and at weekends, when nothing is made up for."""
    here = local(now)
    moment = here.replace(hour=AT.hour, minute=AT.minute, second=0, microsecond=0)
    return moment if here.weekday() < 5 and here >= moment else None


def moment_after(moment: datetime) -> datetime:
    """The next digest's: from then on this one is old news."""
    later = local(moment) + timedelta(days=1)
    while later.weekday() >= 5:
        later += timedelta(days=1)
    return later


def next_moment(now: datetime) -> datetime:
    """When the next digest goes out."""
    here = local(now)
    moment = here.replace(hour=AT.hour, minute=AT.minute, second=0, microsecond=0)
    return moment if here.weekday() < 5 and here < moment else moment_after(moment)


def make_due(*, now: datetime) -> int:
    """Write today's digests of what was there at their moment, once it has come; gives their number."""
    moment = moment_of(now)
    if moment is None:
        return 0
    people = items_until(moment).exclude(recipient=None).order_by("recipient").values_list("recipient").distinct()
    return sum(make(pk, moment=moment, now=now) for (pk,) in list(people))


def items_until(moment: datetime):
    """Without what still waits in case its act is taken back (core.acts): that is for the next digest."""
    return OutgoingMail.objects.filter(state=MailState.DIGEST, queued_at__lte=moment, next_attempt_at__lte=moment)


@transaction.atomic
def make(person_pk: int, *, moment: datetime, now: datetime) -> bool:
    """Write one person's digest, unless today's is there already or nothing is left to tell; gives whether it did."""
    person = get_user_model().objects.select_for_update().get(pk=person_pk)
    key = f"digest:{person.pk}:{moment:%Y-%m-%d}"
    if OutgoingMail.objects.exclude(state=MailState.WITHDRAWN).filter(key=key).exists():
        return False
    waiting = items_until(moment).filter(recipient=person)
    waiting.filter(Q(expires_at__lte=now) | Q(text="")).update(state=MailState.WITHDRAWN)
    rows = list(waiting.order_by("-queued_at", "-pk").select_for_update())
    unwanted = [row.pk for row in rows if (kind := streams.stream(row.stream)) and kind.wish_of(person) == Wish.NONE]
    OutgoingMail.objects.filter(pk__in=unwanted).update(state=MailState.WITHDRAWN)
    items = [row for row in rows if row.pk not in unwanted]
    if not items:
        return False
    mail.queue(letter(person, items, key=key, expires_at=moment_after(moment)), now=now)
    OutgoingMail.objects.filter(pk__in=[row.pk for row in items]).update(state=MailState.BUNDLED, sent_at=now)
    return True


def letter(person, items: list[OutgoingMail], *, key: str, expires_at: datetime | None = None) -> Letter:
    """`items` are newest first; what they are about stands in the order of its newest item."""
    groups: dict[str, dict] = {}
    for row in items:
        about = row.about or {"key": row.key, "title": row.subject, "url": ""}
        groups.setdefault(about["key"], {**about, "rows": []})["rows"].append(row)
    kinds = [streams.stream(row.stream) for row in items]
    return Letter(
        key=key,
        to=person,
        template="core/mail/digest",
        context={"groups": list(groups.values()), "number": len(items)},
        needs_right="+".join(sorted({row.needs_right for row in items} - {""})),
        expires_at=expires_at,
        stream=DIGEST if any(kind and kind.can_be_off for kind in kinds) else None,
    )
