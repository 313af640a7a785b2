from django.db import migrations
from django.db.models import Q
from django.utils import timezone

LIVE = ["requested", "waitlisted", "offered", "confirmed"]


def put_on(apps, schema_editor):
    """Who has a place at a date to come of a series for which one registers as a whole is on it."""
    rows = apps.get_model("sessions_app", "Registration").objects.filter(
        Q(session__starts_at__gt=timezone.now()) | Q(session__starts_at=None),
        session__series__registration="whole",
        state__in=LIVE,
        person__is_active=True,
    )
    Membership = apps.get_model("sessions_app", "SeriesMembership")
    found = {}
    for row in rows.select_related("session").order_by("queued_at", "pk").iterator():
        one = found.setdefault(
            (row.session.series_id, row.person_id),
            Membership(series_id=row.session.series_id, person_id=row.person_id, since=row.queued_at),
        )
        one.organisation_id = row.organisation_id
    Membership.objects.bulk_create(found.values(), batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0012_series_memberships")]

    operations = [migrations.RunPython(put_on, migrations.RunPython.noop)]
