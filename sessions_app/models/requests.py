"""Sets of registrations that wait for a decision (domain.md 4.2)."""

from django.db.models import Q

from core.visitor_pages import ShownQuerySet
from sessions_app.rules import ANSWERED_BEFORE, RegistrationState, request_answered_by


class RequestQuerySet(ShownQuerySet):
    """The part of RegistrationQuerySet that is about who asked for a seat."""

    def requested(self):
        """Who asked and has no answer, first come first; while a session is postponed nobody can decide."""
        return self.filter(state=RegistrationState.REQUESTED).order_by("queued_at", "pk")

    def unanswered(self, now):
        """Those whose time for an answer is over, of sessions that have a date; a list of rows."""
        near = Q(session__registration_deadline__lte=now) | Q(session__starts_at__lte=now + ANSWERED_BEFORE)
        rows = self.requested().filter(near, session__starts_at__isnull=False)
        rows = rows.select_related("session", "session__track", "person")
        return [row for row in rows if answered_by(row) <= now]


def answered_by(registration):
    """When this request gets an answer at the latest; its session has a date."""
    session = registration.session
    return request_answered_by(
        asked_at=registration.queued_at, starts_at=session.starts_at, deadline=session.registration_deadline
    )
