import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse

from tests.factories.sessions import SessionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def secrets(member_organisation):
    """Pages that staff see by right."""
    return [
        reverse("sessions:participants", args=[SessionFactory(registered=1).pk]),
        reverse("members:people", args=[member_organisation.pk]),
    ]


@pytest.fixture(autouse=True)
def in_production(settings):
    settings.TRIAL = False


def statuses(client, pages):
    return [client.get(page).status_code for page in pages]


def test_staff_without_a_second_step_have_no_rights_outside_the_admin_either(client, staff, secrets):
    client.force_login(staff)
    assert statuses(client, secrets) == [404, 404]
    assert staff.get_all_permissions() == set()


def test_staff_with_a_second_step_have_their_rights(client, staff, secrets):
    Authenticator.objects.create(user=staff, type=Authenticator.Type.TOTP, data={"secret": "geheim"})
    client.force_login(staff)
    assert statuses(client, secrets) == [200, 200]


def test_who_is_no_staff_costs_no_query_for_it(practitioner, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert not practitioner.has_perm("members.view_affiliation")


def test_the_second_step_is_looked_up_once(staff, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert not any(staff.has_perm(right) for right in ("members.view_affiliation", "members.view_user"))
