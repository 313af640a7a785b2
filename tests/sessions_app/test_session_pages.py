"""List, month, session page, my agenda and registration, as each of the cast sees them."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from core.models import OutgoingMail
from members.rules import AffiliationState
from sessions_app.mails.organisers import organisers
from sessions_app.models import Invitation, Registration, Session
from sessions_app.rules import Admission, Audience, Form, Language, RegistrationState, SessionState
from tests.factories.leerlijnen import LearningLineFactory, WorkstreamFactory
from tests.factories.members import AffiliationFactory, OrganisationFactory, member_person
from tests.factories.sessions import (
    DialogueFactory,
    InvitationFactory,
    ProposerFactory,
    RegistrationFactory,
    SessionFactory,
)

pytestmark = pytest.mark.django_db
LIST = "/bijeenkomsten/"


def text(response):
    """The page as it is read: without markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_the_list_groups_by_month_and_says_where_there_is_room(client, practitioner, now):
    SessionFactory(title="Ruim", registered=16)
    SessionFactory(title="Vol", capacity=1, registered=1, waiting=3)
    client.force_login(practitioner)
    page = text(client.get(LIST))
    assert "nog 4 plaatsen" in page
    assert "vol, 3 wachten" in page


def test_a_visitor_sees_title_and_date_and_no_seats_place_or_question(client):
    session = SessionFactory(title="Zichtbaar", question="Geheime vraag", place="Geheime zaal", registered=3)
    for path in (LIST, session.get_absolute_url(), reverse("sessions:month", args=[f"{session.starts_at:%Y-%m}"])):
        page = text(client.get(path))
        assert "Zichtbaar" in page
        assert "Geheime" not in page
        assert "nog 17 plaatsen" not in page


@pytest.mark.parametrize("state", [s for s in SessionState if s not in ("planned", "open", "closed", "cancelled")])
def test_what_is_not_on_the_programme_yet_stands_in_no_list(client, practitioner, state):
    session = SessionFactory(title="Nog niet", state=state)
    client.force_login(practitioner)
    is_over = state in ("held", "followed_up", "archived")
    assert ("Nog niet" in text(client.get(LIST))) == is_over
    assert (client.get(session.get_absolute_url()).status_code == 200) == is_over


def test_no_trace_of_a_dialogue_where_anyone_can_look(client, practitioner, director, cohost, host):
    dialogue = DialogueFactory(title="Alleen voor genodigden", host=host)
    loose = DialogueFactory(
        title="Alleen voor genodigden 2", state=SessionState.PLANNED, audience="", admission="", confidentiality=""
    )
    month = reverse("sessions:month", args=[f"{dialogue.starts_at:%Y-%m}"])
    for person in (None, practitioner, director, cohost):
        client.logout()
        if person:
            client.force_login(person)
        for path in (LIST, f"{LIST}?spoor=leadership", month, "/programma/2026/", "/mijn-agenda/"):
            assert "genodigden" not in client.get(path, follow=True).content.decode()
        for session in (dialogue, loose):
            for path in (session.get_absolute_url(), reverse("sessions:calendar", args=[session.pk])):
                assert client.get(path).status_code == (404 if person else 302)


def test_filters_narrow_the_list_and_tell_how_much_stands_behind_each(client, practitioner):
    other = LearningLineFactory(slug="equitable-partnerships", number=2, title="Equitable Partnerships")
    SessionFactory(title="Een", language=Language.NL)
    SessionFactory(title="Twee", learning_line=other, form=Form.ONLINE, language=Language.EN)
    SessionFactory(title="Drie", learning_line=None, track=None, workstream=WorkstreamFactory())
    client.force_login(practitioner)

    def titles(query):
        page = client.get(LIST + query)
        return {session.title for _month, sessions in page.context["months"] for session in sessions}

    assert titles("?leerlijn=digital-readiness") == {"Een"}
    assert titles("?leerlijn=integriteit") == {"Drie"}
    assert titles("?vorm=online&taal=en") == {"Twee"}
    assert titles("?vorm=online&taal=nl") == set()
    assert titles("?spoor=practitioner") == {"Een", "Twee"}
    for unknown in ("leerlijn=bestaat-niet", "leerlijn=%00", "spoor=x", "vorm=%00", "taal=fr", "taal=nl%00"):
        assert titles(f"?{unknown}") == {"Een", "Twee", "Drie"}
    page = text(client.get(f"{LIST}?taal=nl"))
    assert "Digital Readiness 1" in page
    assert "Integriteit 1" in page
    assert "Niets past bij deze keuze" in text(client.get(f"{LIST}?vorm=online&taal=nl"))


