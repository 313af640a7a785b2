"""What a person gets by mail: at once, once a day, or not at all (core.streams)."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from core import mail, streams
from core.digest import DIGEST
from core.models import MailState, OutgoingMail
from core.streams import Stream, Wish
from members.models import User


@transaction.atomic
def choose(*, person: User, wishes: Mapping[str, str], now: datetime) -> None:
    """Write down the wish for each stream, by its code. Choosing the same again changes nothing.

    What waits follows: switched off it is withdrawn, at once it leaves now, and from now on once a day what is on its
    way already still arrives by itself. Raises ValueError for a stream or a wish that is not offered, such as to
    switch off what always goes.
    """
    person = User.objects.select_for_update().get(pk=person.pk)
    changed = {}
    for code, wish in wishes.items():
        stream = streams.stream(code)
        if stream is None or wish not in stream.wishes:
            raise ValueError(f"no such choice: {code}")
        if stream.wish_of(person) != wish:
            changed[code] = str(wish)
    if not changed:
        return
    person.mail_choices = {**person.mail_choices, **changed}
    person.save(update_fields=["mail_choices"])
    for code, wish in changed.items():
        rows = OutgoingMail.objects.filter(recipient=person, stream=code)
        if wish == Wish.NONE:
            rows.waiting().update(state=MailState.WITHDRAWN)
        elif wish == Wish.AT_ONCE:
            rows.filter(state=MailState.DIGEST).update(state=MailState.QUEUED)
            mail.wake_after_commit()


def switched_off_by(row: OutgoingMail) -> list[Stream]:
    """The streams that the link in this mail switches off: its own, or what its reader gets in the daily digest."""
    if row.stream != DIGEST.code:
        own = streams.stream(row.stream)
        return [own] if own and own.can_be_off else []
    return [each for each in streams.registered() if each.can_be_off and each.wish_of(row.recipient) == Wish.DIGEST]


def stop(*, row: OutgoingMail, now: datetime) -> list[Stream]:
    """Switch off what the link in this mail is for, without signing in; gives the streams. Twice is as once."""
    off = switched_off_by(row)
    assert row.recipient, "a link is found with its reader only"
    choose(person=row.recipient, wishes={stream.code: Wish.NONE for stream in off}, now=now)
    return off
