"""Pages kept for visitors: made once, never old, never anybody's own."""

import re

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.visitor_pages import ShownToVisitors, kept_for_visitors, look_up, render_for_kind
from leerlijnen.models import Activity, LearningLine, Track
from members.models import Organisation
from sessions_app.actions import registrations
from sessions_app.models import Hosting, Registration, Session
from sessions_app.rules import Audience, Form
from tests.factories.integrity import ReportingRouteFactory
from tests.factories.leerlijnen import load_2026
from tests.factories.members import UserFactory, member_person
from tests.factories.sessions import DialogueFactory, SessionFactory
from tests.harness.waiting import free_port

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def session():
    return SessionFactory(title="Leren van een fout", audience=Audience.PUBLIC, capacity=20)


def queries_of(client, path):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        response = client.get(path)
    assert response.status_code == 200
    return [query["sql"] for query in captured]


def pages(session):
    activity = session.activity
    return [
        f"/programma/{session.programme.year}/",
        f"/leerlijnen/{activity.learning_line.slug}/",
        f"/activiteiten/{activity.slug}/",
        "/bijeenkomsten/",
        f"/bijeenkomsten/maand/{session.starts_at:%Y-%m}/",
        f"/bijeenkomsten/{session.pk}/",
        "/werkgroepen/",
        "/integriteit/",
        "/kwaliteit/",
        "/privacy/",
        "/toegankelijkheid/",
    ]


@pytest.fixture
def on_the_programme():
    """A session that is part of the real programme, with all that hangs on one."""
    load_2026()
    activity = Activity.objects.select_related("learning_line__programme", "track").first()
    session = SessionFactory(
        programme=activity.learning_line.programme,
        learning_line=activity.learning_line,
        track=activity.track,
        activity=activity,
        audience=Audience.PUBLIC,
        registered=1,
    )
    ReportingRouteFactory()
    return session


def test_a_page_is_made_once_for_all_visitors(client, on_the_programme):
    for path in [*pages(on_the_programme), *(f"/en{path}" for path in pages(on_the_programme))]:
        first = client.get(path)
        assert first.status_code == 200, path
        assert not queries_of(client, path), path
        again = client.get(path)
        assert again.content == first.content
        assert again["ETag"] == first["ETag"]
        assert "no-cache" in again["Cache-Control"]
        assert "Cookie" in again["Vary"]


def test_who_has_the_page_already_gets_a_304(client, session):
    etag = client.get("/bijeenkomsten/")["ETag"]
    response = client.get("/bijeenkomsten/", headers={"if-none-match": etag})
    assert (response.status_code, response.content) == (304, b"")
    Session.objects.update(title="Een ander begin")
    assert client.get("/bijeenkomsten/", headers={"if-none-match": etag}).status_code == 200


def test_no_browser_keeps_a_page_that_was_made_for_one_person(client, on_the_programme):
    client.force_login(member_person())
    for path in [*pages(on_the_programme), "/mijn-agenda/"]:
        assert client.get(path)["Cache-Control"] == "private, no-store", path


def test_the_two_languages_are_two_pages(client, session):
    assert client.get("/bijeenkomsten/").content != client.get("/en/bijeenkomsten/").content


def test_compressed_and_plain_are_one_page(client, session):
    plain = client.get("/bijeenkomsten/")
    brotli = client.get("/bijeenkomsten/", headers={"accept-encoding": "br"})
    assert brotli["Content-Encoding"] == "br"
    assert len(brotli.content) < len(plain.content)
    assert brotli["ETag"] == plain["ETag"]


@pytest.mark.parametrize(
    "change",
    [
        lambda row: setattr(row, "title", "Nieuwe titel") or row.save(),
        lambda row: Session.objects.filter(pk=row.pk).update(title="Nieuwe titel"),
        lambda row: Session.objects.bulk_update([setattr(row, "title", "Nieuwe titel") or row], ["title"]),
    ],
    ids=["save", "update", "bulk_update"],
)
def test_a_change_is_visible_to_the_next_visitor(client, session, change):
    path = f"/bijeenkomsten/{session.pk}/"
    assert "Leren van een fout" in client.get(path).content.decode()
    change(session)
    page = client.get(path).content.decode()
    assert "Nieuwe titel" in page
    assert "Leren van een fout" not in page


