"""What has come due by now about people and organisations: found by a query on `<=` each hour (architecture.md 3)."""

from datetime import datetime

from core import mail
from core.dates import local
from core.waiting import late, staff_hear_at
from members import mails
from members.actions import organisations
from members.models import Affiliation, Organisation
from members.permissions import staff_with_right
from members.rules import MEMBERSHIP_TOLD_BEFORE


def queue_unanswered(*, now: datetime) -> int:
    """Tell staff of requests to be linked that nobody answered for seven working days; gives the number of mails."""
    rows = late(Affiliation.objects.requested().select_related("person", "organisation"), staff_hear_at, now=now)
    if not rows:
        return 0
    readers = list(staff_with_right("members.change_affiliation"))
    return mail.queue_new([letter for row in rows for letter in mails.affiliation_waits(row, readers)], now=now)


def queue_ending_memberships(*, now: datetime) -> int:
    """Tell contacts and staff of a membership that ends within two weeks; gives the number of mails.

    Once for each date.
    """
    today = local(now).date()
    rows = Organisation.objects.members_until(today + MEMBERSHIP_TOLD_BEFORE).filter(membership_ended_on__gte=today)
    letters = [
        letter
        for organisation in rows.order_by("pk")
        for letter in mails.membership(organisation, organisations.readers_about(organisation), is_over=False)
    ]
    return mail.queue_new(letters, now=now)
