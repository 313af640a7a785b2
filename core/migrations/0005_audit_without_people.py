from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0004_refused_addresses_go_with_their_mail")]

    operations = [
        migrations.AlterField(
            model_name="auditentry",
            name="target_id",
            field=models.BigIntegerField(blank=True, null=True, verbose_name="row"),
        ),
    ]
