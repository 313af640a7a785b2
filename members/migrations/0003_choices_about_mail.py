from django.db import migrations, models


def keep_choices(apps, schema_editor):
    """Who had switched a mail off keeps it off."""
    people = apps.get_model("members", "User").objects
    off = [(name, people.filter(**{f"wants_{name}": False})) for name in ("reminders", "requests")]
    for name, rows in off:
        for person in rows.only("mail_choices").iterator():
            people.filter(pk=person.pk).update(mail_choices={**person.mail_choices, name: "none"})


def give_back(apps, schema_editor):
    people = apps.get_model("members", "User").objects
    for name in ("reminders", "requests"):
        people.filter(**{f"mail_choices__{name}": "none"}).update(**{f"wants_{name}": False})


class Migration(migrations.Migration):
    dependencies = [("members", "0002_membership_ended_on")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="mail_choices",
            field=models.JSONField(blank=True, default=dict, editable=False, verbose_name="choices about mail"),
        ),
        migrations.RunPython(keep_choices, give_back),
        migrations.RemoveField(model_name="user", name="wants_reminders"),
        migrations.RemoveField(model_name="user", name="wants_requests"),
    ]
