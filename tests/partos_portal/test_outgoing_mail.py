import pytest

from core.models import OutgoingMail
from leerlijnen.actions import groups
from sessions_app.actions import registrations
from sessions_app.mails import proposals
from tests.factories.leerlijnen import GroupMembershipFactory
from tests.factories.members import member_person
from tests.factories.sessions import ProposerFactory, SessionFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("who", "number"), [("staff", 4), ("functional_administrator", 0)])
def test_who_may_not_see_who_takes_part_does_not_find_the_mails_that_tell_it(
    client, request, staff, practitioner, member_organisation, who, number, now
):
    session = SessionFactory()
    registrations.register(
        session=session,
        person=practitioner,
        organisation=member_organisation,
        form=session.form,
        actor=practitioner,
        now=now,
    )
    group = GroupMembershipFactory(activity__learning_line=session.learning_line, person=member_person(), is_lead=True)
    groups.request_to_join(group=group.activity, person=practitioner, actor=practitioner, now=now)
    proposals.submitted(ProposerFactory(person=practitioner, session=session).session, now=now)
    assert OutgoingMail.objects.count() == 4
    client.force_login(request.getfixturevalue(who))
    response = client.get("/admin/core/outgoingmail/")
    assert response.context["cl"].result_count == number
