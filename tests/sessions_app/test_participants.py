"""The list of who is coming, its files, and ticking off who is here: who sees what of it, and what nobody sees."""

import csv
import re
from datetime import timedelta
from io import BytesIO, StringIO

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from core.models import AuditEntry, OutgoingMail
from members.permissions import standing_of
from sessions_app.actions import attendance
from sessions_app.calendar_feed import personal_feed
from sessions_app.models import NeedsNote, Registration, Session
from sessions_app.rules import Admission, Confidentiality, Form, Language, RegistrationState, SessionState
from tests.factories.members import AffiliationFactory, OrganisationFactory, UserFactory, member_person
from tests.factories.sessions import DialogueFactory, RegistrationFactory, SessionFactory

pytestmark = pytest.mark.django_db
R = RegistrationState
SECRET = "geheim-behoefte"
CAST = ["visitor", "outsider", "practitioner", "contact", "director", "cohost", "host", "staff",
        "integrity_coordinator", "quality_coordinator", "functional_administrator"]  # fmt: skip


def url(name, session):
    return reverse(f"sessions:{name}", args=[session.pk])


def words(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def sign_in(client, request, who):
    if who != "visitor":
        client.force_login(request.getfixturevalue(who))


def on_now(host, now, **fields):
    defaults = {"state": SessionState.CLOSED, "starts_at": now - timedelta(minutes=10), "host": host}
    return SessionFactory(**(defaults | fields))


def with_needs(session, **fields):
    row = RegistrationFactory(session=session, **fields)
    NeedsNote.objects.create(registration=row, text=SECRET, changed_at=row.queued_at)
    return row


# The page


def test_the_list_tells_who_comes_who_waits_in_order_and_who_asked(client, host):
    session = SessionFactory(host=host, form=Form.HYBRID, capacity_online=5, admission=Admission.BY_APPROVAL)
    for name, state in (
        *(("Zora", R.CONFIRMED), ("anna", R.CONFIRMED), ("Wout", R.WAITLISTED), ("Bert", R.WAITLISTED)),
        *(("Vera", R.REQUESTED), ("Olga", R.OFFERED), ("Kees", R.CANCELLED)),
    ):
        person = member_person(OrganisationFactory(name=f"Werk van {name}"), name=name)
        RegistrationFactory(session=session, person=person, state=state, function=f"functie van {name}",
                            form=Form.ONLINE, needs_language=Language.EN)  # fmt: skip
    client.force_login(host)
    page = words(client.get(url("participants", session)))
    order = [page.index(name) for name in ("Vera", "anna", "Zora", "Olga", "Wout", "Bert")]
    assert order == sorted(order)
    assert "Kees" not in page
    for name in ("anna", "Wout", "Vera"):
        assert f"Werk van {name}" in page
        assert f"functie van {name}" in page
    for counted in (
        "2 hebben een plaats, 2 daarvan online",
        "2 hebben Engels nodig",
        "2 wachten",
        "1 vraagt een plaats",
    ):
        assert counted in page


def test_staff_are_led_to_deciding_and_a_host_is_not(client, host, staff):
    row = RegistrationFactory(session=SessionFactory(host=host), state=R.REQUESTED)
    decide = f'action="{url("decide", row.session)}"'
    for person, may in ((host, False), (staff, True)):
        client.force_login(person)
        assert (decide in client.get(url("participants", row.session)).content.decode()) == may


@pytest.mark.parametrize("days", [13, 15])
def test_a_host_sees_the_list_until_two_weeks_after_and_staff_after_that(client, host, staff, now, days):
    ended = now - timedelta(days=days)
    session = SessionFactory(host=host, state=SessionState.HELD, starts_at=ended - timedelta(hours=1), ends_at=ended)
    RegistrationFactory(session=session)
    for person, sees in ((host, days < 14), (staff, True)):
        client.force_login(person)
        for name in ("participants", "participants_file"):
            assert (client.get(url(name, session)).status_code != 404) == sees
        assert (url("participants", session) in client.get(session.get_absolute_url()).content.decode()) == sees


def test_of_a_closed_space_hosts_see_the_list_until_the_end_and_no_file_is_made(client, host, staff, now):
    session = on_now(host, now, registered=1, confidentiality=Confidentiality.CLOSED_SPACE)
    for person in (host, staff):
        client.force_login(person)
        assert "besloten ruimte" in words(client.get(url("participants", session)))
        response = client.post(url("participants_file", session), {"format": "csv"}, follow=True)
        assert "gaat het portaal niet uit" in words(response)
        assert client.get(url("attendance", session)).status_code == 404
        assert client.post(url("attendance_rest", session)).status_code == 404
    Session.objects.update(ends_at=now - timedelta(minutes=1))
    for person, status in ((host, 404), (staff, 200)):
        client.force_login(person)
        assert client.get(url("participants", session)).status_code == status
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("rows", [1, 30])
@pytest.mark.parametrize(("who", "cost"), [("host", (8, 5, 11)), ("staff", (9, 6, 12))])
def test_the_list_the_ticking_and_the_file_cost_the_same_for_many(
    request, host, now, who, cost, rows, django_assert_num_queries
):
    client = Client()  # which looks at no page first
    session = on_now(host, now, capacity=100)
    for state in (R.CONFIRMED, R.ATTENDED, R.WAITLISTED, R.REQUESTED):
        for _ in range(rows):
            with_needs(session, state=state)
    sign_in(client, request, who)
    with django_assert_num_queries(cost[0], info="list"):
        client.get(url("participants", session))
    with django_assert_num_queries(cost[1], info="ticking"):
        client.get(url("attendance", session))
    with django_assert_num_queries(cost[2], info="file"):
        client.post(url("participants_file", session), {"format": "csv", "needs": "on"})


# What people need


@pytest.mark.parametrize("who", CAST)
def test_only_staff_who_keep_registrations_read_what_people_need_and_no_host_does(client, request, host, now, who):
    session = on_now(host, now)
    with_needs(session)
    with_needs(session, state=R.WAITLISTED)
    sign_in(client, request, who)
    asked = {"addresses": "on", "needs": "on"}
    answers = [
        *(client.get(url(name, session)) for name in ("detail", "participants", "attendance", "register", "needs")),
        *(client.post(url("participants_file", session), asked | {"format": "csv"}) for _ in range(1)),
        client.get("/mijn-agenda/"),
        client.get("/profiel/gegevens/"),
    ]
    read = [SECRET in answer.content.decode() for answer in answers]
    sees = who == "staff"
    assert read == [False, sees, False, False, False, sees, False, False]
    xlsx = client.post(url("participants_file", session), asked | {"format": "xlsx"})
    if xlsx.status_code == 200:
        cells = [
            cell for row in load_workbook(BytesIO(xlsx.content)).active.iter_rows(values_only=True) for cell in row
        ]
        assert (SECRET in cells) == sees
    assert SECRET not in str([*OutgoingMail.objects.values(), *AuditEntry.objects.values()])


def test_the_admin_shows_what_people_need_nowhere(client, staff):
    row = with_needs(SessionFactory())
    client.force_login(staff)
    for page in (
        *("/admin/", "/admin/sessions_app/registration/", f"/admin/sessions_app/registration/{row.pk}/change/"),
        *(f"/admin/sessions_app/session/{row.session_id}/change/", "/admin/core/auditentry/"),
    ):
        assert SECRET not in client.get(page).content.decode()


def test_a_note_of_who_cancelled_is_read_by_nobody_from_that_moment(client, staff, now):
    row = with_needs(SessionFactory(), state=R.CANCELLED)
    client.force_login(staff)
    assert SECRET not in client.get(url("participants", row.session)).content.decode()


def test_someone_tells_changes_and_empties_what_she_needs(client, practitioner):
    session = SessionFactory(title="Straks")
    client.force_login(practitioner)
    client.post(url("register", session), {"needs": "Een lift."})
    assert url("needs", session) in client.get(session.get_absolute_url()).content.decode()
    assert "Een lift." in client.get(url("needs", session)).content.decode()
    assert client.post(url("needs", session), {"needs": "x" * 501}).status_code == 422
    client.post(url("needs", session), {"needs": "Een ringleiding."})
    assert NeedsNote.objects.get().text == "Een ringleiding."
    client.post(url("needs", session), {"needs": ""})
    assert not NeedsNote.objects.exists()


def test_the_field_says_who_reads_it_and_how_long_it_is_kept(client, practitioner):
    session = SessionFactory()
    client.force_login(practitioner)
    page = words(client.get(url("register", session)))
    assert "Alleen het Partos-team leest dit, de gastheer niet." in page
    assert "twee weken na de bijeenkomst gewist" in page


def test_after_the_start_the_page_does_not_take_it_and_says_why(client, practitioner, host, now):
    session = on_now(host, now)
    with_needs(session, person=practitioner)
    client.force_login(practitioner)
    response = client.post(url("needs", session), {"needs": "Nog iets."})
    assert response.status_code == 422
    assert "is begonnen" in words(response)
    assert url("needs", session) not in client.get(session.get_absolute_url()).content.decode()


# Files


def rows_of(response):
    return list(csv.reader(StringIO(response.content.decode("utf-8-sig"), newline=""), delimiter=";"))


def test_a_host_gets_what_stands_on_the_page_and_no_address_need_or_no_show(client, host, now):
    session = on_now(host, now)
    for name, state in (("Anna", R.ATTENDED), ("Bea", R.NO_SHOW), ("Cas", R.CONFIRMED), ("Wim", R.WAITLISTED)):
        person = member_person(OrganisationFactory(name=f"Org {name}"), name=name, email=f"{name}@leden.example")
        with_needs(session, person=person, state=state, function="adviseur", needs_language=Language.EN)
    client.force_login(host)
    response = client.post(url("participants_file", session), {"format": "csv", "addresses": "on", "needs": "on"})
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == f'attachment; filename="deelnemers-{session.pk}.csv"'
    assert rows_of(response) == [
        ["Naam", "Organisatie", "Functie", "Doet mee", "Taal", "Status"],
        ["Anna", "Org Anna", "adviseur", "op locatie", "Engels", "aangemeld"],
        ["Bea", "Org Bea", "adviseur", "op locatie", "Engels", "aangemeld"],
        ["Cas", "Org Cas", "adviseur", "op locatie", "Engels", "aangemeld"],
        ["Wim", "Org Wim", "adviseur", "op locatie", "Engels", "op de wachtlijst"],
    ]
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.actor, entry.target_id) == ("session.list_handed_out", host, session.pk)
    assert entry.codes == {"format": "csv", "number": 4, "addresses": False, "needs": False}


