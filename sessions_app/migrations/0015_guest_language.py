from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0014_session_cancelled_at")]

    operations = [
        migrations.AddField(
            model_name="guest",
            name="language",
            field=models.CharField(
                choices=[("nl", "Dutch"), ("en", "English")],
                db_default="nl",
                default="nl",
                editable=False,
                max_length=2,
                verbose_name="language",
            ),
        ),
    ]
