"""Mails about certificates. Keys start with `certificate:<id>:`."""

from core.mail import Letter
from members.models import User
from quality.models import Certificate
from quality.streams import CERTIFICATES


def recertification_prefix(certificate: Certificate) -> str:
    return f"certificate:{certificate.pk}:recertification:"


def recertification_key(certificate: Certificate, person: User, days: int) -> str:
    """Of this certificate, step, expiry date and person: it exists once, or not (architecture.md 3)."""
    return f"{recertification_prefix(certificate)}{days}:{certificate.expires_on:%Y-%m-%d}:{person.pk}"


def recertification(certificate: Certificate, person: User, *, days: int, is_own: bool) -> Letter:
    """`is_own` when the reader keeps the dossier for the organisation itself, and may open its page."""
    return Letter(
        key=recertification_key(certificate, person, days),
        to=person,
        template="quality/mail/recertification",
        context={"certificate": certificate, "person": person, "is_own": is_own},
        needs_right="quality.view_certificate",
        stream=CERTIFICATES if is_own else None,
    )
