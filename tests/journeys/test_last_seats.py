"""Two leave in the same second while staff give a seat by hand: never one too many held, and the line goes on."""

import json
import re
from collections import Counter

from tests.harness import browsing
from tests.harness.smtp import plain_text
from tests.harness.waiting import eventually

SEATS = 20
LINK = r"https?://\S+/plaats/\S+"
FULL = """
import json
from django.contrib.auth.models import Group
from django.test import Client
from core import links
from members.models import User
from sessions_app.mails.registrations import link_to_place
from tests.factories.sessions import SessionFactory
session = SessionFactory(title="De laatste plaatsen (fictief)", capacity=20, registered=20, waiting=3)
staff = User.objects.create_user("lotte@team.example", name="Lotte van der Fictie (fictief)", is_staff=True)
staff.groups.add(Group.objects.get(name="programme staff"))
desk = Client()
desk.force_login(staff)
def token(row):
    place = link_to_place(row)
    return links.sign(purpose=place.purpose, row=place.row, nonce=place.nonce)
print(json.dumps({
    "cookie": desk.cookies["sessionid"].value,
    "leaving": [token(row) for row in session.registrations.confirmed().order_by("pk")[:2]],
    "waiting": [[row.pk, row.person.email] for row in session.registrations.waiting().select_related("person")],
}))
"""
# Two days later, for whoever is being asked.
OFFER_LAPSES = """
from django.utils import timezone
from sessions_app.models import Registration
Registration.objects.filter(state="offered").update(offered_until=timezone.now())
"""
WHAT_BECAME_OF_IT = """
import json
from core.models import AuditEntry
from sessions_app.models import Registration
codes = AuditEntry.objects.filter(verb__startswith="registration.").order_by("pk").values_list("codes", flat=True)
print(json.dumps({
    "states": dict(Registration.objects.values_list("person__email", "state")),
    "moves": [[code["old"], code["new"]] for code in codes],
}))
"""


def test_the_last_seats(browser, portal, smtp_server):
    portal.env |= {"DJANGO_SETTINGS_MODULE": "tests.quick_beat", "BEAT_SECONDS": "2"}
    portal.start()
    given = json.loads(portal.python(FULL))
    (first, asked), (_, passed_over), (_, last) = given["waiting"]
    two_leave_while_staff_give_a_seat(browser, portal, given, first)
    smtp_server.await_mail(asked, subject="Je hebt een plaats", within=60)
    old_link = link_in(smtp_server.await_mail(passed_over, text=LINK, within=60))
    portal.python(OFFER_LAPSES)
    new_link = link_in(smtp_server.await_mail(last, text=LINK, within=60))
    with browsing.fresh_page(browser) as late:
        late.goto(old_link)
        assert "De tijd om deze plaats aan te nemen is voorbij" in seen(late)
        assert late.locator("button[value=accept]").count() == 0
    with browsing.fresh_page(browser, width=390) as phone:  # without a cookie, so without an account
        for _ in range(2):  # a mail scanner comes first
            phone.goto(new_link)
        press(phone, "button[value=accept]")
        assert "Je hebt een plaats." in seen(phone)
    smtp_server.await_mail(last, subject="Je bent aangemeld", within=60)
    expected = {asked: "confirmed", passed_over: "expired", last: "confirmed"}
    nobody_too_many_and_nothing_twice(portal, smtp_server, expected)


def two_leave_while_staff_give_a_seat(browser, portal, given, first):
    by_hand = f"{portal.url}/admin/sessions_app/registration/{first}/change/"
    with (
        browsing.fresh_page(browser) as one,
        browsing.fresh_page(browser) as two,
        browsing.fresh_page(browser) as desk,
    ):
        desk.context.add_cookies([{"name": "sessionid", "value": given["cookie"], "url": portal.url}])
        for page, token in zip((one, two), given["leaving"], strict=True):
            page.goto(f"{portal.url}/plaats/{token}/")
        desk.goto(by_hand)
        gives_seat = "form[action$='/move/give-seat/'] button"
        for page, button in ((one, "button[value=cancel]"), (desk, gives_seat), (two, "button[value=cancel]")):
            page.locator(button).first.click(no_wait_after=True)
        for page in (one, two):
            page.wait_for_function("() => document.body && !document.querySelector('button[value=cancel]')")
            assert "Je staat niet meer op de lijst" in seen(page)
        desk.locator(".messagelist").wait_for()
        if desk.locator(gives_seat).count():  # staff were too early, when no seat was free yet
            press(desk, gives_seat)


def nobody_too_many_and_nothing_twice(portal, smtp_server, expected):
    eventually(lambda: portal.health()["oldest_unsent_mail"] is None, within=60, what="an empty outbox")
    came = json.loads(portal.python(WHAT_BECAME_OF_IT))
    assert {person: came["states"][person] for person in expected} == expected
    assert Counter(came["states"].values()) == {"confirmed": SEATS, "cancelled": 2, "expired": 1}
    held, holds = SEATS, ("offered", "confirmed")
    for old, new in came["moves"]:
        held += (new in holds) - (old in holds)
        assert held <= SEATS
    assert set(smtp_server.copies().values()) == {1}
    told = Counter((mail["To"], mail["Subject"]) for mail in smtp_server.messages)
    assert set(told.values()) == {1}, told
    assert "Traceback" not in portal.log.read_text()


def link_in(mail):
    return re.findall(LINK, plain_text(mail))[0]


def press(page, button):
    with page.expect_navigation():
        page.locator(button).first.click()


def seen(page):
    return " ".join(page.locator("main").inner_text().split())
