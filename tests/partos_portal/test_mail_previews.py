"""Mails to look at in the admin: every kind is there, made by what sends it, and looking leaves nothing behind."""

import re

import pytest
from django.apps import apps
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from core import mail_samples
from core.models import AuditEntry, OutgoingMail
from members.models import User
from partos_portal.mail_samples import SAMPLES
from tests.factories.members import UserFactory
from tests.factories.sessions import SessionFactory

pytestmark = pytest.mark.django_db
TEMPLATES = settings.BASE_DIR / "templates"
KINDS = {
    mail_samples.kind_of(str(path.parent.relative_to(TEMPLATES))) for path in TEMPLATES.glob("*/mail/*/body.html")
} | {
    f"account.{path.name.removesuffix('_message.html')}"
    for path in (TEMPLATES / "account" / "email").glob("*_message.html")
} - {"account.base"}  # fmt: skip
EACH = [
    pytest.param(sample, case, id=f"{sample.kind}-{case.code}" if case.code else sample.kind)
    for sample in SAMPLES
    for case in sample.cases
]


def numbers() -> dict[str, int]:
    """How many rows each table of ours has."""
    return {model._meta.label: model._base_manager.count() for model in apps.get_models()}


def test_every_kind_of_mail_has_a_sample():
    """A new mail: list it in the `mail_samples` of its app, with when it goes out."""
    assert sorted(sample.kind for sample in SAMPLES) == sorted(KINDS)


@pytest.mark.parametrize(("sample", "case"), EACH)
def test_a_sample_is_written_in_the_language_that_was_asked_and_is_kept_nowhere(sample, case, now):
    before = numbers()
    dutch, english = (mail_samples.look(sample, case, language=language, now=now) for language in ("nl", "en"))
    assert numbers() == before
    assert not re.search(r"\n[ \t]*\n[ \t]*\n", dutch.text + english.text)
    assert (dutch.language, english.language) == ("nl", "en")


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.kind)
def test_a_sample_asks_for_the_right_that_the_mail_itself_asks_for(sample, now):
    asked = {mail_samples.look(sample, case, language="nl", now=now).needs_right for case in sample.cases}
    assert "+".join(sorted(asked - {""})) == sample.needs_right
    codes = [case.code for case in sample.cases]
    assert len(set(codes)) == len(codes)


def seen(kind, code="", language="nl"):
    sample = next(sample for sample in SAMPLES if sample.kind == kind)
    return mail_samples.look(sample, sample.case(code), language=language, now=timezone.now())


def test_the_digest_has_what_is_about_one_session_together_and_the_newest_first():
    """Peers send digests that nobody can read: in the order of the database, with one session in many places."""
    for part in (seen("core.digest", "team").text, seen("core.digest", "team").html):
        told = ["De indiener heeft geantwoord: Een", "Nieuw voorstel: Een", "Nieuw voorstel: Samen"]
        places = [part.index(words) for words in told]
        assert places == sorted(places)
        headings = re.findall(r"<h2>.*?</h2>", part) or re.findall(r"^\w[^:\n]*\n(?=- )", part, re.MULTILINE)
        assert len(headings) == 2


@pytest.mark.parametrize("case", ["planned", "moved", "postponed", "cancelled"])
def test_hosts_read_which_date_it_is_about(case):
    one = seen("sessions_app.session_organisers", case)
    for part in (one.text, one.html):
        assert part.count("Nederlandse tijd") == (2 if case == "moved" else 1)
        assert ("Dit geldt niet meer:" in part) == (case != "planned")
        assert ("De reden:" in part) == (case in ("postponed", "cancelled"))


@pytest.mark.parametrize(
    ("kind", "case", "times"),
    [
        ("session_opened", "", 2),
        ("session_moved", "held", 3),
        ("seat_offered", "", 2),
        ("registration_ended", "staff", 1),
    ],
)
def test_beside_each_time_stands_whose_time_it_is(kind, case, times):
    one = seen(f"sessions_app.{kind}", case, language="en")
    for part in (one.text, one.html.partition("<h1>")[2]):
        assert len(re.findall(r"\d\d:\d\d(?!-)", part)) == part.count("Dutch time") == times


def test_what_no_longer_holds_does_not_tell_how_one_attends_now():
    one = seen("sessions_app.session_moved", "form")
    assert one.text.count("je doet online mee") == 1


@pytest.mark.django_db(transaction=True)
def test_looking_at_every_mail_writes_nothing_and_sends_nothing(client, superuser, mailoutbox):
    before = numbers()
    for sample in SAMPLES:
        for case in sample.cases:
            asked = {"geval": case.code, "kleur": "donker"}
            for name in ("mail-preview", "mail-preview-html"):
                assert client.get(reverse(name, args=[sample.kind]), asked).status_code == 200
    assert numbers() == before
    assert (OutgoingMail.objects.count(), AuditEntry.objects.count(), mailoutbox) == (0, 0, [])


