"""Pages that depend on one's own part in a session: a seat, a role as host, a proposal."""

import pytest
from django.urls import reverse

from core.dates import local
from sessions_app.actions import curation, planning
from sessions_app.rules import SessionState
from tests.factories.sessions import DialogueFactory, RegistrationFactory, SessionFactory
from tests.sessions_app.proposing import proposal

pytestmark = pytest.mark.django_db


def test_who_is_registered_sees_a_postponed_session_and_can_cancel(client, practitioner, staff, now):
    session = SessionFactory()
    RegistrationFactory(session=session, person=practitioner)
    planning.postpone(session=session, reason="Ziek.", actor=staff, now=now)
    client.force_login(practitioner)
    page = client.get(session.get_absolute_url())
    assert page.status_code == 200
    assert reverse("sessions:cancel", args=[session.pk]) in page.text
    assert session.get_absolute_url() in client.get(reverse("sessions:mine")).text
    client.post(reverse("sessions:cancel", args=[session.pk]))
    assert client.get(session.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("who", ["staff", "host"])
def test_a_dialogue_stands_in_no_list_whoever_looks(client, request, who):
    person = request.getfixturevalue(who)
    dialogue = DialogueFactory(title="Stille dialoog", host=person if who == "host" else None)
    client.force_login(person)
    assert client.get(dialogue.get_absolute_url()).status_code == 200
    month = f"{local(dialogue.starts_at):%Y-%m}"
    for address in (reverse("sessions:list"), reverse("sessions:month", args=[month])):
        assert "Stille dialoog" not in client.get(address).text


def test_the_page_of_a_proposal_does_not_name_the_dialogue_that_took_it_in(client, practitioner, staff, now):
    offered = proposal(practitioner, state=SessionState.IN_CURATION)
    curation.merge(session=offered, into=DialogueFactory(title="Stille dialoog"), actor=staff, now=now)
    client.force_login(practitioner)
    page = client.get(reverse("sessions:proposal", args=[offered.pk]))
    assert page.status_code == 200
    assert "Stille dialoog" not in page.text
