from django.db import migrations

from members.factor_secrets import encrypt_all


def encrypt(apps, schema_editor):
    encrypt_all(apps.get_model("mfa", "Authenticator").objects.all())


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0003_choices_about_mail"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [migrations.RunPython(encrypt, migrations.RunPython.noop)]