def test_for_me_leaves_out_what_is_for_others(client, practitioner, cohost):
    SessionFactory(title="Voor leden")
    SessionFactory(title="Ook voor partners", audience=Audience.MEMBERS_AND_PARTNERS)
    client.force_login(cohost)
    page = text(client.get(f"{LIST}?voor-mij=1"))
    assert ("Voor leden" in page, "Ook voor partners" in page) == (False, True)


def test_a_long_list_comes_in_pages_and_loses_nothing(client, practitioner, now):
    for number in range(120):
        SessionFactory(title=f"Nummer {number:03}", starts_at=now + timedelta(days=number + 1))
    client.force_login(practitioner)
    seen = [
        session.title
        for page in (1, 2, 3, 4)
        for _month, sessions in client.get(f"{LIST}?page={page}").context["months"]
        for session in sessions
    ]
    assert seen == [f"Nummer {number:03}" for number in range(120)]


def test_an_empty_list_says_what_to_do_next(client):
    assert "Doe een voorstel" in text(client.get(LIST))


@pytest.mark.parametrize("month", ["2026-13", "x", "1900-01", "2026-1-1"])
def test_a_month_that_does_not_exist_is_not_found(client, month):
    assert client.get(f"/bijeenkomsten/maand/{month}/").status_code == 404


def test_the_month_shows_the_session_on_its_day_in_dutch_time(client):
    session = SessionFactory(starts_at=timezone.datetime(2026, 10, 31, 23, 30, tzinfo=timezone.get_fixed_timezone(0)))
    page = client.get("/bijeenkomsten/maand/2026-11/")
    [day] = [day for week in page.context["weeks"] for day in week if day["sessions"]]
    assert (day["date"].isoformat(), day["sessions"]) == ("2026-11-01", [session])


def test_a_member_reads_all_of_it_and_finds_the_one_button(client, practitioner):
    session = SessionFactory(question="Wat vragen we ons af?", registered=3)
    client.force_login(practitioner)
    page = text(client.get(session.get_absolute_url()))
    for words in (
        "Wat vragen we ons af?",
        "Zaal 1",
        "Nog 17 plaatsen.",
        "Nederlandse tijd",
        "trekt de inhoud",
        "Partos",
    ):
        assert words in page
    assert f'href="/bijeenkomsten/{session.pk}/aanmelden/"' in client.get(session.get_absolute_url()).content.decode()


def panel(client, session):
    return client.get(session.get_absolute_url()).context["panel"]


def test_the_panel_says_why_and_offers_what_applies_now(client, practitioner, outsider):
    session = SessionFactory(capacity=1, registered=1, waiting=2)
    assert panel(client, session).label == "Log in om je aan te melden"
    client.force_login(outsider)
    assert panel(client, session).label == "Naar mijn profiel"
    client.force_login(practitioner)
    assert panel(client, session).label == "Op de wachtlijst"
    RegistrationFactory(session=session, person=practitioner, state=RegistrationState.WAITLISTED)
    assert panel(client, session).why == "Je bent derde in de rij; wie het eerst kwam, gaat voor."
    Session.objects.update(state=SessionState.CANCELLED)
    assert panel(client, session).label == ""


def test_who_wishes_to_change_rooms_waits_in_the_other_room_for_every_reader(client, practitioner, staff):
    """The count of a room and the place in its line are of the same people."""
    session = SessionFactory(form=Form.HYBRID, capacity=1, capacity_online=2, online_link="https://video.example/a")
    RegistrationFactory(session=session)
    RegistrationFactory(session=session, form=Form.ONLINE, wished_form=Form.ON_SITE, wished_at=session.changed_at)
    RegistrationFactory(session=session, person=practitioner, state=RegistrationState.WAITLISTED)
    client.force_login(practitioner)
    assert "tweede in de rij" in panel(client, session).why
    client.force_login(staff)
    assert "op locatie: vol, 2 wachten; online: nog 1 plaats" in text(client.get(LIST))
    assert "2 wachten" in text(client.get(reverse("sessions:participants", args=[session.pk])))


