from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from core.dates import local
from core.models import AuditEntry, OutgoingMail
from leerlijnen.rules import ActivityKind
from members.rules import OrganisationKind
from sessions_app.actions import guests
from sessions_app.models import Session
from sessions_app.rules import HostingPart, RegistrationState, SessionState
from tests.factories.leerlijnen import ActivityFactory, PartosRoleFactory, TrackFactory, WorkstreamFactory
from tests.factories.members import OrganisationFactory
from tests.factories.sessions import DialogueFactory, RegistrationFactory, SessionFactory
from tests.harness.asking import agree
from tests.sessions_app.proposing import proposal

pytestmark = pytest.mark.django_db
S = SessionState
LIST = "/admin/sessions_app/session/"
PLANNING = "/admin/sessions_app/session/planning/"


def change(session):
    return reverse("admin:sessions_app_session_change", args=[session.pk])


def move(session, name):
    return reverse("admin:sessions_app_session_move", args=[session.pk, name])


def tomorrow(now):
    """To the minute, as a browser gives it back."""
    return (now + timedelta(days=1)).replace(second=0)


def fields_of(page):
    """What a browser would send back from a change form."""
    form = page.context["adminform"].form
    data = {}
    for bound in form:
        value = bound.value()
        if isinstance(value, list):
            data[bound.html_name] = [str(getattr(item, "pk", item)) for item in value]
        elif value is not None:
            data[bound.html_name] = bound.field.widget.format_value(value) or ""
    for formset in page.context["inline_admin_formsets"]:
        for name, value in formset.formset.management_form.initial.items():
            data[f"{formset.formset.prefix}-{name}"] = value
        for form in formset.formset.initial_forms:
            for bound in form:
                data[bound.html_name] = bound.value() or ""
    return data


def test_staff_correct_words_and_seats_and_the_queue_moves_up(desk, staff, now):
    session = SessionFactory(registered=1, waiting=1, capacity=1, registration_deadline=tomorrow(now))
    session.partos_roles.add(PartosRoleFactory(programme=session.programme))
    data = fields_of(desk.get(change(session))) | {"title": "Betere titel", "capacity": "2"}
    response = agree(desk, change(session), data)
    assert response.status_code == 302, response.context["errors"]
    session.refresh_from_db()
    assert (session.title, session.capacity, session.state) == ("Betere titel", 2, S.OPEN)
    assert session.registrations.holding_seat().count() == 2
    entry = AuditEntry.objects.get(verb="session.changed")
    assert (entry.actor, entry.codes) == (staff, {"fields": "capacity+title"})


@pytest.mark.parametrize(
    ("starts_in", "told"),
    [
        (timedelta(days=9), "Voor 2 mensen die wachtten wordt een plaats vastgehouden; ze krijgen de vraag per mail."),
        (timedelta(hours=20), "2 mensen die wachtten hebben nu een plaats, en krijgen een mail."),
    ],
)
def test_more_seats_tell_how_many_of_the_line_they_reached(desk, now, starts_in, told):
    session = SessionFactory(
        capacity=1, registered=1, waiting=2, starts_at=now + starts_in, registration_deadline=now + timedelta(hours=1)
    )
    session.partos_roles.add(PartosRoleFactory(programme=session.programme))
    data = fields_of(desk.get(change(session))) | {"capacity": "9"}
    answer = agree(desk, change(session), data, follow=True)
    assert told in [str(message) for message in answer.context["messages"]], answer.context.get("errors")
    data = fields_of(desk.get(change(session))) | {"capacity": "10"}
    said = [str(message) for message in desk.post(change(session), data, follow=True).context["messages"]]
    assert not [text for text in said if "wachtte" in text]


def test_fewer_seats_than_taken_warn_and_throw_nobody_out(desk):
    session = SessionFactory(registered=3, capacity=3)
    session.partos_roles.add(PartosRoleFactory(programme=session.programme))
    data = fields_of(desk.get(change(session))) | {"capacity": "1"}
    response = desk.post(change(session), data, follow=True)
    assert any("3" in str(message) for message in response.context["messages"])
    assert session.registrations.confirmed().count() == 3