def test_staff_ask_for_addresses_and_needs_apart(client, staff):
    session = SessionFactory()
    row = with_needs(session, person=member_person(name="Anna", email="anna@leden.example"))
    client.force_login(staff)
    plain = client.post(url("participants_file", session), {"format": "csv"}).content.decode()
    assert "anna@leden.example" not in plain
    assert SECRET not in plain
    full = rows_of(client.post(url("participants_file", session), {"format": "csv", "addresses": "on", "needs": "on"}))
    assert full[0][-2:] == ["E-mail", "Toegankelijkheid of eten"]
    assert full[1][-2:] == ["anna@leden.example", SECRET]
    assert AuditEntry.objects.order_by("pk").last().codes["needs"] is True
    Registration.objects.filter(pk=row.pk).update(state=R.NO_SHOW)
    assert rows_of(client.post(url("participants_file", session), {"format": "csv"}))[1][-1] == "was er niet bij"


def test_a_name_that_is_a_formula_is_text_in_both_files(client, host):
    session = SessionFactory(host=host)
    RegistrationFactory(session=session, person=member_person(name="=1+1"), function="@SUM(A1)")
    client.force_login(host)
    assert rows_of(client.post(url("participants_file", session), {"format": "csv"}))[1][0] == "'=1+1"
    sheet = load_workbook(BytesIO(client.post(url("participants_file", session), {"format": "xlsx"}).content)).active
    assert (sheet["A2"].value, sheet["A2"].data_type) == ("=1+1", "s")
    assert (sheet["C2"].value, sheet["C2"].data_type) == ("@SUM(A1)", "s")


