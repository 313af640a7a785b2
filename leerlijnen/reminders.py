"""What has come due by now about groups: found by a query on `<=` each hour (architecture.md 3)."""

from datetime import datetime

from core import mail
from core.waiting import late, staff_hear_at
from leerlijnen import mails
from leerlijnen.models import GroupMembership
from leerlijnen.permissions import staff_who_admit


def queue_unanswered(*, now: datetime) -> int:
    """Tell staff of requests to join a group that nobody answered for seven working days; gives the number of mails."""
    rows = late(GroupMembership.objects.requested().select_related("person", "activity"), staff_hear_at, now=now)
    if not rows:
        return 0
    readers = list(staff_who_admit())
    return mail.queue_new([letter for row in rows for letter in mails.waits(row, readers)], now=now)
