"""The main job from end to end: in a real browser, on script/server's own processes, with a real mail server."""

import json
import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tests.harness import browsing
from tests.harness.smtp import plain_text
from tests.harness.waiting import eventually

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
SEATS = 20
TITLE = "Eerste stappen met AI-beleid"
CODE = r"^\s*([A-Z0-9]{3,}-?[A-Z0-9]{3,})\s*$"  # on a line of its own

# A member organisation with its contact, and someone of the Partos team; staff make these in the admin.
SET_UP = """
from django.contrib.auth.models import Group
from django.utils import timezone
from members.models import Affiliation, MailDomain, Organisation, User
now = timezone.now()
member = Organisation.objects.create(name="Horizonhulp (fictief)", kind="member")
MailDomain.objects.create(organisation=member, domain="horizonhulp.example")
contact = User.objects.create_user("sam@horizonhulp.example", name="Sam Demostra (fictief)")
for role in ("colleague", "contact"):
    Affiliation.objects.create(
        person=contact, organisation=member, role=role, state="confirmed", requested_at=now, confirmed_at=now)
staff = User.objects.create_user("lotte@team.example", name="Lotte van der Fictie (fictief)", is_staff=True)
staff.groups.add(Group.objects.get(name="programme staff"))
for number in range(19):
    person = User.objects.create_user(f"collega{number}@horizonhulp.example", name=f"Collega {number} (fictief)")
    Affiliation.objects.create(
        person=person, organisation=member, state="confirmed", requested_at=now, confirmed_at=now)
last = User.objects.create_user("kofi@horizonhulp.example", name="Kofi Testman (fictief)")
Affiliation.objects.create(person=last, organisation=member, state="confirmed", requested_at=now, confirmed_at=now)
"""
# Nineteen colleagues register, by the action that the page calls.
REGISTER = """
from django.utils import timezone
from members.models import User
from sessions_app.actions import registrations
from sessions_app.models import Session
session = Session.objects.get()
for person in User.objects.filter(email__startswith="collega").order_by("pk"):
    registrations.register(
        session=session, person=person, organisation=person.affiliations.get().organisation, form="on_site",
        actor=person, now=timezone.now())
"""
# Time passes: a week before the start is a minute ago, and everyone had registered by then.
TIME_PASSES = """
from datetime import timedelta
from django.utils import timezone
from sessions_app.models import Registration, Session
now = timezone.now().replace(microsecond=0)
start = now + timedelta(days=7) - timedelta(minutes=1)
Registration.objects.update(changed_at=now - timedelta(hours=1))
Session.objects.update(starts_at=start, ends_at=start + timedelta(hours=2), dated_at=now - timedelta(hours=1),
    registration_deadline=start - timedelta(days=1))
"""
STATES = """
import json
from sessions_app.models import Registration
print(json.dumps(dict(Registration.objects.values_list("person__email", "state"))))
"""


class Person:
    """Someone with a browser of her own."""

    def __init__(self, page, portal, smtp_server, email):
        self.page, self.portal, self.smtp_server, self.email = page, portal, smtp_server, email

    def goes_to(self, path):
        self.page.goto(self.portal.url + path)

    def fills_in_the_code(self):
        mail = self.smtp_server.await_mail(self.email, text=CODE, within=5)  # other mail may come at the same time
        [code] = re.findall(CODE, plain_text(mail), re.MULTILINE)
        self.page.locator("input[name=code]").fill(code)
        self.presses()

    def signs_in(self):
        self.goes_to("/account/login/code/")
        self.page.locator("input[name=email]").fill(self.email)
        self.presses()
        self.fills_in_the_code()

    def presses(self, selector="main form button[type=submit]"):
        with self.page.expect_navigation():
            self.page.locator(selector).first.click()

    def chooses(self, name, value=""):
        """By its label, as a finger does; with no value the first choice."""
        field = self.page.locator(f"input[name={name}]" + (f"[value='{value}']" if value else "")).first
        self.page.locator(f"label[for='{field.get_attribute('id')}']").click()

    def moves(self, name):
        """Press the button of one move in the admin, fill in nothing more, and confirm."""
        with self.page.expect_navigation():
            self.page.locator(f"a[href$='/move/{name}/'], button[formaction$='/move/{name}/']").first.click()

    def confirms(self):
        self.presses("#content-main form input[type=submit], #content-main form button[type=submit]")
        if self.page.locator("[name=seen]").count():  # it has shown who gets which mail; once more does it
            self.presses("#content-main form input[type=submit]")
        errors = self.page.locator(".errorlist").all_inner_texts()
        assert not errors, errors

    def sees(self, words):
        text = self.page.locator("main").inner_text()
        assert words in text, text
        return self


def test_from_a_mailed_code_to_one_reminder(browser, portal, smtp_server):
    portal.env |= {"MAIL_LEASE_SECONDS": "10", "DJANGO_SETTINGS_MODULE": "tests.quick_beat"}
    portal.start()
    portal.python(SET_UP)
    with (
        browsing.fresh_page(browser) as first,
        browsing.fresh_page(browser) as second,
        browsing.fresh_page(browser) as third,
        browsing.fresh_page(browser) as fourth,
    ):
        noor = Person(first, portal, smtp_server, "noor@horizonhulp.example")
        sam = Person(second, portal, smtp_server, "sam@horizonhulp.example")
        lotte = Person(third, portal, smtp_server, "lotte@team.example")
        kofi = Person(fourth, portal, smtp_server, "kofi@horizonhulp.example")
        sign_up_and_be_confirmed(noor, sam)
        number = propose(noor)
        curate_plan_and_open(lotte, number)
        twenty_one_for_twenty_seats(noor, kofi, portal, number)
        one_cancels_and_the_first_in_line_takes_the_seat(noor, kofi, portal, number)
    the_reminder_comes_once_whatever_crashes(portal, smtp_server)
    assert "Traceback" not in portal.log.read_text()


