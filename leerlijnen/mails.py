"""Mails about groups. Keys start with `group:<id of the membership>:`."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from core import mail
from core.mail import About, Letter
from core.streams import Stream
from core.waiting import answered_by
from leerlijnen.models import GroupMembership
from leerlijnen.permissions import staff_who_admit
from members.models import User
from members.permissions import standing_of
from members.streams import REQUESTS, UNANSWERED


def letter(
    name: str,
    membership: GroupMembership,
    *,
    to: User,
    key: str,
    stream: Stream | None = None,
    about: About | None = None,
    **context,
) -> Letter:
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
            **context,
        },
        needs_right="leerlijnen.view_groupmembership",
        stream=stream,
        about=about,
    )


def requested(membership: GroupMembership, *, now: datetime) -> None:
    """To the leads who want such mail; where none does, to the staff who may admit: always, at once."""
    group = membership.activity
    leads = [row.person for row in group.memberships.leads().filter(REQUESTS.wanted("person")).select_related("person")]
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


def no_lead(membership: GroupMembership, *, readers: Iterable[User] | None = None, now: datetime) -> None:
    """To the staff who may admit, or `readers`: with this one the last lead left. It names the group alone."""
    readers = staff_who_admit() if readers is None else readers
    mail.queue_all(
        [letter("group_no_lead", membership, to=one, key=f"no-lead:{now.isoformat()}:{one.pk}") for one in readers],
        now=now,
    )


def admitted(membership: GroupMembership, *, now: datetime) -> None:
    mail.queue(letter("group_admitted", membership, to=membership.person, key="admitted"), now=now)


def refused(membership: GroupMembership, *, is_unanswered: bool = False, now: datetime) -> None:
    """The answer is no; `is_unanswered` when nobody gave one in time."""
    mail.queue(
        letter("group_refused", membership, to=membership.person, key="refused", is_unanswered=is_unanswered), now=now
    )


def waits(membership: GroupMembership, readers: Iterable[User]) -> list[Letter]:
    """To the team: the lead has not answered, and soon the portal does. Taken back once it is answered."""
    group = membership.activity
    about = About(key=f"group:{group.pk}", title=group.title, view="leerlijnen:group", row=group.slug)
    return [
        letter(
            "group_waits",
            membership,
            to=reader,
            key=f"requested:waits:{reader.pk}",
            stream=UNANSWERED,
            about=about,
            answered_by=answered_by(membership.requested_at),
        )
        for reader in readers
    ]
