"""What one may not know of stands nowhere: not in a list, page, search, file, feed, mail, history or picker.

Planted are sessions by invitation, by either of the two ways, and a dialogue, with marked words in all that could leak.
Each surface is looked at by who may know as well, so that there is something to leak.
"""

import re

import pytest
from django.urls import reverse
from django.utils.translation import override

from core.models import OutgoingMail
from leerlijnen.models import Following
from sessions_app.actions import calendar_addresses, guests, planning
from sessions_app.models import Session
from sessions_app.rules import Admission, Audience, SessionState
from tests.factories.leerlijnen import load_2026
from tests.factories.members import UserFactory, member_person
from tests.factories.sessions import DialogueFactory, RegistrationFactory, SeriesFactory, SessionFactory

pytestmark = pytest.mark.django_db
MARKED = re.compile(r"GEHEIM-[A-Z-]*[A-Z]")
WAYS = {
    "GEHEIM-GENODIGDEN": {"audience": Audience.INVITED, "admission": Admission.INVITATION},
    "GEHEIM-UITNODIGING": {"audience": Audience.MEMBERS, "admission": Admission.INVITATION},
    "GEHEIM-DOELGROEP": {"audience": Audience.INVITED, "admission": Admission.DIRECT},
}


@pytest.fixture
def guest(db):
    """Invited by address to all that is by invitation, and affiliated with nobody."""
    return UserFactory(email="gast@elders.example")


@pytest.fixture
def planted(host, staff, guest, practitioner, now):
    """The sessions, all open and in a series of their own; a follower of their line who wants news."""
    programme = load_2026()
    line = programme.learning_lines.order_by("number").first()
    track = programme.tracks.get(code="practitioner")
    practitioner.mail_choices = {"news": "at_once"}
    practitioner.save()
    Following.objects.create(person=practitioner, learning_line=line)
    where = {"programme": programme, "learning_line": line}
    words = {"question": "GEHEIM-VRAAG", "place": "GEHEIM-PLEK", "description": "GEHEIM-OPZET"}
    series = SeriesFactory(title="GEHEIM-REEKS")
    for title, fields in WAYS.items():
        session = SessionFactory(
            **where, track=track, **words, **fields, title=title, host=host, series=series, state=SessionState.PLANNED
        )
        guests.invite(session=session, addresses=[guest.email, "ander@elders.example"], actor=staff, now=now)
        planning.open_registration(session=session, actor=staff, now=now)
        RegistrationFactory(session=session, person=member_person(name="GEHEIM-NAAM"))
    leadership = programme.tracks.get(code="leadership")
    DialogueFactory(**where, track=leadership, **words, title="GEHEIM-GESPREK", host=host)
    return series


def surfaces(series) -> list[str]:
    """The addresses of all pages and files on which a session may stand."""
    first = series.sessions.order_by("pk")[0]
    line, year = first.learning_line.slug, first.programme.year
    names = [
        ("sessions:programme", [year]),
        ("sessions:line", [line]),
        ("sessions:list", []),
        ("sessions:month", [f"{first.starts_at:%Y-%m}"]),
        ("sessions:feed", []),
        ("sessions:programme_feed", [year]),
        ("sessions:track_feed", [year, "practitioner"]),
        ("sessions:line_feed", [line]),
        ("sessions:series", [series.pk]),
        ("sessions:series_register", [series.pk]),
        ("sessions:mine", []),
        ("sessions:propose", []),
        ("my-data", []),
        ("quality:overview", []),
        ("integrity:overview", []),
    ]
    for session in Session.objects.all():
        pages = ("detail", "calendar", "register", "my_place", "participants", "attendance", "reminders")
        names += [(f"sessions:{page}", [session.pk]) for page in pages]
        names += [("sessions:register_colleague", [session.pk]), ("sessions:needs", [session.pk])]
    listing = reverse("sessions:list")
    chosen = [f"{listing}?{query}" for query in ("voor-mij=1", f"leerlijn={line}", "periode=geweest", "page=2")]
    return [*(reverse(name, args=args) for name, args in names), *chosen]