def test_a_sample_tells_nothing_of_the_people_and_sessions_that_there_are(now, staff, settings):
    """Also where a mail goes to everyone with a right or a wish: the sample is the one to nobody."""
    settings.TRIAL = True
    User.objects.filter(pk=staff.pk).update(name="ECHT MENS")
    SessionFactory(title="ECHTE BIJEENKOMST")
    for sample in SAMPLES:
        for case in sample.cases:
            seen = mail_samples.look(sample, case, language="nl", now=now)
            assert "ECHT" not in f"{seen.subject} {seen.text} {seen.html} {seen.attachments}"
            assert seen.to.endswith("@voorbeeld.example")


def test_a_personal_link_in_a_sample_opens_nothing(client, superuser):
    kind = "sessions_app.seat_offered"
    sample = next(sample for sample in SAMPLES if sample.kind == kind)
    seen = mail_samples.look(sample, sample.cases[0], language="nl", now=timezone.now())
    link = f"{settings.PORTAL_URL}{reverse('sessions:place', kwargs={'token': 'voorbeeld'})}"
    assert [part.count(link) for part in (seen.text, seen.html)] == [1, 1]
    assert client.get(reverse("sessions:place", kwargs={"token": "voorbeeld"})).status_code == 404


def test_the_frame_holds_the_mail_alone_and_only_the_portal_may_frame_it(client, superuser):
    address = reverse("mail-preview-html", args=["sessions_app.reminder"])
    response = client.get(address, {"geval": "hour"})
    assert response.headers["X-Frame-Options"] == "SAMEORIGIN"
    policy = dict(part.split(" ", 1) if " " in part else (part, "") for part in policy_of(response).split("; "))
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert (policy["frame-ancestors"], policy["sandbox"]) == ("'self'", "")
    assert "script-src" not in policy
    page = client.get(reverse("mail-preview", args=["sessions_app.reminder"]))
    assert page.headers["X-Frame-Options"] == "DENY"
    assert policy_of(page) == policy_of(client.get("/"))
    assert re.search(r'<iframe [^>]*src="[^"]*/html/\?[^"]*"[^>]* sandbox>', page.content.decode())


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.kind)
def test_light_and_dark_answer_beforehand_what_the_style_of_the_mail_asks(sample, now):
    """And nothing else: what would be left to the machine on which one looks would not be what the page says."""
    html = mail_samples.look(sample, sample.cases[0], language="nl", now=now).html
    assert html.count("prefers-color-scheme") == html.count(mail_samples.DARK) == 1
    light, dark = (mail_samples.in_one_colour(html, is_dark=is_dark) for is_dark in (False, True))
    assert not re.search("prefers-color-scheme|light dark", light + dark)
    assert (light.count("@media not all {"), dark.count("@media all {")) == (1, 1)
    assert not re.search(r'<a href="[^#]', dark)


def test_what_makes_no_sense_in_the_address_shows_the_first_of_each(client, superuser):
    address = reverse("mail-preview", args=["sessions_app.reminder"])
    odd = {"geval": "niets", "taal": "xx", "kleur": "paars", "breedte": "<b>"}
    response = client.get(address, odd)
    assert response.status_code == 200
    assert response.context["chosen"] == {"geval": "week", "taal": "nl", "kleur": "licht", "breedte": "breed"}


def test_the_page_shows_subject_text_and_the_calendar_file(client, superuser):
    page = client.get(reverse("mail-preview", args=["sessions_app.session_moved"]), {"taal": "en"}).content.decode()
    assert "New date or place: Eerste stappen met AI-beleid" in page
    assert re.search(r"BEGIN:VCALENDAR[^<]*METHOD:REQUEST", page)
    assert "You keep your registration." in page


def policy_of(response) -> str:
    return response.headers["Content-Security-Policy"]


@pytest.fixture
def superuser(client, settings):
    settings.TRIAL = True  # asks for no second factor
    person = UserFactory(is_staff=True, is_superuser=True)
    client.force_login(person)
    return person


@pytest.mark.parametrize("kind", ["registration_confirmed", "reminder", "seat_offered", "series_registered"])
def test_who_registered_reads_that_this_is_why_the_mail_comes(kind):
    one = seen(f"sessions_app.{kind}", next(s for s in SAMPLES if s.kind == f"sessions_app.{kind}").cases[0].code)
    for part in (one.text, one.html):
        assert "omdat je je voor deze bijeenkomst hebt aangemeld, of omdat een collega dat deed" in part
        assert "omdat je een account hebt" not in part
