"""What has come due by now: routes to try again, found by a query on `<=` each hour (domain.md 4.5, 4.8)."""

from datetime import datetime, timedelta

from core import mail
from core.mail import Letter
from integrity import mails
from integrity.models import ReportingRoute, Route, SupportRoute
from integrity.rules import CHECK_STEPS, check_step
from members.permissions import staff_with_right

MODELS: tuple[type[Route], ...] = (ReportingRoute, SupportRoute)


def queue_due(*, now: datetime) -> int:
    """Write the reminders that have come due and are not there yet to the outbox; gives their number."""
    return mail.queue_new(due(now=now), now=now)


def due(*, now: datetime) -> list[Letter]:
    """A letter for each published route and each who keeps it, of the latest step only."""
    letters = []
    for model in MODELS:
        routes = list(model.objects.to_be_checked_by(now + timedelta(days=CHECK_STEPS[0])))
        if not routes:
            continue
        keepers = list(staff_with_right(f"integrity.change_{model._meta.model_name}"))
        for route in routes:
            step = check_step(route.check_before, now=now)
            if step is not None:
                letters += [mails.check(route, person, step=step, until=route.check_before) for person in keepers]
    return letters
