"""A hybrid session is two rooms: who wishes for the other keeps the seat, and goes when there is one there."""

import pytest

from sessions_app.actions import registrations
from sessions_app.models import Registration
from sessions_app.rules import Form, RegistrationState
from tests.factories.members import member_person
from tests.factories.sessions import RegistrationFactory, SessionFactory
from tests.harness import browsing

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_pair]
MEETING = "https://video.example/zaal"


def seen(page):
    return " ".join(page.locator("main").inner_text().split())


def press(page, button):
    with page.expect_navigation():
        page.locator(button).first.click()


def test_a_wish_keeps_the_seat_and_both_rooms_hold_what_they_can(signed_in, practitioner, now):
    session = SessionFactory(form=Form.HYBRID, capacity=2, capacity_online=1, online_link=MEETING, registered=1)
    wishes = RegistrationFactory(session=session, person=practitioner)
    online = RegistrationFactory(session=session, form=Form.ONLINE)
    waits = RegistrationFactory(session=session, state=RegistrationState.WAITLISTED)
    own, page = f"/bijeenkomsten/{session.pk}/plaats/", session.get_absolute_url()
    noor = signed_in(practitioner, page)
    assert noor.locator(f"a[href='{MEETING}']").count() == 0
    assert signed_in(online.person, page).locator(f"a[href='{MEETING}']").count() == 1
    noor.goto(noor.url.replace(page, own))
    press(noor, "button[value=online]")
    assert "Je hebt een plaats, en die houd je." in seen(noor)
    assert rooms_of(session) == {Form.ON_SITE: 2, Form.ONLINE: 1}
    for person in (practitioner, waits.person, member_person()):
        assert MEETING not in signed_in(person, page).content()

    registrations.cancel(registration=online, actor=online.person, now=now)
    noor.reload()
    assert "Je hebt een plaats online." in seen(noor)
    noor.goto(noor.url.replace(own, page))
    assert noor.locator(f"a[href='{MEETING}']").count() == 1
    assert browsing.axe_findings(noor) == []
    wishes.refresh_from_db()
    assert (wishes.form, wishes.wished_form) == (Form.ONLINE, "")
    assert rooms_of(session) == {Form.ON_SITE: 2, Form.ONLINE: 1}  # the seat that she left is held for who waited
    assert "Er is een plaats voor je vrijgehouden" in seen(signed_in(waits.person, own))
    assert MEETING not in signed_in(waits.person, page).content()
    assert MEETING not in signed_in(online.person, page).content()  # who left


def rooms_of(session):
    rows = Registration.objects.filter(session=session).holding_seat()
    return {form: rows.filter(form=form).count() for form in (Form.ON_SITE, Form.ONLINE)}
