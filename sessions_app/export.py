from typing import Any

from members.models import User
from sessions_app.models import (
    CalendarAddress,
    CurationNote,
    Guest,
    Hosting,
    Invitation,
    Proposer,
    Registration,
    SeriesMembership,
    SessionChange,
)


def own_data(person: User) -> dict[str, Any]:
    """What the person registered for, proposed, hosts, wrote and was invited to; of others nothing."""
    return {
        "registrations": list(
            Registration.objects.filter(person=person)
            .order_by("queued_at")
            .values(
                *("session__title", "session__starts_at", "organisation__name", "function", "form"),
                *("needs_language", "needs__text", "state", "queued_at", "changed_at", "registered_by__name"),
            )
        ),
        "series": list(
            SeriesMembership.objects.filter(person=person).values("series__title", "organisation__name", "since")
        ),
        "registered_colleagues_for": list(
            Registration.objects.filter(registered_by=person)
            .order_by("queued_at")
            .values("session__title", "session__starts_at", "queued_at")
        ),
        "proposals": list(
            Proposer.objects.filter(person=person).values(
                "session__title", "session__question", "session__state", "organisation__name"
            )
        ),
        "hostings": list(Hosting.objects.filter(person=person).values("session__title", "organisation__name", "part")),
        "notes": list(CurationNote.objects.filter(author=person).values("session__title", "kind", "text", "at")),
        "changes": list(
            SessionChange.objects.filter(author=person).values("session__title", "verb", "field", "old", "new", "at")
        ),
        "calendar_address_made_at": list(
            CalendarAddress.objects.filter(person=person).values_list("made_at", flat=True)
        ),
        "invited_by_address": list(
            Guest.objects.of(person).order_by("invited_at").values("session__title", "email", "invited_at")
        ),
        "invitations": list(
            Invitation.objects.filter(email__iexact=person.email).values(
                "session__title", "name", "function", "organisation__name", "state", "sent_at", "answered_at"
            )
        ),
    }