def test_fewer_seats_than_taken_in_one_of_two_rooms_warn_of_that_room(desk):
    session = SessionFactory(
        form="hybrid", online_link="https://video.example/x", registered=3, capacity=3, capacity_online=50
    )
    session.partos_roles.add(PartosRoleFactory(programme=session.programme))
    data = fields_of(desk.get(change(session))) | {"capacity": "1"}
    response = desk.post(change(session), data, follow=True)
    said = [str(message) for message in response.context["messages"]]
    assert [text for text in said if "niemand" in text.lower()] == [
        "3 mensen hebben een plaats en er zijn er nu 1. Niemand wordt weggestuurd."
    ]
    assert session.registrations.confirmed().count() == 3


@pytest.mark.parametrize("wrong", [{"capacity": "0"}, {"capacity": ""}, {"for_whom": ""}, {"capacity": "1000000000"}])
def test_a_correction_that_takes_away_what_is_needed_is_refused(desk, wrong):
    session = SessionFactory()
    session.partos_roles.add(PartosRoleFactory(programme=session.programme))
    data = fields_of(desk.get(change(session))) | wrong
    response = desk.post(change(session), data)
    assert response.status_code == 422
    assert list(response.context["adminform"].form.errors) == list(wrong)


@pytest.mark.parametrize("is_peer_space", [False, True])
def test_a_closed_space_does_not_share_its_seats_by_organisation(desk, is_peer_space):
    session = SessionFactory(confidentiality="closed_space")
    if is_peer_space:
        session = SessionFactory()
        where = {"learning_line": session.learning_line, "track": session.track}
        session.activity = ActivityFactory(kind=ActivityKind.PEER_SPACE, **where)
        session.save()
    session.partos_roles.add(PartosRoleFactory(programme=session.programme))
    data = fields_of(desk.get(change(session))) | {"most_per_organisation": "1"}
    response = desk.post(change(session), data)
    assert response.status_code == 422
    assert list(response.context["adminform"].form.errors) == ["most_per_organisation"]
    session.refresh_from_db()
    assert session.most_per_organisation is None


def test_the_log_of_the_admin_keeps_no_invited_address(desk, staff, now):
    session = SessionFactory()
    session.partos_roles.add(PartosRoleFactory(programme=session.programme))
    guests.invite(session=session, addresses=["iemand@elders.example"], actor=staff, now=now)
    data = fields_of(desk.get(change(session))) | {"guests-0-DELETE": "on", "title": "Betere titel"}
    assert desk.post(change(session), data).status_code == 302
    assert not session.guests.exists()
    [line] = LogEntry.objects.all()
    assert "elders" not in line.object_repr + line.change_message


def test_the_state_and_the_date_cannot_be_posted(desk):
    session = SessionFactory(state=S.PLANNED)
    session.partos_roles.add(PartosRoleFactory(programme=session.programme))
    forged = {"state": "open", "starts_at": "2027-01-01T10:00", "shown_state": "open", "place": "Elders"}
    desk.post(change(session), fields_of(desk.get(change(session))) | forged)
    now = Session.objects.get(pk=session.pk)
    assert (now.state, now.starts_at, now.place) == (S.PLANNED, session.starts_at, session.place)


@pytest.mark.parametrize("kind", [OrganisationKind.ASSOCIATION, OrganisationKind.MINISTRY])
def test_partos_is_made_content_lead_nowhere(desk, kind):
    session = SessionFactory()
    session.partos_roles.add(PartosRoleFactory(programme=session.programme))
    page = desk.get(change(session))
    lead = page.context["inline_admin_formsets"][0].formset.initial_forms[0].prefix
    data = fields_of(page) | {f"{lead}-organisation": OrganisationFactory(kind=kind).pk}
    response = desk.post(change(session), data)
    assert response.status_code == 422
    assert "Een lid of partner moet de inhoud trekken" in response.text
    assert session.hostings.get(part=HostingPart.CONTENT_LEAD).organisation.kind == OrganisationKind.MEMBER