def test_looking_at_the_address_of_a_file_takes_none_and_an_unknown_kind_is_text(client, host):
    session = SessionFactory(host=host, registered=1)
    client.force_login(host)
    assert client.get(url("participants_file", session)).url == url("participants", session)
    assert not AuditEntry.objects.exists()
    for kind in ("", "exe", "csv\x00"):
        response = client.post(url("participants_file", session), {"format": kind})
        assert response["Content-Type"] == "text/csv; charset=utf-8"


def test_a_file_of_a_session_without_anybody_has_its_header(client, host):
    client.force_login(host)
    session = SessionFactory(host=host)
    assert len(rows_of(client.post(url("participants_file", session), {"format": "csv"}))) == 1


# Ticking off


def test_three_taps_from_my_agenda_note_that_someone_is_here(client, host, now):
    session = SessionFactory(host=host, starts_at=now + timedelta(minutes=30), registered=2, registration_deadline=None)
    row = session.registrations.first()
    client.force_login(host)
    page = url("attendance", session)
    for way in ("/mijn-agenda/", session.get_absolute_url()):
        assert f'href="{page}"' in client.get(way).content.decode()
    button = f"{row.pk}:attended"
    assert f'value="{button}"' in client.get(page).content.decode()
    response = client.post(page, {"note": button})
    assert (response.status_code, response.url) == (302, f"{page}#r{row.pk}")
    row.refresh_from_db()
    assert row.state == R.ATTENDED
    assert 'aria-pressed="true"' in client.get(page).content.decode()


