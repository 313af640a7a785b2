from datetime import timedelta

import pytest

from core.models import MailState, OutgoingMail
from members.rules import AffiliationState, Role
from quality import reminders, tasks
from tests.factories.members import OrganisationFactory, member_person
from tests.factories.quality import CertificateFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(member_organisation):
    return member_person(member_organisation, role=Role.QUALITY_OFFICER, email="kwaliteit@horizonhulp.example")


def sent_to():
    return sorted(OutgoingMail.objects.exclude(state=MailState.WITHDRAWN).values_list("to", flat=True))


def certificate(organisation, days):
    return CertificateFactory(organisation=organisation, expires_in=days)


def test_its_keepers_are_reminded_and_nobody_else(
    member_organisation, officer, contact, practitioner, director, quality_coordinator, staff, now
):
    member_person(OrganisationFactory(), role=Role.QUALITY_OFFICER)
    row = certificate(member_organisation, 90)
    reminders.queue_due(now=now)
    assert sent_to() == sorted([officer.email, contact.email, quality_coordinator.email])
    key = f"certificate:{row.pk}:recertification:90:{row.expires_on:%Y-%m-%d}:{officer.pk}"
    letter = OutgoingMail.objects.get(key=key)
    assert "/kwaliteit/mijn-organisatie/" in letter.text
    assert row.standard in letter.subject
    assert f"/admin/quality/certificate/{row.pk}/" in OutgoingMail.objects.get(to=quality_coordinator.email).html


@pytest.mark.parametrize("days", [270, 180, 90, 30])
def test_a_step_is_reminded_of_on_its_day_and_once(member_organisation, officer, now, days):
    certificate(member_organisation, days)
    assert reminders.queue_due(now=now - timedelta(days=1)) == (0 if days == 270 else 1)
    OutgoingMail.objects.all().delete()
    assert reminders.queue_due(now=now) == 1
    assert reminders.queue_due(now=now) == 0
    assert reminders.queue_due(now=now + timedelta(hours=1)) == 0


def test_after_downtime_only_the_latest_step_goes_out(member_organisation, officer, now):
    row = certificate(member_organisation, 25)
    reminders.queue_due(now=now)
    assert OutgoingMail.objects.get().key.startswith(f"certificate:{row.pk}:recertification:30:")


def test_a_year_long_each_step_is_sent_once(member_organisation, officer, now):
    certificate(member_organisation, 300)
    for day in range(0, 330, 5):
        reminders.queue_due(now=now + timedelta(days=day))
    assert OutgoingMail.objects.count() == 4


def test_a_new_date_is_reminded_of_anew(member_organisation, officer, now):
    row = certificate(member_organisation, 90)
    reminders.queue_due(now=now)
    row.expires_on += timedelta(days=1)
    row.save()
    assert reminders.queue_due(now=now + timedelta(days=1)) == 1


@pytest.mark.parametrize("fields", [{"withdrawn_on": "2026-01-01"}, {"decision_date": None}, {"expires_in": -1}])
def test_what_is_over_or_not_begun_reminds_nobody(member_organisation, officer, now, fields):
    CertificateFactory(organisation=member_organisation, **{"expires_in": 30, **fields})
    assert reminders.queue_due(now=now) == 0


def test_who_left_or_closed_the_account_is_not_reminded(member_organisation, officer, contact, now):
    officer.affiliations.update(state=AffiliationState.ENDED)
    contact.is_active = False
    contact.save()
    certificate(member_organisation, 30)
    assert reminders.queue_due(now=now) == 0


def test_the_task_reads_the_clock_itself(member_organisation, officer):
    certificate(member_organisation, 30)
    tasks.queue_reminders()
    assert sent_to() == [officer.email]


@pytest.mark.parametrize("rows", [1, 30])
def test_its_cost_is_flat(member_organisation, officer, now, rows, django_assert_num_queries):
    for _ in range(rows):
        certificate(member_organisation, 30)
    reminders.queue_due(now=now)
    with django_assert_num_queries(4):  # certificates, keepers, coordinators, the outbox
        reminders.queue_due(now=now)


def test_in_the_list_of_outgoing_mail_only_the_quality_coordinators_own_right_shows_it(
    member_organisation, officer, staff, quality_coordinator, now
):
    certificate(member_organisation, 30)
    reminders.queue_due(now=now)
    assert not OutgoingMail.objects.visible_to(staff).exists()
    assert OutgoingMail.objects.visible_to(quality_coordinator).count() == 2
