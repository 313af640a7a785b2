"""Mails about affiliations and accounts. Keys start with `affiliation:<id>:` or `account:<id>:`."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.utils.functional import Promise

from core import mail
from core.mail import About, Letter
from core.streams import Stream
from core.waiting import answered_by
from members.consequences import Lost
from members.models import Affiliation, MailDomain, Organisation, User
from members.rules import ENDS_OTHER_SESSIONS, CredentialChange
from members.streams import REQUESTS, UNANSWERED

# The keys of the mails that say that an account was closed.
LAST_MAIL = r"^account:\d+:closed$"


def request_prefix(affiliation: int) -> str:
    """Of the mails that ask the contacts about a newcomer."""
    return f"affiliation:{affiliation}:requested:"


def letter(
    name: str,
    affiliation: Affiliation,
    *,
    to: User,
    key: str,
    stream: Stream | None = None,
    attachments: tuple[dict[str, str], ...] = (),
    **context,
) -> Letter:
    """The one place where the context of these mails is made: for sending, preview and test."""
    organisation = affiliation.organisation
    about = About(
        key=f"organisation:{organisation.pk}", title=organisation.name, view="members:people", row=organisation.pk
    )
    return Letter(
        key=f"affiliation:{affiliation.pk}:{key}",
        to=to,
        template=f"members/mail/{name}",
        context={
            "affiliation": affiliation,
            "person": affiliation.person,
            "organisation": organisation,
            "reader": to,
            **context,
        },
        needs_right="members.view_affiliation",
        attachments=attachments,
        stream=stream,
        about=about if stream else None,
    )


def affiliation_requested(
    affiliation: Affiliation, readers: Iterable[User], *, is_for_staff: bool, now: datetime
) -> None:
    """To the contacts of the organisation; to staff where no contact is there to ask."""
    mail.queue_all(
        [
            letter(
                "affiliation_requested",
                affiliation,
                to=reader,
                key=f"requested:{reader.pk}",
                is_for_staff=is_for_staff,
                stream=None if is_for_staff else REQUESTS,
            )
            for reader in readers
        ],
        now=now,
    )


def affiliation_confirmed(affiliation: Affiliation, *, now: datetime) -> None:
    mail.queue(letter("affiliation_confirmed", affiliation, to=affiliation.person, key="confirmed"), now=now)


def told_prefix(affiliation: int) -> str:
    """Of what contacts hear about somebody who got a role or was linked."""
    return f"affiliation:{affiliation}:told:"


def contacts_told(
    affiliation: Affiliation, contacts: Iterable[User], *, what: Sequence[str | Promise], by: str = "", now: datetime
) -> None:
    """To each contact: who got `what`, roles or leadership, and by whom; without `what`, who was linked by mail domain.

    Nobody switches this off: it is how an organisation hears of somebody whom it does not know.
    """
    mail.queue_all(
        [
            letter("contacts_told", affiliation, to=reader, key=f"told:{now.isoformat()}:{reader.pk}", what=what, by=by)
            for reader in contacts
        ],
        now=now,
    )


def mail_domains_wait(
    organisation: Organisation, domains: list[MailDomain], readers: Iterable[User], *, now: datetime
) -> None:
    """To the team: a contact wrote down mail domains at which she has no address of her own."""
    mail.queue_all(
        [
            Letter(
                key=f"organisation:{organisation.pk}:domains:{now.isoformat()}:{reader.pk}",
                to=reader,
                template="members/mail/mail_domains_wait",
                context={
                    "organisation": organisation,
                    "domains": domains,
                    "reader": reader,
                    "answered_by": answered_by(now),
                },
                needs_right="members.view_maildomain",
            )
            for reader in readers
        ],
        now=now,
    )


def mail_domain_answered(domain: MailDomain, contacts: Iterable[User], *, is_confirmed: bool, now: datetime) -> None:
    """To each contact: whether the mail domain that one of them wrote down counts."""
    organisation = domain.organisation
    mail.queue_all(
        [
            Letter(
                key=f"organisation:{organisation.pk}:domain:{domain.pk}:{now.isoformat()}:{reader.pk}",
                to=reader,
                template="members/mail/mail_domain_answered",
                context={"organisation": organisation, "domain": domain.domain, "is_confirmed": is_confirmed},
                needs_right="members.view_maildomain",
            )
            for reader in contacts
        ],
        now=now,
    )


def affiliation_ended(
    affiliation: Affiliation,
    *,
    was_confirmed: bool,
    is_unanswered: bool = False,
    lost: Lost | None = None,
    now: datetime,
) -> None:
    """Ended, or, for one that was only asked for, not confirmed; `is_unanswered` when nobody gave an answer in time.

    `lost` is what the person loses by it: it stands in this mail, and in no other.
    """
    mail.queue(
        letter(
            "affiliation_ended",
            affiliation,
            to=affiliation.person,
            key="ended",
            was_confirmed=was_confirmed,
            is_unanswered=is_unanswered,
            lost=lost.lines if lost else [],
            has_calendar=bool(lost and lost.attachments),
            attachments=lost.attachments if lost else (),
        ),
        now=now,
    )


def affiliation_waits(affiliation: Affiliation, readers: Iterable[User]) -> list[Letter]:
    """To the team: the contacts have not answered, and soon the portal does. Taken back once it is answered."""
    return [
        letter(
            "affiliation_waits",
            affiliation,
            to=reader,
            key=f"requested:waits:{reader.pk}",
            stream=UNANSWERED,
            answered_by=answered_by(affiliation.requested_at),
        )
        for reader in readers
    ]


def membership_prefix(organisation: Organisation) -> str:
    """Of the mails about the end of a membership."""
    return f"organisation:{organisation.pk}:membership:"


def membership(organisation: Organisation, readers: Mapping[int, tuple[User, bool]], *, is_over: bool) -> list[Letter]:
    """That the membership ends, or has ended: once for each date. `readers` with whether one is of the team."""
    last = organisation.membership_ended_on
    return [
        Letter(
            key=f"{membership_prefix(organisation)}{'over' if is_over else 'soon'}:{last:%Y-%m-%d}:{reader.pk}",
            to=reader,
            template="members/mail/membership_ends",
            context={"organisation": organisation, "last": last, "is_over": is_over, "is_for_staff": is_staff},
            needs_right="members.view_organisation",
        )
        for reader, is_staff in readers.values()
    ]


def account_closed(person: User, *, email: str, now: datetime) -> None:
    """To the address that the account had, because the account has none any more."""
    mail.queue(
        Letter(
            key=f"account:{person.pk}:closed",
            to=email,
            language=person.language,
            template="members/mail/account_closed",
            context={},
            needs_right="members.view_user",
        ),
        now=now,
    )


def credential_changed(person: User, change: CredentialChange, *, old_address: str = "", now: datetime) -> None:
    """To the owner of the account; to `old_address`, when it was the address that changed."""
    mail.queue(
        Letter(
            key=f"account:{person.pk}:{change}:{now.isoformat()}",
            to=old_address or person,
            language=person.language,
            template="members/mail/credential_changed",
            context={"change": change, "ends_other_sessions": change in ENDS_OTHER_SESSIONS},
            urgent=True,
            needs_right="members.view_user",
        ),
        now=now,
    )
