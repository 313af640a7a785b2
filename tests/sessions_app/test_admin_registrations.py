import re
from datetime import timedelta

import pytest

from core.models import OutgoingMail
from members.rules import AffiliationState
from sessions_app.rules import Admission, RegistrationState
from tests.factories.sessions import RegistrationFactory, SessionFactory
from tests.harness.asking import agree

pytestmark = pytest.mark.django_db
ADMIN = "/admin/sessions_app/registration"


@pytest.fixture
def asked():
    session = SessionFactory(admission=Admission.BY_APPROVAL, capacity=1)
    return RegistrationFactory(session=session, state=RegistrationState.REQUESTED)


@pytest.mark.parametrize(("button", "state"), [("admit", "confirmed"), ("reject", "rejected")])
def test_staff_decide_on_who_asked_for_a_seat(client, staff, asked, button, state):
    client.force_login(staff)
    page = client.get(f"{ADMIN}/{asked.pk}/change/").content.decode()
    assert f"/move/{button}/" in page
    client.post(f"{ADMIN}/{asked.pk}/move/{button}/")
    asked.refresh_from_db()
    assert asked.state == state
    assert "/move/" not in client.get(f"{ADMIN}/{asked.pk}/change/").content.decode()
    client.post(f"{ADMIN}/{asked.pk}/move/admit/")
    asked.refresh_from_db()
    assert asked.state == state


def test_staff_read_the_state_and_the_place_in_line(client, staff):
    session = SessionFactory(capacity=1)
    seated = RegistrationFactory(session=session)
    _first, second = (RegistrationFactory(session=session, state=RegistrationState.WAITLISTED) for _ in range(2))
    client.force_login(staff)
    pages = {row: client.get(f"{ADMIN}/{row.pk}/change/").content.decode() for row in (seated, second)}
    assert re.search(r'Plek in de rij.*?<div class="readonly">2</div>', pages[second], re.DOTALL)
    assert re.search(r'Plek in de rij.*?<div class="readonly">-</div>', pages[seated], re.DOTALL)
    assert '<div class="readonly">op de wachtlijst</div>' in pages[second]


def test_staff_take_someone_off_the_list_and_say_why(client, staff):
    row = RegistrationFactory()
    client.force_login(staff)
    cancel = f"{ADMIN}/{row.pk}/cancel/"
    assert cancel in client.get(f"{ADMIN}/{row.pk}/change/").content.decode()
    assert client.get(cancel).status_code == 200
    assert client.post(cancel, {"reason": ""}).status_code == 422
    row.refresh_from_db()
    assert row.state == RegistrationState.CONFIRMED
    agree(client, cancel, {"reason": "De zaal is kleiner dan gedacht."})
    row.refresh_from_db()
    assert row.state == RegistrationState.CANCELLED
    assert cancel not in client.get(f"{ADMIN}/{row.pk}/change/").content.decode()


def test_what_is_over_can_not_be_decided_or_cancelled_any_more(client, staff, now):
    past = SessionFactory(starts_at=now - timedelta(days=1), admission=Admission.BY_APPROVAL)
    row = RegistrationFactory(session=past, state=RegistrationState.REQUESTED)
    client.force_login(staff)
    page = client.get(f"{ADMIN}/{row.pk}/change/").content.decode()
    assert "/move/" not in page
    assert "/cancel/" not in page
    assert client.post(f"{ADMIN}/{row.pk}/cancel/", {"reason": "Te laat."}).status_code == 422


@pytest.mark.parametrize("who", ["integrity_coordinator", "quality_coordinator", "functional_administrator", "host"])
def test_others_decide_nothing(client, request, asked, who):
    client.force_login(request.getfixturevalue(who))
    assert client.post(f"{ADMIN}/{asked.pk}/move/admit/").status_code in (302, 403, 404)
    assert client.get(f"{ADMIN}/{asked.pk}/cancel/").status_code in (302, 403, 404)
    assert client.post(f"{ADMIN}/{asked.pk}/cancel/", {"reason": "Nee."}).status_code in (302, 403, 404)
    asked.refresh_from_db()
    assert asked.state == RegistrationState.REQUESTED


def test_who_lost_the_affiliation_is_not_admitted_and_staff_read_why(client, staff, asked):
    asked.person.affiliations.update(state=AffiliationState.ENDED)
    client.force_login(staff)
    page = client.post(f"{ADMIN}/{asked.pk}/move/admit/", follow=True)
    asked.refresh_from_db()
    assert asked.state == RegistrationState.REQUESTED
    assert any("organisatie" in str(message) for message in page.context["messages"])
    assert not OutgoingMail.objects.exists()
