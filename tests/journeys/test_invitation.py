"""A director answers an invitation on the phone, without an account; a real browser keeps the cookies."""

import pytest
from playwright.sync_api import expect

from core import links
from sessions_app.actions import invitations
from sessions_app.models import Invitation
from sessions_app.rules import InvitationState
from tests.factories.members import OrganisationFactory
from tests.factories.sessions import DialogueFactory
from tests.harness import browsing

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def where(live_server, settings, staff, now):
    settings.PORTAL_URL = live_server.url
    invitation = invitations.invite(
        session=DialogueFactory(title="Stille dialoog (fictief)"),
        name="Imane Proefstra (fictief)",
        email="imane@horizonhulp.example",
        organisation=OrganisationFactory(),
        actor=staff,
        now=now,
    )
    token = links.sign(purpose="invitation", row=invitation.pk, nonce=invitation.nonce)
    return f"{live_server.url}{{language}}/uitnodiging/{token}/"


def test_the_answering_device_keeps_the_invitation_and_another_does_not(browser, where):
    dutch, english = where.format(language=""), where.format(language="/en")
    with browsing.fresh_page(browser, width=390) as phone:
        phone.goto(dutch)
        assert browsing.axe_findings(phone) == []
        phone.click("button[value=accept]")
        expect(phone.locator("button[value=decline]")).to_be_visible()
        assert Invitation.objects.get().state == InvitationState.ACCEPTED
        assert browsing.axe_findings(phone) == []
        for again in (dutch, english):
            phone.goto(again)
            expect(phone.locator("main")).to_contain_text("Stille dialoog")
        with browsing.fresh_page(browser) as other:
            other.goto(dutch)
            expect(other.locator("main")).not_to_contain_text("Stille dialoog")
            assert browsing.axe_findings(other) == []
        phone.click("button[value=decline]")
        expect(phone.locator("button[value=accept]")).to_be_visible()
        assert Invitation.objects.get().state == InvitationState.DECLINED