@pytest.mark.parametrize(("form", "told"), [(Form.ON_SITE, True), (Form.ONLINE, False)])
def test_who_leaves_reads_whether_somebody_waits_for_that_seat(client, practitioner, form, told):
    session = SessionFactory(form=Form.HYBRID, capacity=1, capacity_online=2, online_link="https://video.example/a")
    RegistrationFactory(session=session, person=practitioner, form=form)
    RegistrationFactory(session=session, state=RegistrationState.WAITLISTED)
    client.force_login(practitioner)
    page = text(client.get(reverse("sessions:cancel", args=[session.pk])))
    assert ("eerste in de rij" in page) == told


@pytest.mark.parametrize(("form", "asks_about_food"), [(Form.ON_SITE, True), (Form.HYBRID, True), (Form.ONLINE, False)])
def test_registering_asks_about_food_only_where_one_can_eat_along(client, practitioner, form, asks_about_food):
    session = SessionFactory(form=form, capacity=9, capacity_online=9, online_link="https://video.example/a")
    client.force_login(practitioner)
    page = text(client.get(reverse("sessions:register", args=[session.pk])))
    assert "Heb je iets nodig om te kunnen" in page
    assert ("mee te eten" in page) == ("noten" in page) == asks_about_food


@pytest.mark.parametrize(
    ("form", "wished_form", "asks_about_food"),
    [(Form.ON_SITE, "", True), (Form.ONLINE, Form.ON_SITE, True), (Form.ONLINE, "", False)],
)
def test_who_attends_online_tells_only_about_access(client, practitioner, form, wished_form, asks_about_food):
    session = SessionFactory(form=Form.HYBRID, capacity=9, capacity_online=9, online_link="https://video.example/a")
    wish = {"wished_form": wished_form, "wished_at": session.changed_at} if wished_form else {}
    RegistrationFactory(session=session, person=practitioner, form=form, **wish)
    client.force_login(practitioner)
    page = text(client.get(reverse("sessions:needs", args=[session.pk])))
    assert ("mee te eten" in page) == ("Toegankelijkheid en eten" in page) == asks_about_food
    link = "Toegankelijkheid en eten: wat ik nodig heb" if asks_about_food else "Toegankelijkheid: wat ik nodig heb"
    assert link in text(client.get(session.get_absolute_url()))


@pytest.mark.parametrize(
    ("admission", "capacity_online", "told"),
    [(Admission.DIRECT, 2, True), (Admission.DIRECT, 1, False), (Admission.BY_APPROVAL, 2, False)],
)
def test_who_registers_is_told_of_a_free_seat_beside_a_full_room(
    client, practitioner, admission, capacity_online, told
):
    rooms = {"form": Form.HYBRID, "capacity": 1, "capacity_online": capacity_online}
    session = SessionFactory(admission=admission, online_link="https://video.example/a", **rooms)
    for form in (Form.ON_SITE, Form.ONLINE):
        RegistrationFactory(session=session, form=form)
    client.force_login(practitioner)
    choice = "kun je daarna wachten op een plaats in de andere"
    assert (choice in panel(client, session).why) == told
    assert (choice in text(client.get(reverse("sessions:register", args=[session.pk])))) == told


def test_a_hybrid_session_tells_of_both_rooms(client, practitioner):
    session = SessionFactory(form=Form.HYBRID, capacity=1, capacity_online=11, online_link="https://video.example/a")
    RegistrationFactory(session=session)
    RegistrationFactory(session=session, state=RegistrationState.WAITLISTED)
    RegistrationFactory(session=session, form=Form.ONLINE)
    client.force_login(practitioner)
    words = "op locatie: vol, 1 wacht; online: nog 10 plaatsen"
    assert words in text(client.get(LIST))
    assert panel(client, session).label == "Aanmelden"
    assert panel(client, session).why.startswith(f"O{words[1:]}. Waar het vol is, sluit je achteraan aan.")
    page = text(client.get(reverse("sessions:register", args=[session.pk])))
    assert words in page
    assert "Op de wachtlijst" not in page
    Session.objects.update(capacity_online=1)
    assert panel(client, session).label == "Op de wachtlijst"
    assert "Op de wachtlijst" in text(client.get(reverse("sessions:register", args=[session.pk])))