def test_looking_notes_nothing(client, host, now):
    session = on_now(host, now, registered=2)
    client.force_login(host)
    for name in ("attendance", "attendance_rest"):
        for method in (client.get, client.head):
            method(url(name, session), {"note": f"{session.registrations.first().pk}:attended"})
    assert session.registrations.confirmed().count() == 2


@pytest.mark.parametrize(
    "bad", ["", "x", ":", "1", "99999999:attended", "²:attended", "1:attended:x", "9" * 40 + ":attended"]
)
def test_a_tap_on_nobody_says_so_and_changes_nothing(client, host, now, bad):
    session = on_now(host, now, registered=1)
    client.force_login(host)
    response = client.post(url("attendance", session), {"note": bad}, follow=True)
    assert response.status_code == 200
    assert session.registrations.confirmed().count() == 1


def test_nobody_is_ticked_at_another_session_than_the_address_says(client, host, now):
    mine, other = on_now(host, now), on_now(None, now, registered=1)
    row = other.registrations.get()
    client.force_login(host)
    client.post(url("attendance", mine), {"note": f"{row.pk}:attended"})
    row.refresh_from_db()
    assert row.state == R.CONFIRMED
    assert client.post(url("attendance", other), {"note": f"{row.pk}:attended"}).status_code == 404


def test_outside_its_hours_the_page_says_when(client, host, now):
    early = SessionFactory(host=host)
    ended = now - timedelta(days=15)
    late = SessionFactory(host=host, state=SessionState.HELD, starts_at=ended - timedelta(hours=1), ends_at=ended)
    client.force_login(host)
    assert "vanaf een uur voor het begin" in words(client.get(url("attendance", early), follow=True))
    assert "tot twee weken na het einde" in words(client.get(url("attendance", late), follow=True))


