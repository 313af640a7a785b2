"""A session moves over the clock change: in a real browser, by real mail, and in a program that subscribes."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import urlopen
from zoneinfo import ZoneInfo

import vobject
from icalendar import Calendar

from tests.harness import browsing
from tests.journeys.test_main_job import Person

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
TITLE = "Shift the Power in de praktijk"
SET_UP = """
from datetime import datetime, timedelta
from django.contrib.auth.models import Group
from django.utils import timezone
from leerlijnen.models import LearningLine
from members.models import Affiliation, Organisation, User
from sessions_app.models import Hosting, Session
now = timezone.now()
member = Organisation.objects.create(name="Horizonhulp (fictief)", kind="member")
noor = User.objects.create_user("noor@horizonhulp.example", name="Noor Voorbeeld (fictief)")
Affiliation.objects.create(person=noor, organisation=member, state="confirmed", requested_at=now, confirmed_at=now)
staff = User.objects.create_user("lotte@team.example", name="Lotte van der Fictie (fictief)", is_staff=True)
staff.groups.add(Group.objects.get(name="programme staff"))
line = LearningLine.objects.order_by("number").first()
start = datetime.fromisoformat("{start}")
session = Session.objects.create(
    programme=line.programme, learning_line=line, track=line.programme.tracks.get(code="practitioner"), state="open",
    title="{title}", question="Hoe?", language="nl", form="online", online_link="https://video.example/SECRET-LINK",
    starts_at=start, ends_at=start + timedelta(minutes=90), dated_at=now,
    registration_deadline=start - timedelta(days=8), capacity=20, for_whom="Leden", audience="members",
    admission="direct", confidentiality="internal", created_at=now, changed_at=now)