def test_an_open_session_keeps_its_content_lead(desk):
    session = SessionFactory()
    session.partos_roles.add(PartosRoleFactory(programme=session.programme))
    page = desk.get(change(session))
    lead = page.context["inline_admin_formsets"][0].formset.initial_forms[0].prefix
    response = desk.post(change(session), fields_of(page) | {f"{lead}-DELETE": "on"})
    assert response.status_code == 422
    assert session.hostings.filter(part=HostingPart.CONTENT_LEAD).exists()


def new_session(programme, **fields):
    line = SessionFactory().learning_line
    return {
        "programme": programme.pk,
        "learning_line": line.pk,
        "track": TrackFactory(programme=programme).pk,
        "title": "Op verzoek",
        "question": "Hoe dan?",
        "language": "nl",
        "partos_roles": [PartosRoleFactory(programme=programme).pk],
        "content_lead": OrganisationFactory().pk,
    } | fields


def test_staff_put_a_session_on_the_agenda_for_a_member(desk):
    programme = SessionFactory().programme
    response = desk.post(f"{LIST}add/", new_session(programme))
    assert response.status_code == 302
    session = Session.objects.get(title="Op verzoek")
    assert (session.state, response.url) == (S.ACCEPTED, change(session))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"content_lead": ""}, "content_lead"),
        ({"title": ""}, "title"),
        ({"title": "x" * 10_000}, "title"),
        ({"learning_line": ""}, "workstream"),
        ({"track": ""}, "track"),
        ({"partos_roles": []}, "partos_roles"),
    ],
)
def test_a_session_for_a_member_asks_what_a_proposal_asks(desk, wrong, field):
    programme = SessionFactory().programme
    response = desk.post(f"{LIST}add/", new_session(programme, **wrong))
    assert response.status_code == 422
    assert field in response.context["form"].errors or response.context["form"].non_field_errors()
    assert not Session.objects.filter(title="Op verzoek").exists()


def test_staff_cannot_choose_partos_to_lead_a_new_session(desk):
    programme = SessionFactory().programme
    partos = OrganisationFactory(kind=OrganisationKind.ASSOCIATION)
    response = desk.post(f"{LIST}add/", new_session(programme, content_lead=partos.pk))
    assert "Een lid of partner moet de inhoud trekken" in response.context["form"].errors["content_lead"][0]


def test_the_list_filters_and_searches(desk):
    session = SessionFactory(title="Vindbaar", state=S.PLANNED)
    SessionFactory(title="Ander", form="online")
    month = f"{local(session.starts_at):%Y-%m}"
    for query in ("state__exact=planned", "q=Vindbaar"):
        page = desk.get(f"{LIST}?{query}")
        assert "Vindbaar" in page.text
        assert "Ander" not in page.text
    for query in (
        f"month={month}",
        "content_lead=yes",
        "content_lead=no",
        "month=2026-13",
        "month=0000-00",
        "month=%00",
        "month=x-y",
        "form=online",
    ):
        assert desk.get(f"{LIST}?{query}", follow=True).status_code == 200
    assert "Vindbaar" in desk.get(f"{LIST}?month={month}").text
    assert "Vindbaar" not in desk.get(f"{LIST}?content_lead=no").text


def test_the_list_tells_seats_and_queue(desk):
    SessionFactory(registered=2, waiting=1, capacity=2)
    assert "2 / 2, 1 " in desk.get(LIST).text


def test_the_planning_shows_every_line_and_track_and_its_empty_cells(desk, practitioner, now):
    WorkstreamFactory()
    session = SessionFactory(title="Gepland")
    undated = proposal(practitioner, state=S.ACCEPTED, title="Zonder datum")
    waiting = proposal(practitioner, state=S.SUBMITTED, title="Wacht al lang")
    page = desk.get(f"{PLANNING}{local(session.starts_at).year}/")
    assert page.status_code == 200
    for row in (session, undated, waiting):
        assert row.title in page.text
    assert len(page.context["rows"]) == 2  # one line × one track, and the workstream
    assert page.text.count('class="empty"') == 2 * 13 - 2
    assert page.context["waiting"][0].days_waited > 10
    assert desk.get(f"{PLANNING}1999/").status_code == 200


