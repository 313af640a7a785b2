import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0015_guest_language")]

    operations = [
        migrations.AddField(
            model_name="registration",
            name="invitation",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                help_text="her own invitation by address, by which she registered; it holds when her address changes",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="sessions_app.guest",
            ),
        ),
        migrations.AddField(
            model_name="registration",
            name="needs_invitation",
            field=models.BooleanField(
                db_default=False,
                default=False,
                editable=False,
                help_text="the session was by invitation when she registered",
            ),
        ),
    ]
