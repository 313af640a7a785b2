from datetime import timedelta

import pytest

from core import audit
from core.dates import local
from core.models import MailState, OutgoingMail
from quality import reminders
from quality.actions import certificates
from quality.actions.certificates import CertificateRefused
from quality.models import Certificate
from tests.factories.members import OrganisationFactory
from tests.factories.quality import CertificateFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def who(quality_coordinator, now):
    return {"actor": quality_coordinator, "now": now}


def verbs(row):
    return [entry.verb for entry in reversed(audit.trail_of(row))]


def test_a_certificate_is_added_and_changed_with_a_trail_of_fields_only(who):
    row = Certificate(organisation=OrganisationFactory(), standard="ISO 9001:2015")
    certificates.save(row, **who, fields=["organisation", "standard"])
    row.scope = "Geheim"
    certificates.save(row, **who, fields=["scope"])
    assert verbs(row) == ["certificate.added", "certificate.changed"]
    assert audit.trail_of(row).first().codes == {"fields": "scope"}


def test_suspended_lifted_suspended_and_withdrawn(who, now):
    row = CertificateFactory()
    certificates.suspend(row, **who)
    with pytest.raises(CertificateRefused):
        certificates.suspend(row, **who)
    certificates.lift_suspension(row, **who)
    with pytest.raises(CertificateRefused):
        certificates.lift_suspension(row, **who)
    with pytest.raises(CertificateRefused):
        certificates.withdraw(row, **who)
    certificates.suspend(row, **who)
    certificates.withdraw(row, **who)
    for action in (certificates.suspend, certificates.lift_suspension, certificates.withdraw):
        with pytest.raises(CertificateRefused):
            action(row, **who)
    row.refresh_from_db()
    assert row.status_on(local(now).date()) == "withdrawn"
    assert verbs(row) == [
        *("certificate.suspended", "certificate.suspension_lifted", "certificate.suspended", "certificate.withdrawn")
    ]


def test_an_expired_certificate_cannot_be_suspended(who):
    with pytest.raises(CertificateRefused):
        certificates.suspend(CertificateFactory(expires_in=-1), **who)


def test_another_expiry_date_takes_back_what_waits(who, now):
    row, other = CertificateFactory(expires_in=100), CertificateFactory(expires_in=100)
    reminders.queue_due(now=now)
    row.expires_on += timedelta(days=1000)
    certificates.save(row, **who, fields=["expires_on"])
    states = dict(OutgoingMail.objects.values_list("key", "state"))
    assert {state for key, state in states.items() if key.startswith(f"certificate:{row.pk}:")} == {MailState.WITHDRAWN}
    assert {state for key, state in states.items() if key.startswith(f"certificate:{other.pk}:")} == {MailState.QUEUED}


def test_another_scope_takes_back_nothing(who, now):
    row = CertificateFactory(expires_in=100)
    reminders.queue_due(now=now)
    certificates.save(row, **who, fields=["scope"])
    assert OutgoingMail.objects.get().state == MailState.QUEUED


@pytest.mark.parametrize("name", ["contact", "director", "staff", "integrity_coordinator", "functional_administrator"])
def test_nobody_but_the_quality_coordinator_writes(request, name, now):
    person = request.getfixturevalue(name)
    row = CertificateFactory(suspended_on=local(now).date())
    for action in (certificates.suspend, certificates.lift_suspension, certificates.withdraw):
        with pytest.raises(CertificateRefused):
            action(row, actor=person, now=now)
    with pytest.raises(CertificateRefused):
        certificates.save(row, actor=person, now=now, fields=["scope"])
    assert verbs(row) == []