def test_what_is_deleted_is_gone_for_the_next_visitor(client, session):
    client.get("/bijeenkomsten/")
    Hosting.objects.filter(session=session).delete()
    Session.objects.filter(pk=session.pk).delete()
    assert "Leren van een fout" not in client.get("/bijeenkomsten/").content.decode()


def test_a_registration_shows_in_the_seats_at_once(client, session):
    path = f"/bijeenkomsten/{session.pk}/"
    assert "nog 20 plaatsen" in words_of(client.get(path))
    person = member_person()
    registrations.register(
        session=session,
        person=person,
        organisation=person.affiliations.get().organisation,
        form=Form.ON_SITE,
        actor=person,
        now=timezone.now(),
    )
    assert "nog 19 plaatsen" in words_of(client.get(path))


def words_of(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_a_change_that_was_rolled_back_drops_nothing(client, session):
    client.get("/bijeenkomsten/")
    with transaction.atomic():
        Session.objects.update(title="Nooit gebeurd")
        transaction.set_rollback(True)
    assert not queries_of(client, "/bijeenkomsten/")


def test_a_page_made_during_a_change_is_not_kept(session):
    @kept_for_visitors
    def slow(request):
        title = Session.objects.get(pk=session.pk).title
        Session.objects.filter(pk=session.pk).update(title="Intussen anders")
        return HttpResponse(title)

    request = RequestFactory().get("/langzaam/")
    assert slow(request).content == b"Leren van een fout"
    assert slow(request).content == b"Intussen anders"


def test_inside_a_transaction_a_page_is_made_anew(client, session):
    client.get("/bijeenkomsten/")
    with transaction.atomic():
        Session.objects.update(title="Nog niet vastgelegd")
        assert "Nog niet vastgelegd" in client.get("/bijeenkomsten/").content.decode()
        transaction.set_rollback(True)
    assert "Leren van een fout" in client.get("/bijeenkomsten/").content.decode()


def test_who_is_signed_in_neither_gets_nor_leaves_a_kept_page(client, session, practitioner):
    path = f"/bijeenkomsten/{session.pk}/"
    client.force_login(practitioner)
    own = client.get(path)
    assert not own.has_header("ETag")
    client.logout()
    seen = client.get(path)
    assert "Mijn agenda" in own.content.decode()
    assert "Mijn agenda" not in seen.content.decode()
    client.force_login(practitioner)
    assert "Mijn agenda" in client.get(path).content.decode()


def test_a_page_with_a_form_is_not_kept():
    made = []

    @kept_for_visitors
    def form(request):
        made.append(1)
        return HttpResponse(get_token(request))

    first, second = (form(RequestFactory().get("/formulier/")) for _ in range(2))
    assert len(made) == 2
    assert not first.has_header("ETag")
    assert not second.has_header("ETag")


def test_a_query_string_is_answered_anew_and_fills_no_cache(client, session):
    client.get("/bijeenkomsten/?page=1")
    assert queries_of(client, "/bijeenkomsten/?page=1")


def test_a_page_that_is_not_there_is_not_kept(client):
    assert client.get("/bijeenkomsten/maand/2026-13/").status_code == 404
    assert not client.get("/bijeenkomsten/maand/2026-13/").has_header("ETag")


def test_without_a_cache_pages_and_changes_go_on(client, session, settings):
    away = {"BACKEND": "core.cache.PatientRedisCache", "LOCATION": f"redis://127.0.0.1:{free_port()}/0"}
    settings.CACHES = dict.fromkeys(settings.CACHES, away)
    assert "Leren van een fout" in client.get("/bijeenkomsten/").content.decode()
    Session.objects.update(title="Zonder cache")
    assert "Zonder cache" in client.get("/bijeenkomsten/").content.decode()


WITHOUT_ROWS = ("/privacy/", "/toegankelijkheid/")


def test_every_table_behind_a_kept_page_begins_a_new_version(client, on_the_programme):
    """A new model on a visitor's page has to say so, or visitors would see what it was."""
    shown = {
        model._meta.db_table
        for model in (*models_shown(), Session.partos_roles.through)  # its session is saved with it
    }
    for path in pages(on_the_programme):
        cache.clear()
        read = {table for sql in queries_of(client, path) for table in re.findall(r'(?:FROM|JOIN) "(\w+)"', sql)}
        assert read or path in WITHOUT_ROWS, path
        assert not read - shown, path


def models_shown():
    found, families = [], [ShownToVisitors]
    while families:
        family = families.pop()
        families += family.__subclasses__()
        if not family._meta.abstract:
            found.append(family)
    assert {LearningLine, Track, Organisation, Registration} <= set(found)
    return found


def test_a_change_that_no_visitor_sees_leaves_the_etag_as_it_was(client, session):
    """Or the list would tell that somewhere a leadership dialogue got a date."""
    etag = client.get("/bijeenkomsten/")["ETag"]
    DialogueFactory(programme=session.programme, learning_line=session.learning_line)
    assert queries_of(client, "/bijeenkomsten/")
    assert client.get("/bijeenkomsten/")["ETag"] == etag


def test_what_is_the_same_for_all_readers_of_a_session_is_read_once(client, session):
    first, second = member_person(), member_person()
    path = f"/bijeenkomsten/{session.pk}/"
    for person in (first, second):
        client.force_login(person)
        client.get(path)
    asked = queries_of(client, path)
    assert [sql for sql in asked if 'FROM "sessions_app_session"' in sql] == []


def test_who_is_signed_in_sees_a_change_of_the_session_at_once(client, session):
    person = member_person()
    client.force_login(person)
    path = f"/bijeenkomsten/{session.pk}/"
    assert "20 plaatsen" in client.get(path).content.decode()
    registrations.register(
        session=session, person=person, organisation=person.affiliations.get().organisation, form=Form.ON_SITE,
        actor=person, now=timezone.now(),
    )  # fmt: skip
    page = client.get(path).content.decode()
    assert "19 plaatsen" in page
    session.title = "Leren van twee fouten"
    session.save()
    assert "Leren van twee fouten" in client.get(path).content.decode()


def test_what_is_kept_of_a_session_holds_nothing_of_its_reader(client, session):
    person = member_person()
    registrations.register(
        session=session, person=person, organisation=person.affiliations.get().organisation, form=Form.ON_SITE,
        actor=person, now=timezone.now(),
    )  # fmt: skip
    client.force_login(person)
    path = f"/bijeenkomsten/{session.pk}/"
    assert "Je hebt een plaats" in client.get(path).content.decode()
    client.force_login(member_person())
    assert "Je hebt een plaats" not in client.get(path).content.decode()


# --- Signed in: one page for all readers of one kind ---


def page_of(client, person, session, kept=None):
    """What this person reads, without the CSRF token; `kept` tells whether it must come from the cache, or must not."""
    client.force_login(person)
    response = client.get(f"/bijeenkomsten/{session.pk}/")
    assert response.status_code == 200
    if kept is not None:
        assert (not response.templates) is kept
    return re.sub(r'(name="csrfmiddlewaretoken" value=")\w+', r"\1", response.content.decode())


def register(person, session):
    return registrations.register(
        session=session, person=person, organisation=person.affiliations.get().organisation, form=Form.ON_SITE,
        actor=person, now=timezone.now(),
    )  # fmt: skip


def without_marks(page: str) -> str:
    """Without whose page it is, which each reader gets of her own (core.kept_typing)."""
    marked = re.sub(r'name="page_of" value="[^"]+"', "", page)
    assert marked != page
    return marked


def test_two_readers_of_one_kind_share_a_page_and_nothing_of_either_is_in_it(client, session):
    first, second = (member_person(name=name, email=f"{name}@leden.example") for name in ("Zonnebloem", "Waterlelie"))
    made = page_of(client, first, session, kept=False)
    assert without_marks(page_of(client, second, session, kept=True)) == without_marks(made)
    assert not re.search(r"zonnebloem|waterlelie", made, re.IGNORECASE)


def test_each_reader_of_a_shared_page_can_post_from_it(session):
    for number, person in enumerate([member_person(), member_person()]):
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(person)
        page = browser.get(f"/bijeenkomsten/{session.pk}/")
        assert (not page.templates) is bool(number)
        [token] = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page.content.decode())
        assert browser.post("/account/logout/", {"csrfmiddlewaretoken": token}).status_code == 302
        assert "_auth_user_id" not in browser.session


