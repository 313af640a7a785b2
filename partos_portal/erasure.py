"""Closing an account: each app ends its own part, called by name, the lowest last."""

from datetime import datetime

from django.db import transaction

from leerlijnen.actions import groups
from members.actions import accounts
from members.models import User
from sessions_app.actions import erasure, registrations


@transaction.atomic
def close_account(*, person: User, actor: User, now: datetime) -> None:
    """Cancel and leave whatever the person takes part in, forget who it was, then close the account.

    Raises members.actions.accounts.AccountRefused, and changes nothing then.
    """
    registrations.cancel_all_of(person, actor=actor, now=now)
    erasure.forget_person(person)
    groups.leave_all(person=person, actor=actor, now=now)
    accounts.close(person=person, actor=actor, now=now)
