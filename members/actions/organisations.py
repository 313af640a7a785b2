from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from core import audit
from members.models import MailDomain, Organisation, User


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
