from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from core import audit, mail
from core.dates import local
from core.moves import Refused
from core.waiting import answered_by, late
from members import mails
from members.actions.affiliations import verified_domains
from members.models import TAKEN, Affiliation, MailDomain, Organisation, User
from members.permissions import is_keeper, staff_with_right
from members.rules import OrganisationKind


class OrganisationRefused(Refused):
    """The organisation stays as it is, and why."""


@transaction.atomic
def change_data(
    *, organisation: Organisation, changes: dict[str, Any], domains: Collection[str], actor: User, now: datetime
) -> None:
    """Write what the contact changed about the organisation; `domains` are all its mail domains from now on.

    A new domain counts when a verified address of `actor` is at it, or `actor` is staff; else it waits for staff, who
    are told. The values were checked by the form. The audit trail gets the names of the fields, and the domains: an
    organisation is no person. Raises OrganisationRefused for a domain that another organisation has by now.
    """
    organisation = Organisation.objects.locked(organisation.pk)
    changed = [name for name, value in changes.items() if getattr(organisation, name) != value]
    for name in changed:
        setattr(organisation, name, changes[name])
    organisation.save(update_fields=changed)
    _change_domains(organisation, set(domains), actor=actor, now=now)
    if changed:
        audit.record("organisation.changed", organisation, actor=actor, now=now, fields="+".join(sorted(changed)))


def _change_domains(organisation: Organisation, domains: set[str], *, actor: User, now: datetime) -> None:
    old = domains_of(organisation)
    if MailDomain.objects.counts_elsewhere(organisation, domains).exists():
        raise OrganisationRefused(TAKEN, field="domains")
    shown = domains if is_keeper(actor) else domains & set(verified_domains(actor))
    new = [
        MailDomain(organisation=organisation, domain=domain, **({} if domain in shown else _waits_since(now)))
        for domain in sorted(domains - old)
    ]
    try:
        with transaction.atomic():
            organisation.mail_domains.waiting().filter(domain__in=shown).update(is_waiting=False)
            organisation.mail_domains.exclude(domain__in=domains).delete()
            MailDomain.objects.bulk_create(new)
    except IntegrityError as error:  # confirmed for another at this very moment
        raise OrganisationRefused(TAKEN, field="domains") from error
    if old == domains:
        return
    trail_of_domains(organisation, old, actor=actor, now=now)
    if waiting := [row for row in new if row.is_waiting]:
        mails.mail_domains_wait(organisation, waiting, staff_with_right("members.change_maildomain"), now=now)


def _waits_since(now: datetime) -> dict[str, Any]:
    return {"is_waiting": True, "requested_at": now}


@transaction.atomic
def confirm_domain(*, domain: MailDomain, actor: User, now: datetime) -> None:
    """Staff say that a domain which a contact wrote down is the organisation's: from now on it counts.

    Its contacts are told. Twice changes nothing. Raises OrganisationRefused for who may not change mail domains, for
    one that is gone, and for one that counts for another organisation.
    """
    if not actor.has_perm("members.change_maildomain"):
        raise OrganisationRefused(_("Only the Partos team can confirm a mail domain."))
    organisation = Organisation.objects.locked(domain.organisation_id)
    row = organisation.mail_domains.filter(pk=domain.pk).first()
    if row is None:
        raise OrganisationRefused(_("This mail domain is gone."))
    if row.is_waiting:
        if MailDomain.objects.counts_elsewhere(organisation, [row.domain]).exists():
            raise OrganisationRefused(TAKEN)
        row.is_waiting = False
        row.save(update_fields=["is_waiting"])
        tell_of_domain(row, is_confirmed=True, now=now)
        audit.record("organisation.domain_confirmed", organisation, actor=actor, now=now, domain=row.domain)


def answer_unanswered_domains(*, now: datetime) -> int:
    """Tell contacts of a mail domain that nobody confirmed for ten working days; gives the number of domains.

    The claim ends, and may be made again. One transaction each, looked at again under the lock.
    """
    return sum(_answer_unanswered(row, now=now) for row in late(MailDomain.objects.waiting(), answered_by, now=now))


@transaction.atomic
def _answer_unanswered(domain: MailDomain, *, now: datetime) -> bool:
    organisation = Organisation.objects.locked(domain.organisation_id)
    row = organisation.mail_domains.waiting().filter(pk=domain.pk).first()
    if row is None:
        return False
    tell_of_domain(row, is_confirmed=False, now=now)
    row.delete()
    audit.record("organisation.domain_removed", organisation, actor=None, now=now, domain=row.domain)
    return True


def tell_of_domain(domain: MailDomain, *, is_confirmed: bool, now: datetime) -> None:
    """The answer to the contacts, who wrote the domain down."""
    contacts = Affiliation.objects.contacts().filter(organisation=domain.organisation_id).select_related("person")
    mails.mail_domain_answered(domain, {row.person for row in contacts}, is_confirmed=is_confirmed, now=now)


def domains_of(organisation: Organisation) -> set[str]:
    """Its mail domains as they are now, to tell afterwards which came and went."""
    return set(organisation.mail_domains.values_list("domain", flat=True))


def trail_of_domains(organisation: Organisation, old: set[str], *, actor: User, now: datetime) -> None:
    """An entry for each mail domain that it had not when it had `old`, and for each that it has no more."""
    new = domains_of(organisation)
    for domain in sorted(new - old):
        audit.record("organisation.domain_added", organisation, actor=actor, now=now, domain=domain)
    for domain in sorted(old - new):
        audit.record("organisation.domain_removed", organisation, actor=actor, now=now, domain=domain)


def end_memberships(*, now: datetime) -> int:
    """End the membership of members whose last day has passed, in Dutch time; gives their number (domain.md 5.1).

    What was the member's becomes an organisation of another kind, so that every right of members ends by the rules that
    there are: seats at sessions for members go within a minute, with one mail each (`registrations.release_lost`). One
    transaction each, looked at again under the lock.
    """
    over = Organisation.objects.members_until(local(now).date() - timedelta(days=1)).order_by("pk")
    return sum(end_membership_if_over(organisation=organisation, actor=None, now=now) for organisation in over)


@transaction.atomic
def end_membership_if_over(*, organisation: Organisation, actor: User | None, now: datetime) -> bool:
    """As `end_memberships`, for one; does nothing while the last day is to come. The contacts and the team are told."""
    organisation = Organisation.objects.locked(organisation.pk)
    last = organisation.membership_ended_on
    if organisation.kind != OrganisationKind.MEMBER or last is None or last >= local(now).date():
        return False
    organisation.kind = OrganisationKind.OTHER
    organisation.save(update_fields=["kind"])
    audit.record("organisation.membership_ended", organisation, actor=actor, now=now)
    mail.withdraw(mails.membership_prefix(organisation))
    mail.queue_new(mails.membership(organisation, readers_about(organisation), is_over=True), now=now)
    return True


def readers_about(organisation: Organisation) -> dict[int, tuple[User, bool]]:
    """Whom the end of a membership concerns, each once: its contacts, and the team; with whether one is of the team."""
    staff = {person.pk: (person, True) for person in staff_with_right("members.change_organisation")}
    contacts = Affiliation.objects.contacts().filter(organisation=organisation).select_related("person")
    return {**staff, **{row.person_id: (row.person, False) for row in contacts}}
