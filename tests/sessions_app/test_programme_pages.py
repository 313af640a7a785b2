"""The programme, its lines and its activities: the document word for word, and nothing that was not said."""

import re
from datetime import timedelta

import html5lib
import pytest
import yaml
from django.urls import reverse

from leerlijnen.models import Activity, LearningLine
from leerlijnen.rules import TrackCode
from sessions_app.rules import SessionState
from tests.factories.leerlijnen import (
    FILE_2026,
    ActivityFactory,
    LearningLineFactory,
    ProgrammeFactory,
    TrackFactory,
    load_2026,
)
from tests.factories.sessions import DialogueFactory, SessionFactory

pytestmark = pytest.mark.django_db
DOCUMENT = yaml.safe_load(FILE_2026.read_text(encoding="utf-8"))
HTML = "{http://www.w3.org/1999/xhtml}"


def tree_of(response):
    """Parsed strictly."""
    return html5lib.HTMLParser(strict=True).parse(response.content, transport_encoding="utf-8")


def words(element):
    return " ".join("".join(element.itertext()).split())


def main_of(response):
    return next(tree_of(response).iter(f"{HTML}main"))


def programme_page(client, path="/programma/2026/"):
    return main_of(client.get(path))


def document_texts():
    """Every text of the document that the programme page must have, by where it stands in the data file."""

    def walk(value, path):
        if isinstance(value, dict):
            for name, inner in value.items():
                if name not in {"id", "slug", "code", "explanation", "colours", "organisations", "verbatim"}:
                    yield from walk(inner, f"{path}.{name}")
        elif isinstance(value, list):
            for number, inner in enumerate(value):
                yield from walk(inner, f"{path}[{number}]")
        elif isinstance(value, str) and path.rpartition(".")[2] not in {"title_language", "track", "kind"}:
            yield path, value

    return list(walk(DOCUMENT, ""))


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_fresh_install_shows_every_text_of_the_document(client, language):
    load_2026()
    page = words(programme_page(client, "/programma/2026/" if language == "nl" else "/en/programma/2026/"))
    texts = document_texts()
    assert len(texts) > 60
    assert [(path, text) for path, text in texts if text not in page] == []


def test_each_activity_stands_in_its_own_cell_with_its_own_remark(client):
    load_2026()
    found = []
    for row in programme_page(client).iter(f"{HTML}section"):
        if "matrix-row" not in row.get("class", ""):
            continue
        line = words(next(row.iter(f"{HTML}h3")))
        for cell in (element for element in row.iter(f"{HTML}div") if element.get("class") == "cell"):
            track = words(next(cell.iter(f"{HTML}h4")))
            for station in cell.iter(f"{HTML}li"):
                facts = [words(p) for p in station.iter(f"{HTML}p") if p.get("class") == "station-facts"]
                found.append((line, track, words(next(station.iter(f"{HTML}a"))), facts[1:]))
    labels = {track["id"]: track["table_label"] for track in DOCUMENT["tracks"]}
    assert found == [
        (
            line["title"],
            labels[activity["track"]],
            activity["title"],
            ([f"co-hosting met {activity['co_host']}"] if "co_host" in activity else [])
            + ([activity["facilitation_note"]] if "facilitation_note" in activity else []),
        )
        for line in DOCUMENT["learning_lines"]
        for activity in line["activities"]
    ]


def test_a_remark_stands_only_where_the_document_has_it(client):
    load_2026()
    remarks = ("co-hosting met ngo-federatie", "Gefaciliteerd door Partos, inhoudelijk getrokken door leden")
    page = words(programme_page(client))
    assert [page.count(remark) for remark in remarks] == [1, 1]
    where = {
        remark: {
            slug
            for slug in Activity.objects.values_list("slug", flat=True)
            if remark in words(main_of(client.get(reverse("sessions:activity", args=[slug]))))
        }
        for remark in remarks
    }
    assert where == {remarks[0]: {"power-awareness-tool"}, remarks[1]: {"decolonising-from-within"}}


MONTHS = "januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december"
A_DATE = re.compile(
    rf"\b\d{{1,2}} ({MONTHS})\b|\b\d{{1,2}}[-/]\d{{1,2}}[-/]\d{{2,4}}\b|\b\d{{1,2}}[.:]\d{{2}} uur", re.I
)


def all_pages():
    yield "/programma/2026/"
    for slug in LearningLine.objects.values_list("slug", flat=True):
        yield reverse("sessions:line", args=[slug])
    for slug in Activity.objects.values_list("slug", flat=True):
        yield reverse("sessions:activity", args=[slug])
    yield reverse("leerlijnen:groups")


