import pytest

from sessions_app.rules import Admission, RegistrationState
from tests.factories.sessions import RegistrationFactory, SessionFactory

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


@pytest.mark.parametrize("who", ["integrity_coordinator", "quality_coordinator", "functional_administrator", "host"])
def test_others_decide_nothing(client, request, asked, who):
    client.force_login(request.getfixturevalue(who))
    assert client.post(f"{ADMIN}/{asked.pk}/move/admit/").status_code in (302, 403, 404)
    asked.refresh_from_db()
    assert asked.state == RegistrationState.REQUESTED
