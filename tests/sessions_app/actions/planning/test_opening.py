"""Opening and closing registration, and noting that a session was held."""

from datetime import timedelta

import pytest

from core.moves import Refused
from members.rules import OrganisationKind
from sessions_app.actions import planning
from sessions_app.models import Hosting, Session
from sessions_app.rules import HostingPart
from tests.factories.members import OrganisationFactory
from tests.factories.sessions import SessionFactory
from tests.sessions_app.actions.planning.common import S

pytestmark = pytest.mark.django_db


def test_a_session_is_not_held_before_it_has_ended(staff, now):
    session = SessionFactory(state=S.CLOSED)
    with pytest.raises(Refused):
        planning.mark_held(session=session, actor=staff, now=now)


def lead_by(session, *kinds):
    session.hostings.filter(part=HostingPart.CONTENT_LEAD).delete()
    for kind in kinds:
        Hosting.objects.create(
            session=session, organisation=OrganisationFactory(kind=kind), part=HostingPart.CONTENT_LEAD
        )


K = OrganisationKind


@pytest.mark.parametrize(
    "kinds", [[], [K.ASSOCIATION], [K.MINISTRY], [K.OTHER], [K.MEMBER, K.ASSOCIATION], [K.PARTNER, K.MINISTRY]]
)
@pytest.mark.parametrize("state", [S.PLANNED, S.CLOSED])
def test_nothing_opens_unless_a_member_or_partner_leads_the_content(staff, now, kinds, state):
    session = SessionFactory(state=state)
    lead_by(session, *kinds)
    with pytest.raises(Refused, match="Een lid of partner moet de inhoud trekken") as refused:
        planning.open_registration(session=session, actor=staff, now=now)
    assert refused.value.field == "content_lead"
    assert Session.objects.get(pk=session.pk).state == state


@pytest.mark.parametrize("kind", [K.MEMBER, K.PARTNER])
def test_a_session_opens_when_a_member_or_partner_leads_the_content(staff, now, kind):
    session = SessionFactory(state=S.PLANNED)
    lead_by(session, kind)
    assert planning.open_registration(session=session, actor=staff, now=now).state == S.OPEN


def test_a_past_session_without_content_lead_is_not_held_either(staff, now):
    session = SessionFactory(state=S.PLANNED, starts_at=now - timedelta(days=2))
    lead_by(session)
    with pytest.raises(Refused) as refused:
        planning.mark_held(session=session, actor=staff, now=now)
    assert refused.value.field == "content_lead"


@pytest.mark.parametrize(
    ("field", "missing"),
    {
        "hostings": {},
        "audience": {"audience": ""},
        "admission": {"admission": ""},
        "confidentiality": {"confidentiality": ""},
        "registration_deadline": {"registration_deadline": None},
    }.items(),
)
def test_what_is_missing_to_open_is_named(staff, now, field, missing):
    session = SessionFactory(state=S.PLANNED, **missing)
    if field == "hostings":
        session.hostings.filter(part=HostingPart.FACILITATE).delete()
    with pytest.raises(Refused) as refused:
        planning.open_registration(session=session, actor=staff, now=now)
    assert refused.value.field == field


def test_a_session_does_not_open_after_its_deadline(staff, now):
    session = SessionFactory(state=S.CLOSED, registration_deadline=now - timedelta(hours=1))
    with pytest.raises(Refused) as refused:
        planning.open_registration(session=session, actor=staff, now=now)
    assert refused.value.field == "registration_deadline"


def test_the_portal_itself_closes_registration(now):
    assert planning.close(session=SessionFactory(), actor=None, now=now).state == S.CLOSED


def test_a_deadline_that_staff_put_off_meanwhile_closes_nothing(staff, now):
    session = SessionFactory(registration_deadline=now - timedelta(minutes=1))
    found = Session.objects.past_deadline(now).get()
    later = {"registration_deadline": now + timedelta(days=3)}
    planning.change(session=session, changes=later, actor=staff, now=now)
    assert not planning.close_if_past_deadline(session=found, now=now)
    assert Session.objects.get(pk=session.pk).state == S.OPEN
