"""What has come due by now: reminders before a certificate expires, found by a query on `<=` each hour."""

from datetime import datetime

from core import mail
from core.dates import local
from core.mail import Letter
from members.models import Affiliation, User
from members.permissions import staff_with_right
from members.rules import Role
from quality import mails
from quality.models import Certificate
from quality.rules import RECERTIFICATION_WINDOW, due_step
from quality.streams import CERTIFICATES


def queue_due(*, now: datetime) -> int:
    """Write the reminders that have come due and are not there yet to the outbox; gives their number."""
    return mail.queue_new(due(now=now), now=now)


def due(*, now: datetime) -> list[Letter]:
    """A letter for each certificate and each of its keepers, of the latest step only; the outbox tells which are new.

    Keepers are the organisation's quality officers and contacts, and the quality coordinators.
    """
    today = local(now).date()
    rows = Certificate.objects.expiring_by(today + RECERTIFICATION_WINDOW).select_related("organisation", "body")
    steps = [(row, step) for row in rows if (step := due_step(row.dates, today=today))]
    own = keepers_by_organisation({row.organisation_id for row, _ in steps})
    coordinators = list(staff_with_right("quality.change_certificate"))
    letters = {}
    for row, step in steps:
        for person in coordinators:
            letter = mails.recertification(row, person, days=step, is_own=False)
            letters[letter.key] = letter
        for person in own.get(row.organisation_id, []):
            letter = mails.recertification(row, person, days=step, is_own=True)
            letters[letter.key] = letter
    return list(letters.values())


def keepers_by_organisation(organisations: set[int]) -> dict[int, list[User]]:
    """Quality officers and contacts, by organisation; one query."""
    rows = (
        Affiliation.objects.confirmed()
        .filter(
            CERTIFICATES.wanted("person"),
            organisation__in=organisations,
            role__in=[Role.QUALITY_OFFICER, Role.CONTACT],
            person__is_active=True,
        )
        .select_related("person")
    )
    found: dict[int, list[User]] = {}
    for row in rows:
        found.setdefault(row.organisation_id, []).append(row.person)
    return found