@pytest.mark.parametrize("state", [R.CONFIRMED, R.ATTENDED, R.NO_SHOW])
@pytest.mark.parametrize("is_over", [False, True])
def test_whether_one_came_changes_nothing_that_one_or_the_employer_sees(
    client, practitioner, contact, director, host, now, state, is_over
):
    start = now - (timedelta(days=2) if is_over else timedelta(minutes=10))
    session = on_now(host, now, title="Bijeenkomst", starts_at=start, form=Form.ONLINE,
                     online_link="https://video.example/x",
                     state=SessionState.HELD if is_over else SessionState.CLOSED)  # fmt: skip
    RegistrationFactory(session=session, person=practitioner, state=state, form=Form.ONLINE)
    reference = on_now(host, now, title="Bijeenkomst", starts_at=start, form=Form.ONLINE,
                       online_link="https://video.example/x", state=session.state)  # fmt: skip
    RegistrationFactory(session=reference, person=practitioner, form=Form.ONLINE)

    def seen(person, one):
        client.force_login(person)
        organisation = standing_of(person).organisations[0]
        pages = [one.get_absolute_url(), reverse("members:organisation"),
                 reverse("members:people", args=[organisation.pk])]  # fmt: skip
        return [words(client.get(page, follow=True)).replace(f"/{one.pk}/", "/x/") for page in pages]

    for person in (practitioner, contact, director):
        assert seen(person, session) == seen(person, reference)

    def feed():
        Registration.objects.update(changed_at=now - timedelta(days=9))
        before = personal_feed(practitioner, language="nl", now=now)
        note = {R.CONFIRMED: R.ATTENDED}.get(state, R.CONFIRMED)
        attendance.note(registration=session.registrations.get(), state=note, actor=host, now=now)
        return before, personal_feed(practitioner, language="nl", now=now)

    before, after = feed()
    assert before == after
    client.force_login(practitioner)
    for page in ("/mijn-agenda/", "/bijeenkomsten/?periode=geweest", "/bijeenkomsten/"):
        shown = words(client.get(page))
        assert "was er" not in shown
        rows = re.findall(r"Bijeenkomst Digital Readiness · Practitioner \S+ uur online(?: aangemeld)?", shown)
        assert len(set(rows)) == (1 if rows else 0)
        assert len(rows) in (0, 2)


# Registering a colleague


def test_one_chooses_from_the_own_colleagues_and_sees_nobody_else(client, practitioner, member_organisation, host, now):
    member_person(member_organisation, name="Collega Eén")
    both = member_person(member_organisation, role="contact", name="Collega Twee")
    for state in ("requested", "ended"):
        AffiliationFactory(organisation=member_organisation, state=state, person=UserFactory(name=f"SECRET {state}"))
    member_person(member_organisation, name="SECRET off", is_active=False)
    member_person(name="SECRET elsewhere")
    session = SessionFactory()
    RegistrationFactory(session=session, person=host)
    client.force_login(practitioner)
    page = client.get(url("register_colleague", session)).content.decode()
    assert page.count("Collega Eén") == page.count("Collega Twee") == 1
    for hidden in ("SECRET", "Kofi Testman", "Noor Voorbeeld", both.email):
        assert hidden not in page


def test_registering_a_colleague_by_the_page(client, practitioner, member_organisation):
    colleague = member_person(member_organisation, name="Collega Eén")
    session = SessionFactory()
    client.force_login(practitioner)
    assert url("register_colleague", session) in client.get(session.get_absolute_url()).content.decode()
    chosen = {"colleague": f"{member_organisation.pk}-{colleague.pk}"}
    response = client.post(url("register_colleague", session), chosen, follow=True)
    assert "Collega Eén heeft een plaats" in words(response)
    assert "Je hebt aangemeld" in words(response)
    again = client.post(url("register_colleague", session), chosen)
    assert again.status_code == 422
    assert "staat al op de lijst" in words(again)
    assert Registration.objects.get().registered_by == practitioner
    assert OutgoingMail.objects.count() == 1


@pytest.mark.parametrize("bad", ["", "x", "0-0", "1-", "{theirs}"])
def test_a_colleague_who_is_not_on_the_list_is_refused_in_a_sentence(
    client, practitioner, member_organisation, host, bad
):
    member_person(member_organisation)
    session = SessionFactory()
    client.force_login(practitioner)
    theirs = f"{standing_of(host).organisations[0].pk}-{host.pk}"
    response = client.post(url("register_colleague", session), {"colleague": bad.format(theirs=theirs)})
    assert response.status_code == 422
    assert "eigen organisatie" in words(response)
    assert not Registration.objects.exists()


