"""What was typed as a country before there was a list becomes a code (members.0005)."""

from importlib import import_module

import pytest
from django.apps import apps

from members.models import Organisation
from tests.factories.members import OrganisationFactory

pytestmark = pytest.mark.django_db


WAS = [("Be", "BE"), ("be", "BE"), ("Ne", "NL"), ("NL", "NL"), ("Du", "DE"), ("KE", "KE"), ("??", "NL")]


@pytest.mark.parametrize(("stored", "right"), WAS)
def test_each_becomes_a_country(stored, right):
    organisation = OrganisationFactory()
    Organisation.objects.filter(pk=organisation.pk).update(country=stored)
    import_module("members.migrations.0005_countries_are_a_list").put_right(apps, None)
    organisation.refresh_from_db()
    assert organisation.country == right
