"""What has come due by now about people and organisations: found by a query on `<=` each hour (architecture.md 3)."""

from datetime import datetime

from core import mail
from core.waiting import NOT_BEFORE, staff_hear_at
from members import mails
from members.models import Affiliation
from members.permissions import staff_with_right


def queue_unanswered(*, now: datetime) -> int:
    """Tell staff of requests to be linked that nobody answered for seven working days; gives the number of mails."""
    rows = Affiliation.objects.requested().filter(requested_at__lte=now - NOT_BEFORE)
    late = [
        row
        for row in rows.select_related("person", "organisation").order_by("pk")
        if staff_hear_at(row.requested_at) <= now
    ]
    if not late:
        return 0
    readers = list(staff_with_right("members.change_affiliation"))
    return mail.queue_new([letter for row in late for letter in mails.affiliation_waits(row, readers)], now=now)
