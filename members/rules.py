"""Affiliations: who may be what for which organisation (domain.md 3). No query, no clock."""

import re
from datetime import timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from core.moves import Moves


class OrganisationKind(TextChoices):
    MEMBER = "member", _("member")
    PARTNER = "partner", _("partner organisation")
    ASSOCIATION = "association", _("association")
    MINISTRY = "ministry", _("ministry")
    OTHER = "other", _("other organisation")


class SizeClass(TextChoices):
    """CBF categories by total income a year (domain.md 5.1)."""

    A_SMALL = "a_small", _("A, up to € 50,000")
    A = "a", _("A, € 50,000 to € 100,000")
    B = "b", _("B, € 100,000 to € 500,000")
    C = "c", _("C, € 500,000 to € 2 million")
    D = "d", _("D, € 2 million and more")


class Role(TextChoices):
    COLLEAGUE = "colleague", _("colleague")
    CONTACT = "contact", _("organisation contact")
    QUALITY_OFFICER = "quality_officer", _("quality officer")
    INTEGRITY_OFFICER = "integrity_officer", _("integrity officer")


class Giver(TextChoices):
    """Who gave a role for an organisation, or leadership; its contacts read it."""

    PARTOS = "partos", _("by Partos")
    CONTACT = "contact", _("by a contact of the organisation")


class AffiliationState(TextChoices):
    REQUESTED = "requested", _("asked for")
    CONFIRMED = "confirmed", _("confirmed")
    ENDED = "ended", _("ended")


class TrackProfile(TextChoices):
    PRACTITIONER = "practitioner", _("practitioner")
    LEADERSHIP = "leadership", _("leadership")


class CredentialChange(TextChoices):
    """What one signs in with has changed; the words tell its owner."""

    ADDRESS = "address", _("You sign in with another e-mail address from now on.")
    PASSWORD_SET = "password_set", _("Your account has a password now.")
    PASSWORD_CHANGED = "password_changed", _("The password of your account was changed.")
    APP_ADDED = "app_added", _("An app with codes was added to your account.")
    APP_REMOVED = "app_removed", _("The app with codes was taken from your account.")
    PASSKEY_ADDED = "passkey_added", _("A passkey was added to your account.")
    PASSKEY_REMOVED = "passkey_removed", _("A passkey was taken from your account.")
    RECOVERY_CODES = "recovery_codes", _("New spare codes were made for your account. The old ones work no more.")
    FACTOR_RESET = "factor_reset", _("The Partos team took away the second step of your account.")


# Other devices are signed out by these; a changed password does so by itself (Django).
ENDS_OTHER_SESSIONS = frozenset(CredentialChange) - {CredentialChange.RECOVERY_CODES}


LIVE = (AffiliationState.REQUESTED, AffiliationState.CONFIRMED)
MOVES = Moves(
    {
        AffiliationState.REQUESTED: [AffiliationState.CONFIRMED, AffiliationState.ENDED],
        AffiliationState.CONFIRMED: [AffiliationState.ENDED],
        AffiliationState.ENDED: [],
    }
)
# Roles that an organisation contact hands out to own colleagues; contacts are made by staff or by another contact.
HANDED_OUT_BY_CONTACT = (Role.CONTACT, Role.QUALITY_OFFICER, Role.INTEGRITY_OFFICER)
# Whose people use the portal; the association and the ministry get theirs from staff.
JOINED_BY_ASKING = (OrganisationKind.MEMBER, OrganisationKind.PARTNER)
# Each request mails the contacts of an organisation, so that nobody can ask them all at once.
MAX_OPEN_REQUESTS = 3
MOST_REQUESTS_A_DAY = 5  # of one person, taken back or not: each is a mail to somebody else

MEMBERSHIP_TOLD_BEFORE = timedelta(days=14)  # its last day: when contacts and staff hear that a membership ends

KVK = re.compile(r"[0-9]{8}")
BELGIAN_NUMBER = re.compile(r"[01][0-9]{9}")
MAIL_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


def mail_domain(email: str) -> str:
    """The part after the last at-sign, lower case."""
    return email.rpartition("@")[2].lower()


def is_mail_domain(value: str) -> bool:
    """`organisation.nl`: what stands behind the at-sign, in lower case."""
    return bool(MAIL_DOMAIN.fullmatch(value))


def is_confirmed_at_once(*, confirms_at_once: bool, knows_domain: bool, was_here_before: bool) -> bool:
    """Whether a newcomer needs nobody's yes: the organisation chose so, and the address is one of its own.

    Someone whose affiliation was ended asks again and waits for the contact, or an ending would last until the next
    sign-in.
    """
    return confirms_at_once and knows_domain and not was_here_before


def is_registration_number(value: str) -> bool:
    """A KvK number (8 digits) or a Belgian enterprise number (10 digits, first 0 or 1); domain.md 5.1, 5.6."""
    return bool(KVK.fullmatch(value) or BELGIAN_NUMBER.fullmatch(value))
