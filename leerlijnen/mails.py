"""Mails about groups. Keys start with `group:<id of the membership>:`."""

from datetime import datetime
from typing import Any

from core import mail
from core.mail import About, Letter
from leerlijnen.models import GroupMembership
from leerlijnen.permissions import staff_who_admit
from members.models import User
from members.permissions import standing_of
from members.streams import REQUESTS


def letter(name: str, membership: GroupMembership, *, to: User, key: str, **fields) -> Letter:
    """The one place where the context of these mails is made: for sending, preview and test."""
    return Letter(
        key=f"group:{membership.pk}:{key}",
        to=to,
        template=f"leerlijnen/mail/{name}",
        context={
            "membership": membership,
            "group": membership.activity,
            "person": membership.person,
            "organisations": standing_of(membership.person).organisations,
        },
        needs_right="leerlijnen.view_groupmembership",
        **fields,
    )


def requested(membership: GroupMembership, *, now: datetime) -> None:
    """To the leads who want such mail; while the group has no lead, to the staff who may admit: always, at once."""
    group = membership.activity
    leads = [lead.person for lead in group.memberships.leads().select_related("person")]
    about = About(key=f"group:{group.pk}", title=group.title, view="leerlijnen:group", row=group.slug)
    chosen: dict[str, Any] = {"stream": REQUESTS, "about": about} if leads else {}
    mail.queue_all(
        [
            letter("group_requested", membership, to=reader, key=f"requested:{reader.pk}", **chosen)
            for reader in leads or staff_who_admit()
        ],
        now=now,
    )


def request_prefix(membership: GroupMembership) -> str:
    """Of the mails that ask to let somebody in."""
    return f"group:{membership.pk}:requested:"


def withdraw_request(membership: GroupMembership) -> None:
    """Once it is decided, nobody needs to be asked any more."""
    mail.withdraw(request_prefix(membership))


def admitted(membership: GroupMembership, *, now: datetime) -> None:
    mail.queue(letter("group_admitted", membership, to=membership.person, key="admitted"), now=now)


def refused(membership: GroupMembership, *, now: datetime) -> None:
    mail.queue(letter("group_refused", membership, to=membership.person, key="refused"), now=now)