def test_who_stands_otherwise_reads_another_page(client, session, staff):
    """Each opens it twice, in turns, so that each could get what the other left."""
    session.capacity = 1
    session.question = "Alleen voor wie erbij hoort"
    session.audience = Audience.MEMBERS
    session.save()
    seated, first, second, other = (member_person() for _ in range(4))
    outsider = UserFactory()
    for person in (seated, first, second):
        register(person, session)
    expected = {
        seated: {"Je hebt een plaats"},
        first: {"Je bent eerste in de rij"},
        second: {"Je bent tweede in de rij"},
        other: {"2 mensen wachten. Je sluit"},
        outsider: {"Naar mijn profiel"},
        staff: {"Naar mijn profiel", "Beheer"},
    }
    for _ in range(2):
        for person, words in expected.items():
            page = page_of(client, person, session)
            assert {word for each in expected.values() for word in each if word in page} == words
            assert ("Alleen voor wie erbij hoort" in page) is (person is not outsider)


def test_a_change_drops_the_page_of_every_kind_of_reader(client, session):
    seated, other = member_person(), member_person()
    register(seated, session)
    for person in (seated, other):
        page_of(client, person, session)
        page_of(client, person, session, kept=True)
    session.title = "Leren van twee fouten"
    session.save()
    for person in (seated, other):
        assert "Leren van twee fouten" in page_of(client, person, session, kept=False)


