"""Mails about invitations by address. Keys start with `session:<id>:guest:<guest>:`, to organisers with `asked`."""

from datetime import datetime
from typing import Literal

from django.db.models.functions import Lower

from core import mail
from core.links import SecretLink
from core.mail import Letter
from core.models import OutgoingMail
from members.models import User
from sessions_app.mails import news
from sessions_app.models import GUEST_LINK, Guest, Registration, Session
from sessions_app.permissions import keepers


def link_of(guest: Guest) -> SecretLink:
    """Opens the page of the invitation: it leads to registering, or to asking for who has another address."""
    return SecretLink(view="sessions:guest", purpose=GUEST_LINK, row=guest.pk, nonce=guest.link_nonce)


def key(guest: Guest, what: str = "") -> str:
    return f"{news.prefix_to_guests(guest.session_id)}{guest.pk}:{what}"


def prefix_asked(guest: Guest) -> str:
    """Of what goes to the organisers about a guest."""
    return f"session:{guest.session_id}:asked:{guest.pk}:"


def invited(guest: Guest, person: User | None, *, now: datetime) -> None:
    """`person` is who has an account with that address, if anybody does; the mail is in her language.

    Else in that of the invitation.
    """
    mail.queue(invitation(guest, person), now=now)


def invitation(guest: Guest, person: User | None) -> Letter:
    session = guest.session
    return Letter(
        key=key(guest),
        to=person or guest.email,
        language="" if person else guest.language,
        template="sessions_app/mail/guest_invited",
        context={"session": session, "has_account": person is not None},
        needs_right="sessions_app.view_registration",
        secret_link=link_of(guest),
        expires_at=session.starts_at,
    )


def changed(
    session: Session,
    change: Literal["planned", "moved", "postponed", "cancelled", "resumed"],
    *,
    before: Session | None = None,
    reason: str = "",
    now: datetime,
) -> None:
    """To who is invited and did not register: the date in their diary holds no more, or there is one again.

    One mail each. What still waits with the old date does not go out: whose invitation was among it gets it with the
    new date, and hears nothing of a session that is off. `before` is the session with the date and place that it had.
    Of what has been nobody is told.
    """
    waiting = OutgoingMail.objects.not_left().filter(kind="sessions_app.guest_invited")
    unreached = set(waiting.filter(key__startswith=news.prefix_to_guests(session.pk)).values_list("key", flat=True))
    mail.withdraw(news.prefix_to_guests(session.pk))
    if session.ends_at and session.ends_at <= now:
        return
    has_link = change in ("planned", "moved") or (change == "resumed" and session.starts_at is not None)
    guests = list(session.guests.without_registration())
    addresses = [guest.email for guest in guests]
    people = User.objects.filter(is_active=True).annotate(address=Lower("email")).filter(address__in=addresses)
    accounts = {person.address: person for person in people}
    letters = []
    for guest in guests:
        guest.session = session
        if key(guest) in unreached:
            letters += [invitation(guest, accounts.get(guest.email))] if has_link else []
            continue
        letters.append(
            Letter(
                key=key(guest, f"{change}:{session.sequence}"),
                to=accounts.get(guest.email, guest.email),
                language="" if guest.email in accounts else guest.language,
                template="sessions_app/mail/guest_changed",
                context={
                    "session": session,
                    "change": change,
                    "before": before,
                    "reason": reason,
                    "has_link": has_link,
                },
                needs_right="sessions_app.view_registration",
                secret_link=link_of(guest),
                expires_at=session.starts_at,
            )
        )
    mail.queue_all(letters, now=now)


def asked(registration: Registration, guest: Guest, *, now: datetime) -> None:
    """To the hosts and to staff, who decide: somebody asks to come by an invitation that went to another address.

    Hosts read no addresses of others (domain.md 3), so theirs is masked. Once a day for one person and invitation.
    """
    session = registration.session
    staff = {person.pk: person for person in keepers()}
    hosts = User.objects.filter(is_active=True, pk__in=session.hostings.with_person_there().values("person"))
    readers = {**{person.pk: person for person in hosts}, **staff}
    letters = [
        Letter(
            key=f"{prefix_asked(guest)}{registration.person_id}:{now:%Y-%m-%d}:{reader.pk}",
            to=reader,
            template="sessions_app/mail/guest_asked",
            context={
                "session": session,
                "registration": registration,
                "address": guest.email if reader.pk in staff else guest.masked,
                "decides": reader.pk in staff,
            },
            needs_right="sessions_app.view_registration",
            expires_at=session.starts_at,
        )
        for reader in readers.values()
    ]
    mail.queue_all(letters, now=now)