def test_a_dialogue_is_in_the_planning_of_staff(desk):
    dialogue = DialogueFactory(title="Besloten gesprek")
    assert "Besloten gesprek" in desk.get(f"{PLANNING}{local(dialogue.starts_at).year}/").text


def test_staff_see_who_comes_and_change_nothing(desk):
    registration = RegistrationFactory(state=RegistrationState.WAITLISTED)
    page = "/admin/sessions_app/registration/"
    assert registration.person.name in desk.get(page).text
    assert desk.get(f"{page}?q={registration.person.email}").status_code == 200
    assert desk.get(f"{page}add/").status_code == 403
    assert desk.post(f"{page}{registration.pk}/change/", {"state": "confirmed"}).status_code == 403


@pytest.mark.parametrize("who", ["integrity_coordinator", "quality_coordinator", "functional_administrator"])
def test_registrations_are_for_programme_staff(request, client, who):
    client.force_login(request.getfixturevalue(who))
    assert client.get("/admin/sessions_app/registration/").status_code == 403


@pytest.mark.parametrize("rows", [1, 30])
def test_the_list_costs_the_same_at_every_size(desk, rows, django_assert_num_queries):
    for _row in range(rows):
        SessionFactory(registered=1)
    with django_assert_num_queries(14):
        assert desk.get(LIST).status_code == 200


@pytest.mark.parametrize("rows", [1, 30])
def test_the_planning_costs_the_same_at_every_size(desk, practitioner, rows, django_assert_num_queries):
    for _row in range(rows):
        SessionFactory()
        proposal(practitioner, state=S.SUBMITTED)
        proposal(practitioner, state=S.ACCEPTED)
    with django_assert_num_queries(19):
        desk.get(PLANNING)


def test_a_refused_move_mails_nobody(desk):
    session = SessionFactory(registered=1)
    desk.post(move(session, "cancel"), {"reason": ""})
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize("field", ["audience", "admission", "confidentiality", "registration_deadline", "partos_roles"])
def test_an_open_session_keeps_what_opening_asked(desk, field):
    session = SessionFactory()
    session.partos_roles.add(PartosRoleFactory(programme=session.programme))
    data = fields_of(desk.get(change(session)))
    data[field] = [] if field == "partos_roles" else ""
    response = desk.post(change(session), data)
    assert response.status_code == 422
    assert list(response.context["adminform"].form.errors) == [field]


def test_an_open_session_keeps_its_facilitator(desk):
    session = SessionFactory()
    session.partos_roles.add(PartosRoleFactory(programme=session.programme))
    page = desk.get(change(session))
    facilitator = page.context["inline_admin_formsets"][0].formset.initial_forms[1].prefix
    assert desk.post(change(session), fields_of(page) | {f"{facilitator}-DELETE": "on"}).status_code == 422
    assert session.hostings.filter(part=HostingPart.FACILITATE).exists()


def test_words_of_a_closed_session_are_corrected_after_its_start(desk, now):
    session = SessionFactory(state=S.CLOSED, starts_at=now - timedelta(minutes=30))
    session.partos_roles.add(PartosRoleFactory(programme=session.programme))
    response = desk.post(change(session), fields_of(desk.get(change(session))) | {"title": "Betere titel"})
    assert response.status_code == 302, response.context["errors"]


@pytest.mark.parametrize("state", ["open", "accepted"])
def test_the_page_of_a_session_leads_to_who_comes_also_while_it_is_postponed(desk, now, state):
    session = SessionFactory(registered=1)
    if state == "accepted":
        Session.objects.update(state=state, starts_at=None, ends_at=None, date_dropped_at=now)
    page = desk.get(reverse("admin:sessions_app_session_change", args=[session.pk])).content.decode()
    assert reverse("sessions:participants", args=[session.pk]) in page
    assert (reverse("sessions:reminders", args=[session.pk]) in page) == (state == "open")
