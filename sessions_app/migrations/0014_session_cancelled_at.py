from django.db import migrations, models
from django.db.models import F


def take_the_last_change(apps, schema_editor):
    """It is when the session was called off, unless somebody corrected its words afterwards."""
    sessions = apps.get_model("sessions_app", "Session").objects.filter(state="cancelled")
    sessions.update(cancelled_at=F("changed_at"))


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0013_who_is_on_a_series")]

    operations = [
        migrations.AddField(
            model_name="session",
            name="cancelled_at",
            field=models.DateTimeField(
                blank=True,
                editable=False,
                help_text="when it was called off; places that ended then ended by it",
                null=True,
            ),
        ),
        migrations.RunPython(take_the_last_change, migrations.RunPython.noop),
    ]