def test_a_message_is_read_by_whom_it_is_for(client, session):
    path = f"/bijeenkomsten/{session.pk}/"
    first, second, third = member_person(), member_person(), member_person()
    register(third, session)
    for person in (first, third):
        page_of(client, person, session)
    client.force_login(first)
    answer = client.post(f"{path}aanmelden/", {"function": "adviseur"}, follow=True)
    assert "onderweg" in words_of(answer)
    assert "onderweg" not in page_of(client, third, session)
    assert "onderweg" not in page_of(client, first, session)
    assert "onderweg" not in page_of(client, second, session)


def test_a_leadership_dialogue_is_kept_for_nobody(client, staff):
    dialogue = DialogueFactory()
    for _ in range(2):
        page_of(client, staff, dialogue, kept=False)


@pytest.fixture
def telling_page(settings, tmp_path):
    """A template that writes all that it can learn."""
    (tmp_path / "telling.html").write_text(
        "{{ user.name }}{{ user.email }}{{ request.user.pk }}{{ request.COOKIES }}:{{ a }}{{ b }}"
    )
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [tmp_path]}]

    def asked(person, *, b="", shared=lambda: {"a": "alles"}, version=None):
        request = RequestFactory().get("/vertel/")
        request.user = person
        request.COOKIES["koekje"] = person.name
        request.resolver_match = None
        version = look_up("")[1] if version is None else version
        answer = render_for_kind(request, "telling.html", version=version, shared=shared, differing={"b": b})
        return answer.content.decode()

    return asked


def test_the_template_of_a_shared_page_cannot_tell_who_reads_it(telling_page):
    assert telling_page(member_person(name="Zonnebloem")) == "{}:alles"


def test_a_value_that_is_not_plain_makes_the_page_of_one_reader_alone(telling_page):
    """Or a row whose words changed would be taken for what it was."""
    first, second = member_person(name="Zonnebloem"), member_person(name="Waterlelie")
    assert "Zonnebloem" in telling_page(first, b=first)
    assert "Zonnebloem" not in telling_page(second, b=second)


def test_a_page_made_of_what_was_read_before_a_change_is_not_kept(telling_page, session):
    before = look_up("")[1]
    Session.objects.update(title="Intussen anders")
    reader = member_person()
    assert telling_page(reader, version=before, shared=lambda: {"a": "oud"}) == "{}:oud"
    assert telling_page(reader, shared=lambda: {"a": "nieuw"}) == "{}:nieuw"


def test_every_table_behind_a_page_for_a_kind_of_reader_begins_a_new_version(client, on_the_programme):
    shown = {model._meta.db_table for model in (*models_shown(), Session.partos_roles.through)}
    client.force_login(member_person())
    cache.clear()
    asked = queries_of(client, f"/bijeenkomsten/{on_the_programme.pk}/")
    read = {table for sql in asked for table in re.findall(r'(?:FROM|JOIN) "(\w+)"', sql)}
    about_the_reader = {"members_user", "members_affiliation", "django_session"}
    assert not read - shown - about_the_reader
