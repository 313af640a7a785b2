"""The dates of a series as one reader may know them; for the page of the series and those of its sessions."""

from core.dates import span
from sessions_app.models import Session
from sessions_app.rules import SessionState
from sessions_app.templatetags.session_words import my_state_in_words, seats_in_words


def dates_of(series, person):
    """The dates of a series that the person may know of, in order, with seats and her own state; undated ones last."""
    rows = Session.objects.visible_to(person).without_dialogues().filter(series=series)
    rows = rows.with_seats().with_registration_of(person).with_place_in_programme().order_by("starts_at", "pk")
    return sorted(rows, key=lambda session: session.starts_at is None)


def other_dates(session, person):
    """The dates of the series of a session as plain values by number, for its own page; one query, or none.

    Cancelled dates have no number among those that are on.
    """
    if session.series_id is None:
        return {}
    found, number = {}, 0
    for place, row in enumerate(dates_of(session.series, person)):
        on = row.state != SessionState.CANCELLED
        number += on
        seats = seats_in_words(row)
        found[place] = {
            "pk": row.pk,
            "when": span(row.starts_at, row.ends_at, zone=False) if row.starts_at else "",
            "state": my_state_in_words(row.my_state) or (seats if person.is_authenticated or not on else ""),
            "number": number if on else 0,
            "is_here": row.pk == session.pk,
        }
    return found
