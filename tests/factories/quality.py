from datetime import timedelta

import factory
from django.utils import timezone

from quality.models import Certificate, CertificationBody
from tests.factories.members import LONG_AGO, OrganisationFactory


class CertificationBodyFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = CertificationBody
        django_get_or_create = ("name",)

    name = "Keurmeester Certificatie (fictief)"


class CertificateFactory(factory.django.DjangoModelFactory):
    """Decided a month ago, for three years; say `expires_in=days` for another end."""

    class Meta:
        model = Certificate

    class Params:
        expires_in = 3 * 365 - 30

    organisation = factory.SubFactory(OrganisationFactory)
    standard = "ISO 9001:2015"
    scope = "Internationale samenwerking"
    body = factory.SubFactory(CertificationBodyFactory)
    number = factory.Sequence(lambda n: f"KC-{n:05}")
    expires_on = factory.LazyAttribute(lambda row: timezone.localdate() + timedelta(days=row.expires_in))
    decision_date = factory.LazyAttribute(lambda row: row.expires_on and row.expires_on - timedelta(days=3 * 365))
    changed_at = LONG_AGO