def test_a_fresh_install_invents_no_date(client):
    load_2026()
    for path in all_pages():
        page = main_of(client.get(path))
        assert list(page.iter(f"{HTML}time")) == [], path
        assert not A_DATE.search(words(page)), path
    allowed = " ".join(text for _, text in document_texts()) + " Programma 2026 Programme 2026"
    without_addresses = re.sub(r"\w+://\S+", "", words(programme_page(client)))  # of the calendar to subscribe to
    numbers = set(re.findall(r"\b\d{4}\b", without_addresses))
    assert numbers <= set(re.findall(r"\b\d{4}\b", allowed))


def date_labels(client):
    return [words(p) for p in programme_page(client).iter(f"{HTML}p") if p.get("class", "").startswith("station-date")]


def test_on_a_fresh_install_none_of_the_nine_has_a_date(client):
    load_2026()
    labels = date_labels(client)
    assert len(labels) == 9
    assert all("nog geen datum" in label for label in labels)
    assert client.get("/programma/2026/").context["with_date"] == 0


def session_of(activity, factory=SessionFactory, **fields):
    line = activity.learning_line
    return factory(activity=activity, programme=line.programme, learning_line=line, track=activity.track, **fields)


def test_an_activity_shows_its_next_date_once_it_has_one(client, now):
    load_2026()
    activity = Activity.objects.get(code="A2")
    session_of(activity, starts_at=now + timedelta(days=60))
    first = session_of(activity, starts_at=now + timedelta(days=20))
    session_of(activity, starts_at=now - timedelta(days=20), state=SessionState.HELD)
    session_of(activity, starts_at=now + timedelta(days=5), state=SessionState.CANCELLED)
    session_of(activity, starts_at=None, ends_at=None, state=SessionState.ACCEPTED)
    response = client.get("/programma/2026/")
    [time] = main_of(response).iter(f"{HTML}time")
    assert time.get("datetime") == f"{first.starts_at.astimezone():%Y-%m-%d}"
    assert first.get_absolute_url() in response.content.decode()
    assert response.context["with_date"] == 1


def test_an_activity_that_was_says_that_there_is_no_new_date(client, now):
    load_2026()
    session_of(Activity.objects.get(code="A2"), starts_at=now - timedelta(days=20), state=SessionState.HELD)
    labels = date_labels(client)
    assert labels.count("nog geen nieuwe datum") == 1


@pytest.mark.parametrize("state", [SessionState.PLANNED, SessionState.INVITING, SessionState.CLOSED, SessionState.HELD])
@pytest.mark.parametrize("who", ["visitor", "practitioner", "host", "staff"])
def test_no_page_of_the_programme_tells_that_a_dialogue_has_a_date(client, request, now, who, state):
    """Before and after planning, every page is the same to the letter; for the host and for staff as well."""
    load_2026()
    activity = Activity.objects.get(code="A3")
    if who != "visitor":
        client.force_login(request.getfixturevalue(who))
    host = request.getfixturevalue("host")
    paths = list(all_pages())
    before = {path: words(main_of(client.get(path))) for path in paths}
    session_of(activity, DialogueFactory, state=state, host=host, title="Geheime dialoog", place="Geheime plaats")
    session_of(activity, DialogueFactory, state=state, audience="", admission="", title="Geheime dialoog")
    assert {path: words(main_of(client.get(path))) for path in paths} == before


@pytest.mark.parametrize("who", ["visitor", "practitioner", "staff"])
def test_drafts_and_proposals_are_on_no_page_of_the_programme(client, request, who):
    load_2026()
    if who != "visitor":
        client.force_login(request.getfixturevalue(who))
    activity = Activity.objects.get(code="A2")
    for state in (SessionState.DRAFT, SessionState.SUBMITTED, SessionState.ACCEPTED, SessionState.DECLINED):
        session_of(activity, state=state, title="Nog niet openbaar")
    for path in all_pages():
        assert "Nog niet openbaar" not in words(main_of(client.get(path)))


def test_the_page_of_a_line_shows_both_tracks_and_its_sessions(client):
    load_2026()
    line = DOCUMENT["learning_lines"][1]
    session = session_of(Activity.objects.get(code="A4"), title="Macht in beeld")
    elsewhere = session_of(Activity.objects.get(code="A2"), title="Elders")
    response = client.get(reverse("sessions:line", args=[line["id"]]))
    page = words(main_of(response))
    for text in [line["title"], line["text"], line["explanation"]["nl"], session.title]:
        assert text in page
    for activity in line["activities"]:
        assert activity["title"] in page
    for track in DOCUMENT["tracks"]:
        assert ", ".join(track["goals"]) in page
        assert ", ".join(track["formats"]) in page
    assert elsewhere.title not in page


