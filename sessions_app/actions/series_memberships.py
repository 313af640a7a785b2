"""Being on a series as a whole begins and ends. The caller holds the lock on a session of the series, or on all.

Of it the audit trail has nothing: who is on it stands in its own row, and goes with that.
"""

from datetime import datetime

from members.models import Organisation, User
from sessions_app.models import Series, SeriesMembership, Session


def begin(series: Series, person: User, *, organisation: Organisation | None, now: datetime) -> None:
    """From now on a date that opens is for her too. Who is on it already keeps her turn."""
    row, is_new = SeriesMembership.objects.get_or_create(
        series=series, person=person, defaults={"organisation": organisation, "since": now}
    )
    if not is_new and row.organisation != organisation:
        row.organisation = organisation
        row.save(update_fields=["organisation"])


def end(series_pk: int | None, person_pk: int) -> bool:
    """No date that opens is for her any more; what she has stays. Tells whether she was on it."""
    number, _ = SeriesMembership.objects.filter(series=series_pk, person=person_pk).delete()
    return bool(number)


def end_with(session: Session, person_pk: int) -> None:
    """End it for who was taken off one date, by staff or because she may no longer come."""
    if session.series_id is not None:
        end(session.series_id, person_pk)
