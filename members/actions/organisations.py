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

    The values were checked by the form. The audit trail gets the names of the fields, not what stands in them.
    """
    organisation = Organisation.objects.locked(organisation.pk)
    changed = [name for name, value in changes.items() if getattr(organisation, name) != value]
    for name in changed:
        setattr(organisation, name, changes[name])
    organisation.save(update_fields=changed)
    old = set(organisation.mail_domains.values_list("domain", flat=True))
    if old != set(domains):
        organisation.mail_domains.exclude(domain__in=domains).delete()
        MailDomain.objects.bulk_create(
            MailDomain(organisation=organisation, domain=domain) for domain in set(domains) - old
        )
        changed.append("mail_domains")
    if changed:
        audit.record("organisation.changed", organisation, actor=actor, now=now, fields="+".join(sorted(changed)))
