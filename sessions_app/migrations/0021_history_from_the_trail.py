from django.db import migrations


def fill(apps, schema_editor):
    """What the pages read from the trail until now, before the trail is made clean of people."""
    Session = apps.get_model("sessions_app", "Session")
    SessionChange = apps.get_model("sessions_app", "SessionChange")
    entries = apps.get_model("core", "AuditEntry").objects.filter(
        target_type="sessions_app.session", verb__startswith="session."
    )
    there = set(Session.objects.values_list("pk", flat=True))
    SessionChange.objects.bulk_create(
        (
            SessionChange(
                session_id=entry.target_id, verb=entry.verb, author_id=entry.actor_id, field="", old="", new="", at=entry.at
            )
            for entry in entries.order_by("at", "pk").iterator()
            if entry.target_id in there
        ),
        batch_size=500,
    )


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0020_history_of_sessions"), ("core", "0005_audit_without_people")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
