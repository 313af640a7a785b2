import json

import pytest

from core.models import OutgoingMail
from members.actions.accounts import AccountRefused
from partos_portal.erasure import close_account
from sessions_app.rules import RegistrationState
from tests.factories.leerlijnen import GroupMembershipFactory
from tests.factories.sessions import InvitationFactory, RegistrationFactory, SessionFactory

pytestmark = pytest.mark.django_db


def test_closing_gives_the_seat_to_the_first_in_line_and_leaves_the_groups(outsider, now):
    session = SessionFactory(capacity=1, waiting=1)
    seat = RegistrationFactory(session=session, person=outsider)
    membership = GroupMembershipFactory(person=outsider, activity__learning_line=session.learning_line)
    email = outsider.email

    close_account(person=outsider, actor=outsider, now=now)

    seat.refresh_from_db()
    assert seat.state == RegistrationState.CANCELLED
    assert session.registrations.get(state=RegistrationState.CONFIRMED).person != outsider
    membership.refresh_from_db()
    assert not outsider.memberships.live().exists()
    # nothing but the last goodbye goes to the old address
    assert list(OutgoingMail.objects.filter(to=email).values_list("kind", flat=True)) == ["members.account_closed"]


def test_a_refused_closing_keeps_the_seat(staff, now):
    seat = RegistrationFactory(person=staff)
    with pytest.raises(AccountRefused):
        close_account(person=staff, actor=staff, now=now)
    seat.refresh_from_db()
    assert seat.state == RegistrationState.CONFIRMED


def test_my_data_tells_of_every_app_and_of_nobody_else(client, outsider):
    session = SessionFactory(registered=2, title="Digitale autonomie")
    RegistrationFactory(session=session, person=outsider)
    other = GroupMembershipFactory(activity__learning_line=session.learning_line).person
    GroupMembershipFactory(activity__learning_line=session.learning_line, person=outsider)
    InvitationFactory(session__title="Tafel A", email=outsider.email.upper())
    InvitationFactory(session__title="Tafel B")
    client.force_login(outsider)

    response = client.post("/profiel/gegevens/")

    kept = json.loads(response.content)
    assert [row["session__title"] for row in kept["registrations"]] == ["Digitale autonomie"]
    assert [row["session__title"] for row in kept["invitations"]] == ["Tafel A"]
    assert len(kept["groups"]) == 1
    assert other.name not in response.content.decode()