def test_who_left_an_organisation_hosts_nothing_for_it(client, host):
    session = SessionFactory(host=host, audience=Audience.MEMBERS)
    dialogue = DialogueFactory(host=host)
    InvitationFactory(session=dialogue)
    AffiliationFactory(person=host)  # a colleague elsewhere by now, and still in the audience
    RegistrationFactory(session=session, person=member_person(name="Geheime Naam (fictief)"))
    client.force_login(host)
    names = reverse("sessions:participants", args=[session.pk])
    assert "Geheime Naam" in text(client.get(names))
    assert client.get(dialogue.get_absolute_url()).status_code == 200
    assert Invitation.objects.visible_to(host).exists()
    assert str(session) in text(client.get("/mijn-agenda/"))
    assert host in organisers(session)
    hosts_for = session.hostings.get(person=host).organisation
    host.affiliations.filter(organisation=hosts_for).update(state=AffiliationState.ENDED)
    assert host not in organisers(session) + organisers(dialogue)
    assert client.get(names).status_code == 404
    assert client.get(dialogue.get_absolute_url()).status_code == 404
    assert str(session) not in text(client.get("/mijn-agenda/"))
    assert not Registration.objects.visible_to(host).exists()
    assert not Invitation.objects.visible_to(host).exists()


def test_the_online_link_is_for_who_attends_online_and_has_a_seat(client, practitioner):
    session = SessionFactory(form=Form.ONLINE, online_link="https://video.example/geheim", place="")
    client.force_login(practitioner)
    assert "geheim" not in client.get(session.get_absolute_url()).content.decode()
    RegistrationFactory(session=session, person=practitioner, form=Form.ONLINE)
    assert "geheim" in client.get(session.get_absolute_url()).content.decode()


def test_registering_shows_what_is_asked_and_gives_the_seat(client, practitioner):
    session = SessionFactory()
    client.force_login(practitioner)
    url = reverse("sessions:register", args=[session.pk])
    page = text(client.get(url))
    assert "noor@horizonhulp.example" in page
    assert "Andere deelnemers zien geen lijst" in page
    response = client.post(url, {"function": "Adviseur"})
    assert response.url == session.get_absolute_url()
    assert Registration.objects.get().function == "Adviseur"
    assert client.post(url, {}).status_code == 302
    assert Registration.objects.count() == OutgoingMail.objects.count() == 1


def test_who_works_for_two_organisations_chooses_one(client, practitioner):
    other = AffiliationFactory(person=practitioner).organisation
    session = SessionFactory()
    client.force_login(practitioner)
    url = reverse("sessions:register", args=[session.pk])
    refused = client.post(url, {"function": "Blijft staan"})
    assert refused.status_code == 422
    assert "Blijft staan" in refused.content.decode()
    client.post(url, {"organisation": other.pk})
    assert Registration.objects.get().organisation == other


@pytest.mark.parametrize("bad", ["999999", "x", ""])
def test_a_forged_organisation_is_refused(client, practitioner, bad):
    AffiliationFactory(person=practitioner)
    client.force_login(practitioner)
    url = reverse("sessions:register", args=[SessionFactory().pk])
    assert client.post(url, {"organisation": bad}).status_code == 422
    assert client.post(url, {"organisation": OrganisationFactory().pk}).status_code == 422
    assert not Registration.objects.exists()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"state": SessionState.CANCELLED}, "gaat niet door"),
        ({"state": SessionState.CLOSED}, "gesloten"),
        ({"state": SessionState.PLANNED}, "nog niet aanmelden"),
        ({"registration_deadline": timezone.now() - timedelta(days=1)}, "sluitingsdatum"),
    ],
)
def test_a_session_that_is_not_open_says_so(client, practitioner, fields, sentence):
    session = SessionFactory(**fields)
    client.force_login(practitioner)
    response = client.post(reverse("sessions:register", args=[session.pk]), {})
    assert response.status_code == 422
    assert sentence in text(response)
    assert not Registration.objects.exists()


