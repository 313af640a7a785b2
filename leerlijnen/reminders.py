"""What has come due by now about groups: found by a query on `<=` each hour (architecture.md 3)."""

from datetime import datetime

from core import mail
from core.waiting import NOT_BEFORE, staff_hear_at
from leerlijnen import mails
from leerlijnen.models import GroupMembership
from leerlijnen.permissions import staff_who_admit


def queue_unanswered(*, now: datetime) -> int:
    """Tell staff of requests to join a group that nobody answered for seven working days; gives the number of mails."""
    rows = GroupMembership.objects.requested().filter(requested_at__lte=now - NOT_BEFORE)
    late = [
        row
        for row in rows.select_related("person", "activity").order_by("pk")
        if staff_hear_at(row.requested_at) <= now
    ]
    if not late:
        return 0
    readers = list(staff_who_admit())
    return mail.queue_new([letter for row in late for letter in mails.waits(row, readers)], now=now)