def test_who_registered_sees_it_until_the_start_and_never_whether_she_came(
    client, practitioner, member_organisation, host, now
):
    colleague = member_person(member_organisation, name="Collega Eén")
    session = SessionFactory(host=host)
    row = RegistrationFactory(session=session, person=colleague, registered_by=practitioner)
    client.force_login(practitioner)

    def is_told():
        return "Je hebt aangemeld" in words(client.get(url("register_colleague", session)))

    assert is_told()
    for state in (R.ATTENDED, R.NO_SHOW, R.CANCELLED):
        Registration.objects.filter(pk=row.pk).update(state=state)
        assert not is_told()
    Registration.objects.filter(pk=row.pk).update(state=R.CONFIRMED)
    Session.objects.update(starts_at=now - timedelta(minutes=1))
    assert not is_told()
    for page in (session.get_absolute_url(), "/mijn-agenda/", "/bijeenkomsten/"):
        assert "Collega Eén" not in client.get(page).content.decode()


@pytest.mark.parametrize("rows", [1, 30])
def test_the_page_of_a_colleague_costs_the_same_for_many(
    client, practitioner, member_organisation, rows, django_assert_num_queries
):
    session = SessionFactory()
    for _ in range(rows):
        RegistrationFactory(session=session, person=member_person(member_organisation), registered_by=practitioner)
    client.force_login(practitioner)
    with django_assert_num_queries(6):
        client.get(url("register_colleague", session))


def test_a_dialogue_has_none_of_these_pages_for_its_host(client, host, now):
    dialogue = DialogueFactory(host=host, starts_at=now - timedelta(minutes=5), state=SessionState.CLOSED)
    client.force_login(host)
    for name in ("participants", "participants_file", "attendance", "attendance_rest"):
        assert client.get(url(name, dialogue)).status_code == 404
        assert client.post(url(name, dialogue)).status_code in (404, 405)


# Administration


def test_the_admin_leads_to_the_page_from_the_session_the_registration_and_the_list(client, staff, now):
    row = RegistrationFactory(session=SessionFactory(starts_at=now + timedelta(minutes=20), registration_deadline=None))
    client.force_login(staff)
    for page in (
        f"/admin/sessions_app/session/{row.session_id}/change/",
        f"/admin/sessions_app/registration/{row.pk}/change/",
        f"/admin/sessions_app/registration/?session__id__exact={row.session_id}",
    ):
        assert url("participants", row.session) in client.get(page).content.decode()
    session = client.get(f"/admin/sessions_app/session/{row.session_id}/change/").content.decode()
    assert url("attendance", row.session) in session
    assert "/deelnemers/" not in client.get("/admin/sessions_app/registration/").content.decode()


def test_the_page_leads_back_to_the_admin_for_who_curates_alone(client, staff, host):
    session = SessionFactory(host=host)
    for person, leads in ((staff, True), (host, False)):
        client.force_login(person)
        page = client.get(url("participants", session)).content.decode()
        assert (f"/admin/sessions_app/session/{session.pk}/change/" in page) == leads


@pytest.mark.parametrize(("page", "state"), [("participants", SessionState.OPEN), ("attendance", SessionState.CLOSED)])
@pytest.mark.parametrize(("number", "jumps"), [(39, False), (40, True)])
def test_in_a_long_list_one_jumps_to_a_letter(client, host, now, page, state, number, jumps):
    starts_at = now + timedelta(days=9) if state == SessionState.OPEN else now - timedelta(minutes=5)
    session = SessionFactory(host=host, capacity=60, starts_at=starts_at, state=state)
    for name in ["Éva (fictief)", "eline (fictief)", "2Zo (fictief)", *["Bas (fictief)"] * (number - 3)]:
        RegistrationFactory(session=session, person=member_person(name=name))
    client.force_login(host)
    answer = client.get(reverse(f"sessions:{page}", args=[session.pk]))
    text = answer.content.decode()
    parts = {letter: [str(row.person) for row in rows] for letter, rows in answer.context["letters"]}
    assert ('href="#letter-3"' in text) == jumps
    assert list(parts) == (["#", "B", "E"] if jumps else [""])
    assert sum(len(names) for names in parts.values()) == number
    if jumps:
        assert parts["E"] == ["eline (fictief)", "Éva (fictief)"]
        assert all(f'id="letter-{place}"' in text for place in (1, 2, 3))
