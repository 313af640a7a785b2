"""At the door with a phone: three taps, and somebody is ticked."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from sessions_app.rules import RegistrationState, SessionState
from tests.factories.sessions import SessionFactory
from tests.harness import browsing

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_pair]
R = RegistrationState


@pytest.fixture
def phone(browser, live_server, host):
    with browsing.fresh_page(browser, width=390, has_touch=True, is_mobile=True, java_script_enabled=False) as page:
        client = Client()
        client.force_login(host)
        name = settings.SESSION_COOKIE_NAME
        page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
        yield page


def states(session):
    return list(session.registrations.order_by("pk").values_list("state", flat=True))


def tap(phone, role, name):
    with phone.expect_navigation():
        phone.get_by_role(role, name=name).first.tap()


def beside(word, row):
    """The name of the button beside somebody's own, as a screen reader tells it."""
    return re.compile(rf"{word}\s*: {re.escape(row.person.name)}")


def test_from_my_agenda_to_everyone_ticked_without_a_script(phone, live_server, host):
    session = SessionFactory(
        state=SessionState.CLOSED, starts_at=timezone.now() - timedelta(minutes=5), host=host, registered=6
    )
    first, second, third, *_others = session.registrations.order_by("pk").select_related("person")
    phone.goto(f"{live_server.url}/mijn-agenda/")
    tap(phone, "link", "Wie is er")
    row = phone.get_by_role("button", name=first.person.name).first
    assert row.bounding_box()["height"] >= 44
    tap(phone, "button", first.person.name)
    assert states(session)[0] == R.ATTENDED
    assert phone.get_by_role("button", name=first.person.name).first.get_attribute("aria-pressed") == "true"

    tap(phone, "button", second.person.name)
    tap(phone, "button", "Alle 4 anderen waren er niet")
    assert states(session) == [R.ATTENDED] * 2 + [R.NO_SHOW] * 4

    tap(phone, "button", beside("Terug", third))
    tap(phone, "button", beside("Afwezig", first))
    assert states(session) == [R.NO_SHOW, R.ATTENDED, R.CONFIRMED] + [R.NO_SHOW] * 3
