from django.db import migrations, models

import members.countries

# What came of a name that was typed in a field of two letters, where the code is another.
TYPED = {"Ne": "NL", "Ho": "NL", "Du": "DE", "Ve": "GB", "Zw": "CH", "Oo": "AT", "Sp": "ES", "De": "DK", "In": "IN"}


def put_right(apps, schema_editor):
    """Codes in capitals; what is no country at all becomes the Netherlands, as the field always began."""
    import pycountry

    Organisation = apps.get_model("members", "Organisation")
    for organisation in Organisation.objects.all():
        code = TYPED.get(organisation.country, organisation.country.strip().upper())
        if pycountry.countries.get(alpha_2=code) is None:
            code = "NL"
        if code != organisation.country:
            Organisation.objects.filter(pk=organisation.pk).update(country=code)


class Migration(migrations.Migration):
    dependencies = [("members", "0004_encrypt_factors")]

    operations = [
        migrations.RunPython(put_right, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="organisation",
            name="country",
            field=models.CharField(
                default="NL", max_length=2, validators=[members.countries.check], verbose_name="country"
            ),
        ),
        migrations.AlterField(
            model_name="organisation",
            name="membership_ended_on",
            field=models.DateField(
                blank=True,
                help_text="The last day as a member. From the day after, its people have the rights of members no"
                " more. Its contacts and the team get a mail two weeks before, and when it ends. A year later its"
                " certificates are deleted.",
                null=True,
                verbose_name="membership ended on",
            ),
        ),
    ]
