"""A series: staff make it by rule, one registers for the whole on a phone, one date moves, one is given up."""

from datetime import datetime, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from core import delivery
from core.dates import AMSTERDAM, local, span
from sessions_app.models import Session
from sessions_app.rules import RegistrationState, SessionState
from tests.factories.sessions import SessionFactory
from tests.harness import browsing
from tests.harness.smtp import plain_text

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_pair]
TITLE = "Vier middagen (fictief)"


def test_a_series_from_its_rule_to_a_date_that_one_gives_up(signed_in, smtp_server, staff, practitioner, now):
    first = SessionFactory(title="Eerste middag (fictief)", state=SessionState.PLANNED, starts_at=a_tuesday(now))
    desk = signed_in(staff, f"/admin/sessions_app/session/{first.pk}/change/")
    dates = makes_a_series(desk, first)
    series = dates[0].series

    noor = signed_in(practitioner, series.get_absolute_url())
    noor.set_viewport_size({"width": 390, "height": 844})
    registers_for_the_whole(noor)
    [mail] = mails_to(smtp_server, practitioner)
    before = {str(event["UID"]): event for event in events_in(mail)}
    assert [local(event["DTSTART"].dt) for event in before.values()] == [local(date.starts_at) for date in dates]

    moved = moves_a_day(desk, series, dates[2])
    [mail] = mails_to(smtp_server, practitioner)
    [event] = events_in(mail)
    assert span(moved.starts_at, moved.ends_at) in plain_text(mail)
    old = before[str(event["UID"])]
    assert old["DTSTART"].dt == dates[2].starts_at
    assert event["DTSTART"].dt == moved.starts_at
    assert int(event["SEQUENCE"]) > int(old["SEQUENCE"])

    gives_up(noor, series, dates[1])
    [mail] = mails_to(smtp_server, practitioner)
    [event] = events_in(mail)
    assert (event["DTSTART"].dt, event["STATUS"]) == (dates[1].starts_at, "CANCELLED")
    states = practitioner.registrations.order_by("session").values_list("state", flat=True)
    R = RegistrationState
    assert list(states) == [R.CONFIRMED, R.CANCELLED, R.CONFIRMED, R.CONFIRMED]


def a_tuesday(now):
    """In five weeks or a little more, at a quarter past two."""
    day = local(now).date() + timedelta(days=35)
    day += timedelta(days=(1 - day.weekday()) % 7)
    return datetime.combine(day, time(14, 15), tzinfo=AMSTERDAM)


def makes_a_series(desk, first) -> list[Session]:
    """Each second week, four times; nothing is made before staff saw the dates."""
    desk.get_by_role("link", name="Van deze bijeenkomst een reeks maken").click()
    desk.locator("[name=title]").fill(TITLE)
    desk.locator("[name=every]").fill("2")
    desk.locator("[name=times]").fill("4")
    press(desk, "text=Laat de data zien")
    expected = [first.starts_at + timedelta(weeks=2 * number) for number in range(4)]
    rows = [" ".join(row.split()) for row in desk.locator("#content-main tbody tr").all_inner_texts()]
    for start, row in zip(expected[1:], rows, strict=True):
        assert span(start, start + timedelta(minutes=90), zone=False) in row
    assert Session.objects.count() == 1
    press(desk, "[name=make]")
    press(desk, "text=Alle data openen voor aanmelding")
    assert "4 bijeenkomsten" in seen(desk, ".messagelist")
    dates = list(Session.objects.order_by("starts_at"))
    assert [(local(date.starts_at), date.state) for date in dates] == [(start, "open") for start in expected]
    return dates


def registers_for_the_whole(noor):
    noor.get_by_role("link", name="Aanmelden voor de hele reeks").click()
    press(noor, "main form button[type=submit]")
    assert "Je hebt een plaats op 4 data." in seen(noor, "body")
    assert "Je staat op de lijst van 4 van de 4 data die nog komen." in seen(noor)
    assert browsing.axe_findings(noor) == []
    assert noor.evaluate("document.documentElement.scrollWidth") <= 390


def moves_a_day(desk, series, date) -> Session:
    desk.goto(desk.url.partition("/admin/")[0] + reverse("admin:sessions_app_series_change", args=[series.pk]))
    desk.locator(f"a[href='{reverse('admin:sessions_app_session_change', args=[date.pk])}']").click()
    desk.locator("a[href$='/move/move/']").click()
    for name in ("starts_at", "ends_at"):
        desk.locator(f"[name={name}]").fill(f"{local(getattr(date, name)) + timedelta(days=1):%Y-%m-%dT%H:%M}")
    press(desk, "#content-main [type=submit]")
    if desk.locator("[name=seen]").count():  # a holiday, perhaps
        press(desk, "#content-main [type=submit]")
    assert "is verzet" in seen(desk, ".messagelist")
    press(desk, "form[action$='/send/'] button")  # the mails would wait, in case it is undone
    return Session.objects.get(pk=date.pk)


def gives_up(noor, series, date):
    noor.reload()
    noor.locator(f"a[href='{date.get_absolute_url()}']").click()
    noor.locator("aside .act a").click()
    press(noor, "main form button.btn-danger")
    noor.goto(noor.url.partition("/mijn-agenda/")[0] + series.get_absolute_url())
    assert "Je staat op de lijst van 3 van de 4 data die nog komen." in seen(noor)
    assert noor.locator(".pill-ok").count() == 3


def mails_to(server, person):
    """What came since the last look."""
    delivery.deliver(clock=timezone.now)
    new = server.to(person.email)
    server.messages.clear()
    return new


def events_in(mail):
    """One file for each date."""
    files = [Calendar.from_ical(file.get_content()) for file in mail.iter_attachments()]
    return [event for file in files for event in file.walk("VEVENT")]


def press(page, button):
    with page.expect_navigation():
        page.locator(button).first.click()


def seen(page, where="main"):
    return " ".join(page.locator(where).inner_text().split())