Hosting.objects.create(session=session, organisation=member, part="content_lead")
print(session.pk)
"""


def the_day_the_clock_goes_back(now: datetime) -> datetime:
    """A quarter past two in the afternoon, Dutch time, of the next last Sunday of October that is two months off."""
    for year in (now.year, now.year + 1):
        last = datetime(year, 10, 31, 14, 15, tzinfo=AMSTERDAM)
        last -= timedelta(days=(last.weekday() + 1) % 7)
        if last > now + timedelta(days=60):
            return last
    raise AssertionError("there is one each year")


class Subscriber:
    """A calendar on somebody's computer that follows an address (vdirsyncer)."""

    def __init__(self, folder: Path, address: str):
        self.address = address
        self.events = folder / "calendar"
        self.events.mkdir(parents=True)
        self.config = folder / "config"
        self.config.write_text(
            f'[general]\nstatus_path = "{folder / "status"}"\n\n'
            '[pair own]\na = "portal"\nb = "here"\ncollections = null\n\n'
            f'[storage portal]\ntype = "http"\nurl = "{address}"\n\n'
            f'[storage here]\ntype = "filesystem"\npath = "{self.events}"\nfileext = ".ics"\n'
        )
        self.run("discover")

    def identity_there(self) -> str:
        """As the portal has it: vdirsyncer gives events that it reads from an address identities of its own."""
        with urlopen(self.address) as answer:
            return vobject.readOne(answer.read().decode()).vevent.uid.value

    def run(self, command: str) -> None:
        program = Path(sys.executable).parent / "vdirsyncer"
        ran = subprocess.run(
            [program, "-c", self.config, command], capture_output=True, text=True, input="y\n" * 4, timeout=60
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr

    def looks_again(self) -> vobject.base.Component:
        """The one event that there must be."""
        self.run("sync")
        files = list(self.events.glob("*.ics"))
        assert len(files) == 1, [file.read_text() for file in files]
        calendar = vobject.readOne(files[0].read_text())
        assert len(calendar.vevent_list) == 1
        return calendar.vevent


def invitation_in(mail) -> tuple[Calendar, vobject.base.Component]:
    """The part of the body that calendars act on, which says the same as the file."""
    [part] = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    [file] = mail.iter_attachments()
    assert file.get_content().decode().split() == part.get_content().split()
    ours, other = Calendar.from_ical(part.get_content()), vobject.readOne(part.get_content())
    assert part.get_param("method") == ours["METHOD"] == other.method.value
    assert "SECRET" not in part.get_content().replace("\r\n ", "").replace("\n ", "")
    return ours, other.vevent


def test_moved_over_the_clock_change_it_is_a_quarter_past_two_everywhere(browser, portal, smtp_server, tmp_path):
    sunday = the_day_the_clock_goes_back(datetime.now(AMSTERDAM))
    saturday = sunday - timedelta(days=1)  # on the clock; in fact there are 25 hours between them
    assert (saturday.astimezone(UTC).hour, sunday.astimezone(UTC).hour) == (12, 13)
    portal.start()
    number = portal.python(SET_UP.format(start=saturday.astimezone(UTC).isoformat(), title=TITLE)).strip()
    with browsing.fresh_page(browser) as first, browsing.fresh_page(browser) as second:
        noor = Person(first, portal, smtp_server, "noor@horizonhulp.example")
        lotte = Person(second, portal, smtp_server, "lotte@team.example")
        calendar = subscribe(noor, tmp_path / "subscriber")
        noor.goes_to(f"/bijeenkomsten/{number}/aanmelden/")
        noor.presses()
        uid, sequence = it_stands_everywhere(noor, calendar, saturday, subject="Je bent aangemeld")
        move(lotte, number, sunday)
        again, higher = it_stands_everywhere(noor, calendar, sunday, subject="Nieuwe datum of plaats")
        assert again == uid
        assert higher > sequence
        noor.goes_to(f"/bijeenkomsten/{number}/")
        noor.sees("14.15-15.45 uur")
        it_ends_everywhere(noor, lotte, calendar, number, higher)
    assert "Traceback" not in portal.log.read_text()
    assert calendar.address.rpartition("/")[2].removesuffix(".ics") not in portal.log.read_text()


def subscribe(noor, folder) -> Subscriber:
    noor.signs_in()
    noor.goes_to("/mijn-agenda/")
    noor.page.locator("a[href$='/mijn-agenda/abonneren/']").click()
    noor.page.wait_for_url("**/abonneren/")
    noor.presses()
    noor.presses()  # a code, to show that it is her
    noor.fills_in_the_code()
    noor.sees("Openen in mijn agenda")
    address = noor.page.locator(".calendar-address code").inner_text()
    path = address.partition("/mijn-agenda/")[2]
    return Subscriber(folder, f"http://127.0.0.1:{noor.portal.port}/mijn-agenda/{path}")


def move(lotte, number, start):
    lotte.signs_in()
    lotte.goes_to(f"/admin/sessions_app/session/{number}/change/")
    lotte.moves("move")
    for name, moment in {"starts_at": start, "ends_at": start + timedelta(minutes=90)}.items():
        lotte.page.locator(f"[name={name}]").fill(f"{moment:%Y-%m-%dT%H:%M}")
    lotte.confirms()


def it_stands_everywhere(noor, calendar, start, *, subject) -> tuple[str, int]:
    """In the mail's words, in its file, and once in the calendar that subscribes; gives identity and number."""
    mail = noor.smtp_server.await_mail(noor.email, subject=subject, within=70)
    for kind in ("plain", "html"):
        body = mail.get_body((kind,)).get_content()
        assert "14.15-15.45 uur, Nederlandse tijd" in body
        assert f" {start.day} oktober {start.year}, 14.15" in body
    file, other = invitation_in(mail)
    [event] = file.walk("VEVENT")
    assert file["METHOD"] == "REQUEST"
    followed = calendar.looks_again()
    for moment in (event["DTSTART"].dt, other.dtstart.value, followed.dtstart.value):
        assert moment == start
        assert f"{moment:%H:%M}" == "14:15"
    assert str(event["UID"]) == calendar.identity_there()
    assert followed.status.value == "CONFIRMED"
    return str(event["UID"]), int(event["SEQUENCE"])


def it_ends_everywhere(noor, lotte, calendar, number, sequence):
    lotte.goes_to(f"/admin/sessions_app/session/{number}/change/")
    lotte.moves("cancel")
    lotte.page.locator("[name=reason]").fill("De spreker is ziek.")
    lotte.confirms()
    mail = noor.smtp_server.await_mail(noor.email, subject="Gaat niet door", within=70)
    file, _ = invitation_in(mail)
    [event] = file.walk("VEVENT")
    assert file["METHOD"] == "CANCEL"
    assert int(event["SEQUENCE"]) > sequence
    assert calendar.looks_again().status.value == "CANCELLED"
