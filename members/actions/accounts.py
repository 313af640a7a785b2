from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import Group
from django.contrib.sessions.backends.cached_db import SessionStore
from django.contrib.sessions.models import Session as BrowserSession
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from core import audit, mail
from core.models import OutgoingMail, RefusedAddress
from core.moves import Refused
from members import mails
from members.actions.affiliations import end_row
from members.models import Affiliation, Organisation, User
from members.rules import ENDS_OTHER_SESSIONS, CredentialChange


class AccountRefused(Refused):
    """The account stays as it is, and why."""


@transaction.atomic
def change_profile(*, person: User, changes: dict[str, str | bool], now: datetime) -> None:
    """Write what the person changed in her own profile; the audit trail gets the names of the fields only."""
    person = User.objects.select_for_update().get(pk=person.pk)
    changed = [name for name, value in changes.items() if getattr(person, name) != value]
    if not changed:
        return
    for name in changed:
        setattr(person, name, changes[name])
    person.save(update_fields=changed)
    audit.record("account.changed", person, actor=person, now=now, fields="+".join(sorted(changed)))


RIGHTS = ("is_staff", "is_superuser")


def roles_among(groups: Iterable[Group], fields: Mapping[str, Any]) -> set[str]:
    """The codes of the roles of the team and of the rights that stand in `fields`, as the trail tells them."""
    return {group.name.replace(" ", "_") for group in groups} | {name for name in RIGHTS if fields.get(name)}


def trail_of_roles(person: User, *, before: set[str], after: set[str], actor: User, now: datetime) -> None:
    """An entry for each role that the person has now and had not, and for each that was taken back."""
    for role in sorted(after - before):
        audit.record("account.role_given", person, actor=actor, now=now, role=role)
    for role in sorted(before - after):
        audit.record("account.role_taken_back", person, actor=actor, now=now, role=role)


def note_address(*, person: User) -> None:
    """Tell allauth the address of an account that staff made, so that the first mailed code also verifies it."""
    if not EmailAddress.objects.filter(user=person).exists():
        EmailAddress.objects.create(user=person, email=person.email, primary=True)


@transaction.atomic
def take_back_sign_up(*, person: User) -> None:
    """Unmake an account whose code could not be mailed, so that signing up can be tried again. It has no history."""
    person.delete()


def addresses_of(person: User) -> set[str]:
    """The address of the account, and those that were to take its place."""
    return {person.email, *EmailAddress.objects.filter(user=person).values_list("email", flat=True)}


def hold_organisations(person: User) -> None:
    """Lock the organisations that the person belongs to, the lowest key first, until the transaction ends.

    Before any session, as ending a link does: it frees the seats that hung on it (docs/architecture.md, 3).
    """
    for pk in sorted(set(Affiliation.objects.live().filter(person=person).values_list("organisation", flat=True))):
        Organisation.objects.locked(pk)


@transaction.atomic
def close(*, person: User, actor: User, now: datetime) -> None:
    """Take everything from the account that says whose it was; the row stays, because history hangs on its key.

    Nobody can sign in with it any more. The mails to the person go, sent or waiting, and those that told of her to
    others; a last one leaves for the address that the account had, and goes too once it was sent. What the person did
    in other parts of the portal is for the caller to end first. Closing twice changes nothing. Raises AccountRefused
    for staff: their rights are taken back by a colleague first.
    """
    person = User.objects.select_for_update().get(pk=person.pk)
    if person.closed_at:
        return
    if person.is_staff:
        raise AccountRefused(_("This account may open the admin. Ask a colleague to take back that right first."))
    email, addresses = person.email, addresses_of(person)
    affiliations = Affiliation.objects.live().filter(person=person)
    # A right to leave is stronger than an organisation's need of a contact: staff see organisations without one.
    hold_organisations(person)
    for row in affiliations.order_by("organisation_id", "pk"):
        end_row(row, actor=actor, now=now)
    for owned in (EmailAddress, Authenticator):
        owned.objects.filter(user=person).delete()
    _end_sessions(person, addresses)
    person.groups.clear()
    person.user_permissions.clear()
    for pk in person.affiliations.values_list("pk", flat=True):
        mail.forget(mails.request_prefix(pk))
        # What contacts heard of her stays, without her name: one of a single word is looked for nowhere else.
        mail.strike([person.name], within=Q(key__startswith=mails.told_prefix(pk)))
    for address in addresses:
        OutgoingMail.objects.filter(Q(recipient=person) | Q(to__iexact=address)).delete()
        RefusedAddress.objects.filter(Q(recipient=person) | Q(address=address.lower())).delete()
    person.name = person.function = ""
    person.mail_choices = {}
    person.email = f"closed-{person.pk}@portal.invalid"
    person.is_active = False
    person.closed_at = now
    person.set_unusable_password()  # ends the sessions that usersessions does not know
    person.save()
    audit.record("account.closed", person, actor=actor, now=now)
    mails.account_closed(person, email=email, now=now)


def _end_sessions(person: User, addresses: Iterable[str] = (), *, keep: str | None = None) -> None:
    """Also those that allauth's list does not know, and those of an unfinished sign-in: they hold the address.

    What a session holds is packed, so that every one is looked at. The one with the key `keep` stays.
    """
    for known in UserSession.objects.filter(user=person).exclude(session_key=keep or ""):
        known.end()
    for row in BrowserSession.objects.exclude(session_key=keep or "").iterator():
        data = row.get_decoded()
        if data.get(SESSION_KEY) == str(person.pk) or any(address in str(data) for address in addresses):
            SessionStore(row.session_key).delete()


@transaction.atomic
def credential_changed(
    *, person: User, change: CredentialChange, old_address: str = "", keep: str | None, now: datetime
) -> None:
    """Tell the owner, and sign other devices out; the session with the key `keep` made the change, and stays.

    To the address that was left, when that is what changed: whoever has the account now reads the new one.
    """
    if change in ENDS_OTHER_SESSIONS:
        _end_sessions(person, keep=keep)
    mails.credential_changed(person, change, old_address=old_address, now=now)


def last_mails() -> QuerySet[OutgoingMail]:
    """The last mails of closed accounts that have left, or never will."""
    return OutgoingMail.objects.done().filter(key__regex=mails.LAST_MAIL)


def forget_last_mails() -> None:
    """Delete the last mails of closed accounts once they are gone: they have the address."""
    last_mails().delete()


@transaction.atomic
def reset_second_factor(*, person: User, actor: User, now: datetime) -> None:
    """Take away authenticator app, passkeys and recovery codes of a person who lost them; a mail tells her.

    She is signed out everywhere. Staff set up a new one before the admin opens again. Raises AccountRefused for one's
    own account (the profile has pages for that, which ask who is there), and where there is nothing to take away.
    """
    if person == actor:
        raise AccountRefused(_("Change your own second step in your profile."))
    if not Authenticator.objects.filter(user=person).delete()[0]:
        raise AccountRefused(_("This person has no second step any more."))
    credential_changed(person=person, change=CredentialChange.FACTOR_RESET, keep=None, now=now)
    audit.record("account.second_factor_reset", person, actor=actor, now=now)
