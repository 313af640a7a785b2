"""A request to be linked is heard of and answered, whoever stays silent (domain.md 4.8)."""

from datetime import timedelta

import pytest

from core.models import MailState, OutgoingMail
from core.waiting import answered_by, staff_hear_at
from members import reminders
from members.actions import affiliations
from members.rules import AffiliationState
from tests.factories.members import AffiliationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_of_newcomer(member_organisation, contact, outsider, now):
    return affiliations.request_affiliation(person=outsider, organisation=member_organisation, actor=outsider, now=now)


def waiting(kind):
    return OutgoingMail.objects.exclude(state=MailState.WITHDRAWN).filter(kind=kind)


def test_staff_hear_in_their_daily_mail_after_seven_working_days_and_once(request_of_newcomer, staff, now):
    moment = staff_hear_at(now)
    assert reminders.queue_unanswered(now=moment - timedelta(minutes=1)) == 0
    assert reminders.queue_unanswered(now=moment) == 1
    assert reminders.queue_unanswered(now=moment + timedelta(hours=1)) == 0
    mail = waiting("members.affiliation_waits").get()
    assert (mail.recipient, mail.state) == (staff, MailState.DIGEST)
    assert request_of_newcomer.person.name not in mail.subject


def test_after_ten_working_days_the_portal_says_that_nobody_answered(request_of_newcomer, staff, now):
    moment = answered_by(now)
    reminders.queue_unanswered(now=moment - timedelta(days=1))
    assert affiliations.answer_unanswered(now=moment - timedelta(minutes=1)) == 0
    assert affiliations.answer_unanswered(now=moment) == 1
    assert affiliations.answer_unanswered(now=moment + timedelta(hours=1)) == 0
    request_of_newcomer.refresh_from_db()
    assert request_of_newcomer.state == AffiliationState.ENDED
    mail = waiting("members.affiliation_ended").get(recipient=request_of_newcomer.person)
    assert "Niemand heeft binnen tien werkdagen geantwoord" in mail.text
    assert not waiting("members.affiliation_waits").exists()
    assert not waiting("members.affiliation_requested").exists()


def test_whoever_is_linked_stays_so(member_organisation, now):
    linked = AffiliationFactory(organisation=member_organisation)
    affiliations.answer_unanswered(now=now)
    linked.refresh_from_db()
    assert linked.state == AffiliationState.CONFIRMED
