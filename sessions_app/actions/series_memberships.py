"""Being on a series as a whole begins and ends. The caller holds the lock on a session of the series, or on all."""

from datetime import datetime

from core import audit
from members.models import Organisation, User
from sessions_app.models import Series, SeriesMembership, Session


def begin(series: Series, person: User, *, organisation: Organisation | None, actor: User, now: datetime) -> None:
    """From now on a date that opens is for her too. Who is on it already keeps her turn."""
    row, is_new = SeriesMembership.objects.get_or_create(
        series=series, person=person, defaults={"organisation": organisation, "since": now}
    )
    if is_new:
        audit.record("series.joined", series, actor=actor, now=now, person=person.pk)
    elif row.organisation != organisation:
        row.organisation = organisation
        row.save(update_fields=["organisation"])


def end(series_pk: int | None, person_pk: int, *, actor: User | None, now: datetime) -> bool:
    """No date that opens is for her any more; what she has stays. Tells whether she was on it."""
    rows = SeriesMembership.objects.filter(series=series_pk, person=person_pk).select_related("series")
    for row in rows:
        audit.record("series.left", row.series, actor=actor, now=now, person=person_pk)
        row.delete()
    return bool(rows)


def end_with(session: Session, person_pk: int, *, actor: User | None, now: datetime) -> None:
    """End it for who was taken off one date, by staff or because she may no longer come."""
    if session.series_id is not None:
        end(session.series_id, person_pk, actor=actor, now=now)
