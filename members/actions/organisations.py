from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from core import audit, mail
from core.dates import local
from members import mails
from members.models import Affiliation, MailDomain, Organisation, User
from members.permissions import staff_with_right
from members.rules import OrganisationKind


@transaction.atomic
def change_data(
    *, organisation: Organisation, changes: dict[str, Any], domains: Collection[str], actor: User, now: datetime
) -> None:
    """Write what the contact changed about the organisation; `domains` are all its mail domains from now on.

    The values were checked by the form. The audit trail gets the names of the fields, and the
    domains: an organisation is no person.
    """
    organisation = Organisation.objects.locked(organisation.pk)
    changed = [name for name, value in changes.items() if getattr(organisation, name) != value]
    for name in changed:
        setattr(organisation, name, changes[name])
    organisation.save(update_fields=changed)
    old = domains_of(organisation)
    if old != set(domains):
        organisation.mail_domains.exclude(domain__in=domains).delete()
        MailDomain.objects.bulk_create(
            MailDomain(organisation=organisation, domain=domain) for domain in set(domains) - old
        )
        trail_of_domains(organisation, old, actor=actor, now=now)
    if changed:
        audit.record("organisation.changed", organisation, actor=actor, now=now, fields="+".join(sorted(changed)))


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