def test_cancelling_asks_first_and_twice_does_no_harm(client, practitioner):
    session = SessionFactory()
    RegistrationFactory(session=session, person=practitioner)
    client.force_login(practitioner)
    url = reverse("sessions:cancel", args=[session.pk])
    assert "komt vrij voor een ander" in text(client.get(url))
    assert Registration.objects.get().state == RegistrationState.CONFIRMED
    assert client.post(url).url == "/mijn-agenda/"
    assert Registration.objects.get().state == RegistrationState.CANCELLED
    assert client.post(url).status_code == 302
    assert OutgoingMail.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [({"waiting": 1}, "eerste in de rij"), ({"state": SessionState.CLOSED}, "niet meer terugkomen")],
)
def test_cancelling_says_what_becomes_of_the_seat(client, practitioner, fields, words):
    session = SessionFactory(**fields)
    RegistrationFactory(session=session, person=practitioner)
    client.force_login(practitioner)
    assert words in text(client.get(reverse("sessions:cancel", args=[session.pk])))


def test_who_asked_for_an_affiliation_reads_that_it_is_under_way(client, outsider):
    AffiliationFactory(person=outsider, organisation__name="Stem & Recht (fictief)", state="requested")
    client.force_login(outsider)
    page = text(client.get("/mijn-agenda/"))
    assert "gekoppeld te worden aan Stem &amp; Recht (fictief)" in page
    assert "nog niet bij een organisatie" not in page


def test_nobody_cancels_for_someone_else(client, practitioner):
    registration = RegistrationFactory()
    client.force_login(practitioner)
    client.post(reverse("sessions:cancel", args=[registration.session_id]))
    registration.refresh_from_db()
    assert registration.state == RegistrationState.CONFIRMED


PEOPLE = ["visitor", "outsider", "practitioner", "contact", "director", "cohost", "host", "staff",
          "integrity_coordinator", "quality_coordinator", "functional_administrator"]  # fmt: skip


@pytest.mark.parametrize("who", PEOPLE)
def test_the_list_of_participants_is_for_host_and_staff(client, request, host, who):
    session = SessionFactory(host=host)
    RegistrationFactory(session=session, person=member_person(name="Geheime Naam (fictief)"))
    if who != "visitor":
        client.force_login(request.getfixturevalue(who))
    response = client.get(reverse("sessions:participants", args=[session.pk]))
    sees = who in ("host", "staff")
    assert response.status_code == (200 if sees else 302 if who == "visitor" else 404)
    assert ("Geheime Naam" in response.content.decode()) == sees
    assert "Geheime Naam" not in client.get(session.get_absolute_url()).content.decode()


def test_host_of_one_session_sees_no_names_of_another(client, host):
    SessionFactory(host=host)
    other = SessionFactory(registered=1)
    client.force_login(host)
    assert client.get(reverse("sessions:participants", args=[other.pk])).status_code == 404


def test_my_agenda_shows_what_is_asked_what_comes_and_what_was(client, practitioner, now):
    RegistrationFactory(session=SessionFactory(title="Straks"), person=practitioner)
    past = SessionFactory(title="Toen", starts_at=now - timedelta(days=9), state=SessionState.HELD)
    RegistrationFactory(session=past, person=practitioner)
    RegistrationFactory(session=SessionFactory(title="Van een ander"))
    ProposerFactory(
        person=practitioner, session__title="Nog af te maken", session__state=SessionState.DRAFT, session__ends_at=None
    )
    client.force_login(practitioner)
    page = text(client.get("/mijn-agenda/"))
    assert page.index("Nog af te maken") < page.index("Straks") < page.index("Toen")
    assert "Van een ander" not in page


def test_a_no_show_reads_like_any_other_session_that_was(client, practitioner, now):
    past = SessionFactory(title="Toen", starts_at=now - timedelta(days=9), state=SessionState.HELD)
    RegistrationFactory(session=past, person=practitioner, state=RegistrationState.NO_SHOW)
    client.force_login(practitioner)
    page = text(client.get("/mijn-agenda/"))
    assert "Toen" in page
    assert "was er niet bij" not in page


def test_the_calendar_file_has_zone_and_identity_and_no_link_to_the_meeting(client, practitioner):
    session = SessionFactory(
        form=Form.HYBRID, capacity_online=5, online_link="https://video.example/geheim", sequence=3
    )
    client.force_login(practitioner)
    response = client.get(reverse("sessions:calendar", args=[session.pk]))
    body = response.content.decode()
    event = Calendar.from_ical(body).walk("VEVENT")[0]
    assert event["UID"] == f"{session.uid}@netwerk-en-leren.partos"
    assert (event["SEQUENCE"], event["STATUS"]) == (3, "CONFIRMED")
    assert event["DTSTART"].dt == session.starts_at
    assert "TZID=Europe/Amsterdam" in body
    assert "BEGIN:VTIMEZONE" in body
    assert "geheim" not in body


