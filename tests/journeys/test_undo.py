"""Staff call a session off by mistake: they read who hears it, undo it, and later put everybody back."""

import pytest
from django.urls import reverse

from core.models import OutgoingMail
from sessions_app.models import Session
from sessions_app.rules import SessionState
from tests.factories.sessions import SessionFactory
from tests.harness import browsing

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_pair]
DO_IT = "#content-main form input[type=submit]"


def press(page, selector):
    with page.expect_navigation():
        page.locator(selector).first.click()


def move(page, name):
    press(page, f"a[href$='/move/{name}/']")


def is_well(page):
    assert browsing.axe_findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("width", [390, 1280])
def test_a_session_called_off_by_mistake(signed_in, staff, host, width):
    session = SessionFactory(title="Eerste stappen met AI (fictief)", registered=20, waiting=6, host=host)
    desk = signed_in(staff, reverse("admin:sessions_app_session_change", args=[session.pk]))
    desk.set_viewport_size({"width": width, "height": 900})

    move(desk, "cancel")
    desk.locator("[name=reason]").fill("De spreker is ziek.")
    press(desk, DO_IT)
    text = desk.locator("main").inner_text()
    assert "27 mensen krijgen een mail" in text
    assert "De spreker is ziek." in desk.locator(".foreseen pre").first.inner_text()
    assert desk.locator("[name=reason]").input_value() == "De spreker is ziek."
    is_well(desk)
    press(desk, DO_IT)
    assert "Mails aan 27 mensen wachten" in desk.locator("main").inner_text()
    press(desk, "form[action$='/undo/'] button")
    assert "ongedaan gemaakt" in desk.locator(".messagelist").inner_text()
    assert Session.objects.get(pk=session.pk).state == SessionState.OPEN
    assert session.registrations.live().count() == 26

    move(desk, "cancel")
    desk.locator("[name=reason]").fill("De zaal valt af.")
    press(desk, DO_IT)
    press(desk, DO_IT)
    press(desk, "form[action$='/send/'] button")
    OutgoingMail.objects.filter(state="queued").update(state="sent")
    move(desk, "resume")
    assert "Terug met een plek: 20" in desk.locator("main").inner_text()
    desk.locator("[name=reason]").fill("De zaal is er toch.")
    is_well(desk)
    press(desk, DO_IT)
    assert "27 mensen krijgen een mail" in desk.locator("main").inner_text()
    is_well(desk)
    press(desk, DO_IT)
    assert session.registrations.live().count() == 26