def told(client, series) -> set[str]:
    """The marked words that a reader finds when looking everywhere, and taking each file."""
    words = set()
    for url in surfaces(series):
        words |= set(MARKED.findall(client.get(url).content.decode()))
    for session in Session.objects.all():
        url = reverse("sessions:participants_file", args=[session.pk])
        words |= set(MARKED.findall(client.post(url, {"format": "csv"}).content.decode()))
    words |= set(MARKED.findall(client.post(reverse("my-data")).content.decode()))
    return words


def own_feed(client, person, now) -> set[str]:
    address = calendar_addresses.make(person=person, actor=person, now=now)
    answer = client.get(reverse("sessions:personal_feed", kwargs={"token": address.token}))
    assert answer.status_code == 200
    return set(MARKED.findall(answer.content.decode().replace("\r\n ", "")))


NOT_INVITED = ("practitioner", "contact", "director", "cohost", "outsider")


def test_who_is_not_invited_finds_no_word_anywhere(client, request, planted, staff, guest, now):
    # Those who may know look first: what is kept for others must not hold what they saw.
    for first in (staff, guest):
        client.force_login(first)
        assert set(WAYS) <= told(client, planted)
    client.logout()
    found = {"visitor": told(client, planted)}
    with override("en"):
        found["visitor in English"] = told(client, planted)
    for who in NOT_INVITED:
        person = request.getfixturevalue(who)
        client.force_login(person)
        found[who] = told(client, planted) | own_feed(client, person, now)
    assert {who: words for who, words in found.items() if words} == {}


def test_who_is_invited_finds_the_sessions_and_neither_names_nor_the_dialogue(client, planted, guest):
    client.force_login(guest)
    words = told(client, planted)
    assert {*WAYS, "GEHEIM-VRAAG", "GEHEIM-PLEK", "GEHEIM-REEKS"} <= words
    assert not {"GEHEIM-NAAM", "GEHEIM-GESPREK"} & words


def test_no_mail_tells_of_it_to_who_is_not_invited(planted, guest, host, staff):
    readers = {mail.to for mail in OutgoingMail.objects.all() if MARKED.search(mail.subject + mail.text + mail.html)}
    assert readers == {guest.email, "ander@elders.example"}


@pytest.mark.parametrize("who", ["integrity_coordinator", "quality_coordinator", "functional_administrator"])
def test_others_of_the_team_find_it_in_no_list_search_history_or_picker_of_the_admin(client, request, planted, who):
    client.force_login(request.getfixturevalue(who))
    session = planted.sessions.order_by("pk")[0]
    urls = [
        reverse("admin:index"),
        reverse("admin:sessions_app_session_changelist") + "?q=GEHEIM",
        reverse("admin:sessions_app_registration_changelist") + "?q=GEHEIM",
        reverse("admin:sessions_app_series_changelist") + "?q=GEHEIM",
        reverse("admin:sessions_app_session_history", args=[session.pk]),
        reverse("admin:core_outgoingmail_changelist") + "?q=GEHEIM",
        reverse("admin:core_auditentry_changelist"),
        reverse("admin:members_user_changelist") + "?q=elders",
        *(
            reverse("admin:autocomplete") + f"?app_label={app}&model_name={model}&field_name={field}&term=GEHEIM"
            for app, model, field in (
                *(("sessions_app", "hosting", "person"), ("sessions_app", "hosting", "organisation")),
                *(("sessions_app", "hosting", "session"), ("sessions_app", "registration", "session")),
            )
        ),
    ]
    hidden = {*WAYS, "GEHEIM-GESPREK", "GEHEIM-VRAAG", "GEHEIM-PLEK", "GEHEIM-OPZET", "GEHEIM-REEKS"}
    for url in urls:
        page = client.get(url).content.decode().replace("?q=GEHEIM", "")
        assert not hidden & set(MARKED.findall(page)), url
        assert "ander@elders.example" not in page, url