def sign_up_and_be_confirmed(noor, sam):
    noor.goes_to("/account/signup/")
    noor.page.locator("input[name=email]").fill(noor.email)
    noor.page.locator("input[name=name]").fill("Noor Voorbeeld (fictief)")
    noor.presses()
    noor.fills_in_the_code()
    noor.goes_to("/bijeenkomsten/")
    noor.smtp_server.await_mail(sam.email, text="Noor Voorbeeld", within=70)
    sam.signs_in()
    sam.goes_to("/mijn-organisatie/")
    with sam.page.expect_navigation():
        sam.page.locator("main a.btn").first.click()
    sam.sees("Noor Voorbeeld")
    sam.presses("form[action*='bevestig'] button")
    noor.goes_to("/profiel/")
    noor.sees("Horizonhulp (fictief)").sees("bevestigd")


def propose(noor):
    noor.goes_to("/agenderen/")
    noor.presses("form[action$='/agenderen/nieuw/'] button")
    noor.chooses("subject", "line-digital-readiness")
    noor.chooses("track", "practitioner")
    noor.presses()
    noor.page.locator("[name=title]").fill(TITLE)
    noor.page.locator("[name=question]").fill("Hoe maken we met elkaar een AI-beleid dat past bij kleine organisaties?")
    noor.presses()
    noor.page.locator("select[name=content_lead]").select_option(label="Horizonhulp (fictief)")
    noor.chooses("language", "nl")
    noor.presses()
    noor.chooses("partos_roles")
    noor.presses()
    noor.sees(TITLE)
    noor.presses("form[action$='/versturen/'] button")
    [number] = re.findall(r"/agenderen/(\d+)/", noor.page.url)
    noor.sees(TITLE)
    return number


def curate_plan_and_open(lotte, number):
    lotte.signs_in()
    lotte.goes_to(f"/admin/sessions_app/session/{number}/change/")
    for move in ("take", "accept"):
        lotte.moves(move)
        lotte.confirms()
    lotte.moves("plan")
    start = datetime.now(AMSTERDAM).replace(hour=14, minute=15) + timedelta(days=28)
    fields = {
        "starts_at": f"{start:%Y-%m-%dT%H:%M}",
        "ends_at": f"{start + timedelta(minutes=90):%Y-%m-%dT%H:%M}",
        "registration_deadline": f"{start - timedelta(days=1):%Y-%m-%dT%H:%M}",
        "place": "Zaal 1 (fictief)",
        "capacity": str(SEATS),
        "for_whom": "Programmamedewerkers",
    }
    for name, value in fields.items():
        lotte.page.locator(f"[name={name}]").fill(value)
    for name, value in {
        "form": "on_site",
        "audience": "members",
        "admission": "direct",
        "confidentiality": "internal",
    }.items():
        lotte.page.locator(f"select[name={name}]").select_option(value)
    lotte.confirms()
    lotte.moves("open")
    lotte.confirms()


def twenty_one_for_twenty_seats(noor, kofi, portal, number):
    portal.python(REGISTER)
    noor.goes_to("/bijeenkomsten/")
    noor.sees(TITLE).sees("nog 1 plaats")
    noor.goes_to(f"/bijeenkomsten/{number}/aanmelden/")
    noor.presses()
    noor.sees("Je hebt een plaats")
    kofi.signs_in()
    kofi.goes_to(f"/bijeenkomsten/{number}/")
    kofi.sees("Vol")
    kofi.goes_to(f"/bijeenkomsten/{number}/aanmelden/")
    kofi.presses()
    kofi.sees("Je bent eerste in de rij")
    states = json.loads(portal.python(STATES))
    assert list(states.values()).count("confirmed") == SEATS
    assert states[kofi.email] == "waitlisted"


def one_cancels_and_the_first_in_line_takes_the_seat(noor, kofi, portal, number):
    noor.goes_to(f"/bijeenkomsten/{number}/afmelden/")
    noor.presses("main form button.btn-danger")
    kofi.smtp_server.await_mail(kofi.email, subject="Er is een plaats voor je vrijgehouden", within=70)
    kofi.goes_to(f"/bijeenkomsten/{number}/plaats/")
    kofi.presses("main form button[value=accept]")
    mail = kofi.smtp_server.await_mail(kofi.email, subject="Je bent aangemeld", within=70)
    assert [part.get_filename() for part in mail.iter_attachments()] == ["bijeenkomst.ics"]
    kofi.goes_to(f"/bijeenkomsten/{number}/")
    kofi.sees("Je hebt een plaats")
    states = json.loads(portal.python(STATES))
    assert (states[noor.email], states[kofi.email]) == ("cancelled", "confirmed")


def the_reminder_comes_once_whatever_crashes(portal, smtp_server):
    eventually(lambda: portal.health()["oldest_unsent_mail"] is None, within=70, what="an empty outbox")
    smtp_server.stalled = True
    portal.python(TIME_PASSES)
    eventually(lambda: smtp_server.waiting, within=30, what="a worker that is sending")
    portal.kill("worker")
    portal.empty_broker()
    smtp_server.stalled = False
    expected = SEATS

    def reminders():
        return [mail for mail in smtp_server.messages if "Herinnering" in mail["Subject"]]

    eventually(lambda: len(reminders()) >= expected, within=90, what="a reminder for each")
    eventually(lambda: portal.health()["oldest_unsent_mail"] is None, within=70, what="an empty outbox")
    readers = [mail["To"] for mail in reminders()]
    assert len(readers) == len(set(readers)) == expected
    assert "noor@horizonhulp.example" not in readers
