from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession

from core.models import AuditEntry, OutgoingMail
from members.models import Affiliation, User


def own_data(person: User) -> dict[str, Any]:
    """The account and what hangs on it: addresses, ways to sign in (no secrets), affiliations, mails, own acts."""
    return {
        "account": {
            name: getattr(person, name)
            for name in (
                *("email", "name", "function", "language", "mail_choices"),
                *("is_staff", "date_joined", "last_login"),
            )
        },
        "has_password": person.has_usable_password(),
        "addresses": list(EmailAddress.objects.filter(user=person).values("email", "verified", "primary")),
        "second_factors": list(Authenticator.objects.filter(user=person).values("type", "created_at", "last_used_at")),
        "signed_in_on": list(
            UserSession.objects.filter(user=person).values("ip", "user_agent", "created_at", "last_seen_at")
        ),
        "affiliations": list(
            Affiliation.objects.filter(person=person).values(
                *("organisation__name", "role", "state", "track_profile"),
                *("requested_at", "confirmed_at", "ended_at"),
            )
        ),
        "mails": list(
            OutgoingMail.objects.filter(recipient=person)
            .order_by("queued_at")
            .values("to", "kind", "subject", "state", "queued_at", "sent_at")
        ),
        "acts": list(
            AuditEntry.objects.filter(actor=person).order_by("at").values("verb", "target_type", "target_id", "at")
        ),
    }
