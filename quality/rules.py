"""What a certificate's dates say about it (domain.md 4.6, 4.8, 5.4). No query, no clock."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

# Days before a certificate expires on which its keepers are reminded, the furthest first (domain.md 4.8).
RECERTIFICATION_STEPS = (270, 180, 90, 30)
RECERTIFICATION_WINDOW = timedelta(days=RECERTIFICATION_STEPS[0])
SURVEILLANCE_WINDOW = timedelta(days=90)


class CertificateStatus(TextChoices):
    """Never stored: derived from dates each time."""

    PREPARING = "preparing", _("in preparation")
    ACTIVE = "active", _("valid")
    SURVEILLANCE_DUE = "surveillance_due", _("valid, surveillance audit due")
    RECERTIFICATION_DUE = "recertification_due", _("valid, recertification due")
    EXPIRED = "expired", _("expired")
    SUSPENDED = "suspended", _("suspended")
    WITHDRAWN = "withdrawn", _("withdrawn")


C = CertificateStatus
IN_FORCE = (C.ACTIVE, C.SURVEILLANCE_DUE, C.RECERTIFICATION_DUE)


@dataclass(frozen=True)
class Dates:
    """The facts that stand on a certificate and in the letters of its certification body; None where there is none."""

    decided: date | None
    expires: date | None
    last_surveillance: date | None = None
    suspended: date | None = None
    withdrawn: date | None = None


def status(dates: Dates, *, today: date) -> CertificateStatus:
    """The gravest thing that is true today. A certificate is valid up to and including the day it expires."""
    if dates.withdrawn and dates.withdrawn <= today:
        return C.WITHDRAWN
    if not dates.decided or dates.decided > today:
        return C.PREPARING
    if dates.expires and dates.expires < today:
        return C.EXPIRED
    if dates.suspended and dates.suspended <= today:
        return C.SUSPENDED
    if dates.expires and dates.expires <= today + RECERTIFICATION_WINDOW:
        return C.RECERTIFICATION_DUE
    due = next_surveillance(dates)
    if due and due <= today + SURVEILLANCE_WINDOW:
        return C.SURVEILLANCE_DUE
    return C.ACTIVE


def next_surveillance(dates: Dates) -> date | None:
    """By when the next surveillance audit must be: the first within 12 months of the certification decision, then one
    each calendar year but for the year of recertification (ISO/IEC 17021-1 9.1.3, domain.md 5.4)."""
    if not dates.decided:
        return None
    if dates.last_surveillance and dates.last_surveillance > dates.decided:
        due = date(dates.last_surveillance.year + 1, 12, 31)
    else:
        due = year_after(dates.decided)
    if dates.expires and due.year >= dates.expires.year:
        return None
    return due


def next_date(dates: Dates, *, today: date) -> date | None:
    """The date that counts now: of the surveillance audit, or the day the certificate expires."""
    match status(dates, today=today):
        case C.SURVEILLANCE_DUE:
            return next_surveillance(dates)
        case C.ACTIVE:
            return next_surveillance(dates) or dates.expires
        case C.RECERTIFICATION_DUE | C.EXPIRED | C.SUSPENDED:
            return dates.expires
    return None


def due_step(dates: Dates, *, today: date) -> int | None:
    """The latest reminder step that has come, in days before expiry; None before the first and after the end."""
    if not dates.expires or status(dates, today=today) not in (*IN_FORCE, C.SUSPENDED):
        return None
    days_left = (dates.expires - today).days
    return min((step for step in RECERTIFICATION_STEPS if days_left <= step), default=None)


def year_after(day: date) -> date:
    """The same day a year later; 28 February after 29 February."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)
