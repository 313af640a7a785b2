"""Two people press the button of the same page at the same moment."""

import pytest
from django.urls import reverse

from sessions_app.models import Session
from tests.factories.leerlijnen import PartosRoleFactory
from tests.factories.sessions import SessionFactory
from tests.harness.forms import BrowserClient, fill
from tests.sessions_app.test_locking_registrations import all_at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def session():
    session = SessionFactory(title="Oude titel", description="")
    session.partos_roles.add(PartosRoleFactory(programme=session.programme))
    return session


def pressed_at_once(person, address, pages):
    """Each page sent by a client of its own, all at the same moment; gives the answers' states in order."""
    clients = []
    for _page in pages:
        client = BrowserClient()
        client.force_login(person)
        clients.append(client)
    data = [fill(clients[0].get(address), typed) for typed in pages]
    answers = {}

    def press(number):
        answers[number] = clients[number].post(address, data[number]).status_code

    all_at_once(press, range(len(pages)))
    return [answers[number] for number in range(len(pages))]


def test_of_five_titles_at_the_same_moment_one_is_written_and_the_others_are_asked(staff, session):
    address = reverse("admin:sessions_app_session_change", args=[session.pk])
    titles = [f"Titel {number}" for number in range(5)]
    answers = pressed_at_once(staff, address, [{"title": title} for title in titles])
    assert sorted(answers) == [302, 422, 422, 422, 422]
    assert Session.objects.get(pk=session.pk).title == titles[answers.index(302)]


def test_five_fields_at_the_same_moment_are_all_written(staff, session):
    address = reverse("admin:sessions_app_session_change", args=[session.pk])
    typed = {"title": "Nieuw", "description": "Beter", "capacity": "9", "offer_hours": "24", "for_whom": "Wij"}
    assert pressed_at_once(staff, address, [{name: value} for name, value in typed.items()]) == [302] * 5
    session = Session.objects.get(pk=session.pk)
    assert {name: str(getattr(session, name)) for name in typed} == typed


def test_of_two_texts_for_one_reminder_one_is_written(host):
    session = SessionFactory(host=host)
    address = reverse("sessions:reminders", args=[session.pk])
    texts = ["Lees het stuk", "Neem je badge mee"]
    answers = pressed_at_once(host, address, [{"text": text} for text in texts])
    assert sorted(answers) == [302, 422]
    assert Session.objects.get(pk=session.pk).reminder_text == texts[answers.index(302)]