def test_the_page_of_an_activity_tells_what_it_is_and_what_was(client, now):
    load_2026()
    activity = Activity.objects.get(code="A5")
    session_of(activity, title="Wat komt")
    session_of(activity, title="Wat was", state=SessionState.HELD, starts_at=now - timedelta(days=20))
    page = words(main_of(client.get(reverse("sessions:activity", args=[activity.slug]))))
    for text in [activity.title, activity.verbatim, activity.explanation, "Wat komt", "Wat was", "Netwerksessies"]:
        assert text in page
    assert "Equitable Partnerships · Practitioner" in page


def test_a_group_leads_to_where_one_can_join(client):
    load_2026()
    page = client.get(reverse("sessions:activity", args=["artificial-intelligence"])).content.decode()
    assert reverse("leerlijnen:group", args=["artificial-intelligence"]) in page


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_text_carries_its_language_where_it_differs_from_the_page(client, language):
    load_2026()
    page = programme_page(client, "/programma/2026/" if language == "nl" else "/en/programma/2026/")
    dutch = {text for path, text in document_texts() if path.endswith((".text", ".goal_heading", ".setup_heading"))}
    english = {line["title"] for line in DOCUMENT["learning_lines"]}
    own, other = (dutch, english) if language == "nl" else (english, dutch)
    said = {words(element): element.get("lang") for element in page.iter() if words(element) in own | other}
    assert {text for text in other if said.get(text) != ("en" if language == "nl" else "nl")} == set()
    assert {text for text in own if said.get(text) is not None} == set()


@pytest.mark.parametrize(
    "path",
    [
        *("/programma/1999/", "/programma/0/", "/programma/99999999999999999999/", "/programma/-1/"),
        *("/leerlijnen/nothing/", "/activiteiten/nothing/", "/en/leerlijnen/nothing/"),
    ],
)
def test_what_does_not_exist_is_not_found(client, path):
    load_2026()
    assert client.get(path).status_code == 404


def test_without_any_programme_there_is_no_page_and_no_error(client):
    assert client.get("/programma/").status_code == 404


@pytest.mark.parametrize(
    ("years", "shown"), [([-1, 0, 1], 0), ([-2, -1], -1), ([1, 2], 1), ([0], 0)], ids=["now", "past", "next", "one"]
)
def test_the_current_programme_is_the_newest_that_has_begun(client, now, years, shown):
    for offset in years:
        TrackFactory(programme=ProgrammeFactory(year=now.year + offset))
    response = client.get("/programma/")
    assert (response.status_code, response.url) == (302, f"/programma/{now.year + shown}/")
    assert client.get(response.url).status_code == 200


def test_home_is_the_programme_for_a_visitor_and_the_own_agenda_for_a_member(client, practitioner):
    assert client.get("/").url == reverse("sessions:programme_current")
    client.force_login(practitioner)
    assert client.get("/").url == reverse("sessions:mine")


def test_a_fourth_line_and_an_empty_cell_have_their_place(client):
    load_2026()
    tracks = TrackFactory(programme__year=2026)
    line = LearningLineFactory(programme=tracks.programme, slug="fourth", number=4, title="Een vierde lijn")
    ActivityFactory(learning_line=line, track=tracks, title="Iets nieuws")
    page = words(programme_page(client))
    assert "Een vierde lijn" in page
    assert "Iets nieuws" in page
    assert client.get("/programma/2026/").context["outline"].rows[3].cells[1].activities == []


def test_a_visitor_gets_no_cookie(client):
    load_2026()
    for path in all_pages():
        assert client.get(path).cookies == {}, path


@pytest.mark.parametrize("rows", [1, 30])
@pytest.mark.parametrize(("who", "extra"), [("visitor", 0), ("practitioner", 1), ("staff", 1)])
@pytest.mark.parametrize(("page", "queries"), [("programme", 7), ("line", 6), ("activity", 3)])
def test_a_page_costs_the_same_for_one_and_for_thirty(
    client, request, now, django_assert_num_queries, page, queries, who, extra, rows
):
    load_2026()
    activity = Activity.objects.get(code="A2")
    line = activity.learning_line
    for number in range(rows):
        session_of(activity, starts_at=now + timedelta(days=number + 1))
        session_of(activity, starts_at=now - timedelta(days=number + 1), state=SessionState.HELD)
        other = ActivityFactory(learning_line=line, track=activity.track)
        session_of(other)
        LearningLineFactory(programme=line.programme)
    if who != "visitor":
        client.force_login(request.getfixturevalue(who))
    url = {
        "programme": "/programma/2026/",
        "line": reverse("sessions:line", args=[line.slug]),
        "activity": reverse("sessions:activity", args=[activity.slug]),
    }[page]
    with django_assert_num_queries(queries + extra):
        assert client.get(url).status_code == 200


def test_a_page_answers_only_to_reading(client):
    load_2026()
    assert client.post("/programma/2026/").status_code == 405
    assert Activity.objects.filter(track__code=TrackCode.LEADERSHIP).count() == 3
