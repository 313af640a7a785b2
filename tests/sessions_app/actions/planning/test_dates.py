"""Giving a session its date: what a date lacks, and what a planned session may not be."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.models import AuditEntry
from core.moves import Refused
from leerlijnen.rules import TrackCode
from sessions_app.actions import invitations, planning
from sessions_app.models import Session
from sessions_app.rules import Admission, Audience, Confidentiality, Form
from tests.factories.leerlijnen import TrackFactory
from tests.factories.sessions import SessionFactory
from tests.sessions_app.actions.planning.common import S, accepted, plan

pytestmark = pytest.mark.django_db


WRONG = {
    "starts_at": {"starts_at": None},
    "ends_at": {"ends_at": None},
    "form": {"form": ""},
    "place": {"place": " "},
    "online_link": {"form": Form.ONLINE},
    "capacity": {"capacity": 0},
    "capacity_online": {"form": Form.HYBRID, "online_link": "https://bellen.example/1", "capacity_online": 10**9},
}


@pytest.mark.parametrize(("field", "wrong"), WRONG.items(), ids=WRONG)
def test_what_a_date_lacks_is_named_at_its_field(staff, schedule, now, field, wrong):
    session = accepted()
    with pytest.raises(Refused) as refused:
        plan(session, replace(schedule, **wrong), staff, now)
    assert refused.value.field == field
    assert Session.objects.get(pk=session.pk).state == S.ACCEPTED


def test_the_end_comes_after_the_start(staff, schedule, now):
    with pytest.raises(Refused) as refused:
        plan(accepted(), replace(schedule, ends_at=schedule.starts_at), staff, now)
    assert refused.value.field == "ends_at"


def test_registration_closes_before_the_start(staff, schedule, now):
    late = replace(schedule, registration_deadline=schedule.starts_at + timedelta(minutes=1))
    with pytest.raises(Refused) as refused:
        plan(accepted(), late, staff, now)
    assert refused.value.field == "registration_deadline"


def test_a_past_date_is_recorded_only_when_it_is_meant(staff, schedule, now):
    past = replace(schedule, starts_at=now - timedelta(days=3), ends_at=now - timedelta(days=2),
                   registration_deadline=None)  # fmt: skip
    session = accepted()
    with pytest.raises(Refused) as refused:
        plan(session, past, staff, now)
    assert refused.value.field == "starts_at"
    session = plan(session, past, staff, now, past_is_meant=True)
    assert planning.mark_held(session=session, actor=staff, now=now).state == S.HELD


def test_a_dialogue_is_by_invitation_and_under_the_chatham_house_rule(staff, schedule, now):
    session = accepted(track=TrackFactory(code=TrackCode.LEADERSHIP))
    session = plan(session, schedule, staff, now, audience="public", admission="direct", confidentiality="")
    assert (session.audience, session.admission, session.confidentiality) == (
        Audience.INVITED, Admission.INVITATION, Confidentiality.CHATHAM_HOUSE
    )  # fmt: skip
    with pytest.raises(Refused):
        planning.open_registration(session=session, actor=staff, now=now)
    assert invitations.start_inviting(session=session, actor=staff, now=now).state == S.INVITING
    assert AuditEntry.objects.filter(actor__isnull=False).count() == 0


def test_only_dialogues_invite(staff, now):
    with pytest.raises(Refused):
        invitations.start_inviting(session=SessionFactory(state=S.PLANNED), actor=staff, now=now)
