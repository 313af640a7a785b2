"""Inviting people by address to a session that is not for their organisation (domain.md 4.2).

Who holds the mail of another, because it was forwarded, asks; the organisers decide.
"""

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import audit, mail
from core.addresses import read
from members.models import Language, Organisation, User
from sessions_app.actions import registrations
from sessions_app.actions.registration_state import RegistrationRefused
from sessions_app.actions.session_state import SessionRefused, check_curates
from sessions_app.mails import guests as mails
from sessions_app.mails import registrations as registration_mails
from sessions_app.models import Guest, Registration, Session
from sessions_app.rules import MOST_GUESTS, SessionState

INVITABLE = (SessionState.PLANNED, SessionState.OPEN)


@transaction.atomic
def invite(
    *, session: Session, addresses: Iterable[str], language: str = Language.NL, actor: User, now: datetime
) -> list[Guest]:
    """Let the owners of these addresses register, and mail them so; gives those who are new.

    Who has no account reads the mail in `language`, who has one in her own.
    Who was invited already gets no second mail. Raises SessionRefused for an actor who does not curate, for a dialogue,
    for what is no address, for a session that is not to come or takes no registrations any more, and past a sane number
    of guests.
    """
    check_curates(actor)
    session = Session.objects.locked(session.pk)
    if session.is_dialogue:
        raise SessionRefused(_("A leadership dialogue has invitations of its own."))
    if session.state not in INVITABLE or session.starts_at is None or session.starts_at <= now:
        raise SessionRefused(_("You can invite people only while the session is still to come and not closed."))
    known = set(session.guests.values_list("email", flat=True))
    try:
        fresh = sorted({read(address) for address in addresses} - known)
    except ValidationError as error:
        raise SessionRefused(error.messages[0], field="addresses") from None
    if len(known) + len(fresh) > MOST_GUESTS:
        raise SessionRefused(
            gettext("A session has at most %(most)s invited addresses.") % {"most": MOST_GUESTS}, field="addresses"
        )
    accounts = {person.email.lower(): person for person in User.objects.filter(email__in=fresh, is_active=True)}
    made = []
    for address in fresh:
        guest = Guest.objects.create(session=session, email=address, language=language, invited_at=now)
        account = accounts.get(address)
        _trail("guest.invited", session, account, actor=actor, now=now)
        mails.invited(guest, account, now=now)
        made.append(guest)
    return made


@transaction.atomic
def take_back(*, guest: Guest, actor: User, now: datetime) -> None:
    """End the right to register; who did so already loses the place at once, and reads why.

    So does who was admitted by this invitation of another, and who asked to be.
    """
    check_curates(actor)
    session = Session.objects.locked(guest.session_id)
    account = User.objects.filter(email=guest.email).first()
    _trail("guest.taken_back", session, account, actor=actor, now=now)
    for prefix in (mails.key(guest), mails.prefix_asked(guest)):
        mail.withdraw(prefix)
    guest.delete()
    registrations.release_lost(now=now, session=session)


@transaction.atomic
def ask(
    *,
    guest: Guest,
    person: User,
    organisation: Organisation | None,
    form: str,
    function: str = "",
    needs_language: str = "",
    needs: str = "",
    actor: User,
    now: datetime,
) -> Registration:
    """Ask to come by an invitation that was sent to another address; the organisers hear of it and decide.

    It gives no seat and no place in a line before they did. Asking twice gives the registration that is there. Raises
    RegistrationRefused once the invitation was taken back, as `check_may_ask` does, and as `registrations.enter` does.
    """
    session = Session.objects.locked(guest.session_id)
    found = session.guests.filter(pk=guest.pk, link_nonce=guest.link_nonce).first()
    if found is None:
        raise RegistrationRefused(_("This invitation was taken back."))
    if existing := session.registrations.with_a_place().filter(person=person).order_by().first():
        return existing
    check_may_ask(session, person, now=now)
    registration = registrations.enter(
        session,
        person=person,
        organisation=organisation,
        form=form,
        function=function,
        needs_language=needs_language,
        needs=needs,
        guest=found,
        actor=actor,
        now=now,
    )
    registration_mails.registration_result(registration, now=now)
    mails.asked(registration, found, now=now)
    return registration


def _trail(verb: str, session: Session, account: User | None, *, actor: User, now: datetime) -> None:
    audit.record(verb, session, about=account.pk if account else audit.NO_ACCOUNT, actor=actor, now=now)


def check_may_ask(session: Session, person: User, *, now: datetime) -> None:
    """Raise RegistrationRefused when nobody can register now, and for who needs no invitation of another."""
    if session.is_dialogue:
        raise RegistrationRefused(_("This session is by personal invitation."))
    registrations.check_takes_registrations(session, now=now)
    if may_register(session, person, now=now):
        raise RegistrationRefused(_("You can register for this session yourself; you need not ask."))


def may_register(session: Session, person: User, *, now: datetime) -> bool:
    """Whether the person can register now, by her own address or organisation."""
    try:
        registrations.check_may_register(session, person, now=now)
    except RegistrationRefused:
        return False
    return True