def test_a_visitor_who_wants_the_calendar_file_is_sent_to_sign_in(client):
    response = client.get(reverse("sessions:calendar", args=[SessionFactory().pk]))
    assert response.status_code == 302
    assert "next=" in response.url


def test_what_does_not_exist_answers_like_what_one_may_not_see(client, practitioner):
    hidden = SessionFactory(state=SessionState.DRAFT)
    for pk in (hidden.pk, 999999):
        assert client.get(reverse("sessions:detail", args=[pk])).status_code == 302
    client.force_login(practitioner)
    for name in ("detail", "calendar", "register", "cancel", "participants"):
        answers = {client.get(reverse(f"sessions:{name}", args=[pk])).status_code for pk in (hidden.pk, 999999)}
        assert answers == {404}


def test_titles_carry_their_own_language(client, practitioner):
    SessionFactory(title="Shrinking civic space", language=Language.EN)
    client.force_login(practitioner)
    assert 'lang="en">Shrinking civic space' in client.get(LIST).content.decode()


def test_emoji_right_to_left_and_markup_in_a_title_are_shown_as_typed(client, practitioner):
    SessionFactory(title="مرحبا 🌍 <b>vet</b>")
    client.force_login(practitioner)
    assert "مرحبا 🌍 &lt;b&gt;vet&lt;/b&gt;" in client.get(LIST).content.decode()


@pytest.mark.parametrize("rows", [1, 30])
@pytest.mark.parametrize("who", ["visitor", "practitioner", "staff"])
def test_the_pages_cost_the_same_for_many(client, request, who, rows, django_assert_num_queries, now):
    sessions = [SessionFactory(registered=2, waiting=1, starts_at=now + timedelta(days=n + 1)) for n in range(rows)]
    if who != "visitor":
        person = request.getfixturevalue(who)
        client.force_login(person)
        for session in sessions:
            RegistrationFactory(session=session, person=person)
        for _ in range(rows):
            past = SessionFactory(starts_at=now - timedelta(days=9), state=SessionState.HELD)
            RegistrationFactory(session=past, person=person)
            ProposerFactory(person=person, organisation=OrganisationFactory(), session__state=SessionState.DRAFT)
    costs = {
        "list": {"visitor": 3, "practitioner": 5, "staff": 7},
        "month": {"visitor": 2, "practitioner": 3, "staff": 5},
        "detail": {"visitor": 4, "practitioner": 7, "staff": 9},
        "mine": {"visitor": 0, "practitioner": 5, "staff": 5},
    }
    paths = {
        "list": LIST,
        "month": reverse("sessions:month", args=[f"{sessions[0].starts_at:%Y-%m}"]),
        "detail": sessions[0].get_absolute_url(),
        "mine": "/mijn-agenda/",
    }
    for name, path in paths.items():
        with django_assert_num_queries(costs[name][who], info=f"{name} for {who}"):
            client.get(path)


def test_partner_people_may_register_only_where_partners_may(client, cohost):
    client.force_login(cohost)
    closed, opened = SessionFactory(), SessionFactory(audience=Audience.MEMBERS_AND_PARTNERS)
    assert client.post(reverse("sessions:register", args=[closed.pk]), {}).status_code == 422
    assert client.post(reverse("sessions:register", args=[opened.pk]), {}).status_code == 302
    assert Registration.objects.get().session == opened


def test_by_invitation_cannot_be_registered_for_by_address(client, practitioner):
    session = SessionFactory(admission=Admission.INVITATION)
    client.force_login(practitioner)
    assert client.post(reverse("sessions:register", args=[session.pk]), {}).status_code == 404


@pytest.mark.parametrize("state", [SessionState.PLANNED, SessionState.CLOSED])
def test_a_visitor_reads_why_nobody_can_register_and_nothing_of_an_account(client, state):
    session = SessionFactory(state=state, audience=Audience.PUBLIC)
    page = client.get(session.get_absolute_url()).content.decode()
    planned = state == SessionState.PLANNED
    assert ("Je kunt je nog niet aanmelden." if planned else "De aanmelding voor deze bijeenkomst is gesloten.") in page
    assert "Dit account" not in page
