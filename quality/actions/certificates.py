"""Writing down what a certification body decided. A reminder of a date that changed is taken back."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import audit, mail
from core.dates import local
from core.moves import Refused
from members.models import User
from quality import permissions
from quality.mails import recertification_prefix
from quality.models import Certificate


class CertificateRefused(Refused):
    """The certificate stays as it is, and why."""


@transaction.atomic
def save(certificate: Certificate, *, actor: User, now: datetime, fields: list[str]) -> None:
    """Keep a new certificate or the changed `fields` of one; another expiry date takes back what waits to be sent.

    Raises CertificateRefused for anyone but the quality coordinator. The form has checked the rest.
    """
    _check_keeper(actor)
    is_new = certificate.pk is None
    certificate.changed_at = now
    certificate.save()
    if "expires_on" in fields and not is_new:
        mail.withdraw(recertification_prefix(certificate))
    verb = "certificate.added" if is_new else "certificate.changed"
    audit.record(verb, certificate, actor=actor, now=now, fields="+".join(fields)[:80])


@transaction.atomic
def suspend(certificate: Certificate, *, actor: User, now: datetime) -> None:
    """Write down that it was suspended today. Raises CertificateRefused when it is not in force."""
    certificate = _locked(certificate, actor)
    today = local(now).date()
    if not certificate.is_in_force_on(today):
        raise CertificateRefused(_("This certificate is not in force."))
    certificate.suspended_on = today
    _save(certificate, "suspended", actor=actor, now=now)


@transaction.atomic
def lift_suspension(certificate: Certificate, *, actor: User, now: datetime) -> None:
    """Write down that it is in force again. Raises CertificateRefused when it is not suspended, or withdrawn."""
    certificate = _locked(certificate, actor)
    if not certificate.suspended_on or certificate.withdrawn_on:
        raise CertificateRefused(_("This certificate is not suspended."))
    certificate.suspended_on = None
    _save(certificate, "suspension_lifted", actor=actor, now=now)


@transaction.atomic
def withdraw(certificate: Certificate, *, actor: User, now: datetime) -> None:
    """Write down that it was withdrawn today, for good; nobody is reminded of it any more.

    Raises CertificateRefused when it was not suspended before (domain.md 4.6), or is withdrawn already.
    """
    certificate = _locked(certificate, actor)
    if certificate.withdrawn_on or not certificate.suspended_on:
        raise CertificateRefused(_("Only a suspended certificate can be withdrawn."))
    certificate.withdrawn_on = local(now).date()
    mail.withdraw(recertification_prefix(certificate))
    _save(certificate, "withdrawn", actor=actor, now=now)


def _check_keeper(actor: User) -> None:
    if not permissions.can_keep(actor):
        raise CertificateRefused(_("Only the quality coordinator can do this."))


def _locked(certificate: Certificate, actor: User) -> Certificate:
    _check_keeper(actor)
    return Certificate.objects.select_for_update().get(pk=certificate.pk)


def _save(certificate: Certificate, verb: str, *, actor: User, now: datetime) -> None:
    certificate.changed_at = now
    certificate.save(update_fields=["suspended_on", "withdrawn_on", "changed_at"])
    audit.record(f"certificate.{verb}", certificate, actor=actor, now=now)
