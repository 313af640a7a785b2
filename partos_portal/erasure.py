"""Erasing a person, by the person's own wish or that of staff: each app ends its own part, called by name.

tests/partos_portal/test_what_is_erased.py tells of every row about a person whether it goes, and why if not.
"""

from datetime import datetime

from django.db import transaction

from core import admin_log, mail, texts
from leerlijnen.actions import following, groups
from members.actions import accounts
from members.models import User
from sessions_app.actions import erasure, registrations


@transaction.atomic
def close_account(*, person: User, actor: User, now: datetime) -> None:
    """Cancel and leave whatever the person takes part in, forget who it was, then close the account.

    Her addresses and her full name are struck from what others wrote and from mails to others, which can still be sent
    again. A single name is not: it may be a word, or somebody else's name too. Mails that tell of her are found by
    their keys. Closing twice changes nothing. Raises members.actions.accounts.AccountRefused, and changes nothing then.
    """
    person.refresh_from_db()
    if person.closed_at:
        return
    accounts.hold_organisations(person)
    erasure.hold_sessions()
    addresses = accounts.addresses_of(person)
    struck = [*addresses, *([person.name] if texts.is_full(person.name) else [])]
    texts.strike(struck)  # first, so that the mails that follow are written without the name
    mail.strike(struck)
    registrations.cancel_all_of(person, actor=actor, now=now)
    erasure.forget_person(person, addresses=addresses, now=now)
    following.forget(person=person)
    groups.leave_all(person=person, actor=actor, now=now)
    accounts.close(person=person, actor=actor, now=now)
    admin_log.forget(struck)
