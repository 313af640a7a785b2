"""A request to join a group is heard of and answered, whoever stays silent (domain.md 4.8)."""

from datetime import timedelta

import pytest

from core.models import MailState, OutgoingMail
from core.waiting import answered_by, staff_hear_at
from leerlijnen import reminders
from leerlijnen.actions import groups
from leerlijnen.rules import ActivityKind, MembershipState
from tests.factories.leerlijnen import ActivityFactory, GroupMembershipFactory
from tests.factories.members import member_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(practitioner, staff, now):
    group = ActivityFactory(kind=ActivityKind.WORKING_GROUP)
    GroupMembershipFactory(activity=group, person=member_person(), is_lead=True)
    return groups.request_to_join(group=group, person=practitioner, actor=practitioner, now=now)


def waiting(kind):
    return OutgoingMail.objects.exclude(state=MailState.WITHDRAWN).filter(kind=f"leerlijnen.{kind}")


def test_staff_hear_after_seven_working_days_and_once(asked, staff, now):
    moment = staff_hear_at(now)
    assert reminders.queue_unanswered(now=moment - timedelta(minutes=1)) == 0
    assert reminders.queue_unanswered(now=moment) == 1
    assert reminders.queue_unanswered(now=moment + timedelta(hours=1)) == 0
    mail = waiting("group_waits").get()
    assert (mail.recipient, mail.state) == (staff, MailState.DIGEST)


def test_after_ten_working_days_the_portal_says_that_nobody_answered(asked, now):
    moment = answered_by(now)
    reminders.queue_unanswered(now=moment - timedelta(days=1))
    assert groups.answer_unanswered(now=moment - timedelta(minutes=1)) == 0
    assert groups.answer_unanswered(now=moment) == 1
    assert groups.answer_unanswered(now=moment + timedelta(hours=1)) == 0
    asked.refresh_from_db()
    assert asked.state == MembershipState.REFUSED
    assert "Niemand heeft binnen tien werkdagen geantwoord" in waiting("group_refused").get().text
    assert not waiting("group_waits").exists()
    assert not waiting("group_requested").exists()
