from django.db import migrations, models


def try_all_again(apps, schema_editor):
    """Nobody knows any more on which mail they were refused; the next mail to each is tried, and tells it anew."""
    apps.get_model("core", "RefusedAddress").objects.all().delete()
    held = apps.get_model("core", "OutgoingMail").objects.filter(state="held").exclude(text="")
    held.update(state="queued", attempts=0, error="")


class Migration(migrations.Migration):
    dependencies = [("core", "0003_streams_and_refused_addresses")]

    operations = [
        migrations.RunPython(try_all_again, migrations.RunPython.noop, elidable=True),
        migrations.AddField(
            model_name="refusedaddress",
            name="mail",
            field=models.ForeignKey(
                editable=False, on_delete=models.deletion.CASCADE, related_name="+", to="core.outgoingmail"
            ),
        ),
        migrations.RemoveField(model_name="refusedaddress", name="needs_right"),
    ]
