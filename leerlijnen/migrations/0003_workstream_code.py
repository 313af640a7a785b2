from django.db import migrations, models

CODES = {"integriteit": "integrity", "kwaliteit": "quality"}  # the identifiers of the document of 2026


def give_codes(apps, schema_editor):
    Workstream = apps.get_model("leerlijnen", "Workstream")
    for slug, code in CODES.items():
        Workstream.objects.filter(slug__startswith=slug).update(code=code)


class Migration(migrations.Migration):

    dependencies = [
        ('leerlijnen', '0002_following'),
    ]

    operations = [
        migrations.AddField(
            model_name='workstream',
            name='code',
            field=models.CharField(choices=[('integrity', 'Integrity'), ('quality', 'Quality')], default='', max_length=20, verbose_name='code'),
            preserve_default=False,
        ),
        migrations.RunPython(give_codes, migrations.RunPython.noop, elidable=True),
        migrations.AddConstraint(
            model_name='workstream',
            constraint=models.UniqueConstraint(fields=('programme', 'code'), name='one_workstream_per_code'),
        ),
    ]
