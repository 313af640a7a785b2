"""The address at which one's own calendar can be read without signing in: made, made anew, switched off."""

from datetime import datetime

from django.db import transaction

from core import audit, links
from members.models import User
from sessions_app.models import CalendarAddress


@transaction.atomic
def make(*, person: User, actor: User, now: datetime) -> CalendarAddress:
    """Give `person` an address, or another in place of the one that there is, which is nothing from then on."""
    address, is_new = CalendarAddress.objects.get_or_create(person=person, defaults={"made_at": now})
    if not is_new:
        address.nonce, address.made_at = links.new_nonce(), now
        address.save(update_fields=["nonce", "made_at"])
    verb = "calendar_address.made" if is_new else "calendar_address.replaced"
    audit.record(verb, None, actor=None, now=now)
    return address


@transaction.atomic
def end(*, person: User, actor: User, now: datetime) -> bool:
    """Switch it off; tells whether there was one. Whoever had the address finds nothing there."""
    address = CalendarAddress.objects.of(person)
    if address is None:
        return False
    audit.record("calendar_address.ended", None, actor=None, now=now)
    address.delete()
    return True
