"""Moments that lie in the future though they are past: they were written while the clock was wrong.

What waits for such a moment would wait until it comes. So it counts as if it were now.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import cache

from core.delivery import BACK_OFF
from core.models import Heartbeat, MailState, OutgoingMail

MARGIN = timedelta(seconds=5)  # by which the clocks of two machines may differ
log = logging.getLogger(__name__)


def is_ahead(moment: datetime, now: datetime) -> bool:
    return moment > now + MARGIN


def mend(*, now: datetime) -> None:
    """Let mail that was written, tried or claimed in the future leave as it would have, and forget what was counted."""
    limit = now + MARGIN
    mails = OutgoingMail.objects.filter(state__in=[MailState.QUEUED, MailState.DIGEST, MailState.HELD])
    mails.filter(queued_at__gt=limit).update(queued_at=now, next_attempt_at=now)
    mails.filter(next_attempt_at__gt=limit + BACK_OFF[-1]).update(next_attempt_at=now)
    held_since = now - timedelta(seconds=settings.MAIL_LEASE_SECONDS)
    OutgoingMail.objects.filter(state=MailState.SENDING, claimed_at__gt=limit).update(claimed_at=held_since)
    if Heartbeat.objects.filter(at__gt=limit).exists():
        log.warning("the clock was set back: rate limits and kept pages begin anew")
        cache.clear()
