from datetime import timedelta

import pytest
from django.urls import reverse

from core.dates import local
from core.models import AuditEntry, OutgoingMail
from members.rules import OrganisationKind
from sessions_app.admin.moves import SESSION_MOVE_BUTTONS, moves_of
from sessions_app.models import Hosting, Session
from sessions_app.rules import HostingPart, RegistrationState, SessionState
from tests.factories.leerlijnen import PartosRoleFactory, TrackFactory, WorkstreamFactory
from tests.factories.members import OrganisationFactory
from tests.factories.sessions import DialogueFactory, RegistrationFactory, SessionFactory
from tests.sessions_app.proposing import proposal

pytestmark = pytest.mark.django_db
S = SessionState
LIST = "/admin/sessions_app/session/"
PLANNING = "/admin/sessions_app/session/planning/"


def change(session):
    return reverse("admin:sessions_app_session_change", args=[session.pk])


def move(session, name):
    return reverse("admin:sessions_app_session_move", args=[session.pk, name])


@pytest.fixture
def desk(client, staff):
    """The admin, with programme staff at it."""
    client.force_login(staff)
    return client


def typed(now, **fields):
    """A plan as a browser sends it, far from any holiday."""
    start = local(now).replace(year=2027, month=3, day=16, hour=14, minute=0)
    return {
        "starts_at": f"{start:%Y-%m-%dT%H:%M}",
        "ends_at": f"{start + timedelta(hours=2):%Y-%m-%dT%H:%M}",
        "form": "on_site",
        "place": "Zaal 2 (fictief)",
        "capacity": "12",
        "for_whom": "Programmamedewerkers",
        "audience": "members",
        "admission": "direct",
        "confidentiality": "internal",
        "registration_deadline": f"{start - timedelta(days=2):%Y-%m-%dT%H:%M}",
    } | fields


def quiet(now, **fields):
    """As `typed`, with its calendar warnings (ramadan may fall then) seen."""
    data = typed(now, **fields)
    return data | {"seen": f"{data['starts_at']}/{data['ends_at']}"}


def tomorrow(now):
    """To the minute, as a browser gives it back."""
    return (now + timedelta(days=1)).replace(second=0)


ROLES = {
    "staff": 200,
    "integrity_coordinator": 403,
    "quality_coordinator": 403,
    "functional_administrator": 403,
    "practitioner": 302,
    "host": 302,
}


@pytest.mark.parametrize(("who", "status"), ROLES.items())
def test_each_page_of_the_admin_is_for_programme_staff(request, client, who, status):
    session = SessionFactory(state=S.PLANNED)
    client.force_login(request.getfixturevalue(who))
    pages = [LIST, PLANNING, f"{PLANNING}2027/", f"{LIST}add/", change(session), move(session, "open")]
    assert {client.get(page).status_code for page in pages} == {status}


@pytest.mark.parametrize(("who", "status"), [(who, status) for who, status in ROLES.items() if who != "staff"])
def test_no_button_works_for_anyone_else(request, client, who, status):
    client.force_login(request.getfixturevalue(who))
    for button in SESSION_MOVE_BUTTONS:
        session = SessionFactory(state=button.states[0])
        response = client.post(move(session, button.name), {"reason": "x", "question": "x"})
        assert (response.status_code, response.headers.get("Location", "").startswith("/admin/sessions_app")) == (
            status, False
        ), button.name  # fmt: skip
        assert Session.objects.get(pk=session.pk).state == button.states[0]


def test_a_visitor_is_sent_to_sign_in(client):
    assert client.get(LIST).status_code == 302


def test_a_draft_is_in_no_page_of_staff(desk, practitioner):
    session = proposal(practitioner, title="Nog geheim")
    assert "Nog geheim" not in desk.get(LIST).text
    assert desk.get(change(session)).status_code == 302  # Django's answer for what does not exist
    assert desk.get(move(session, "take")).status_code == 404
    assert "Nog geheim" not in desk.get(PLANNING).text


@pytest.mark.parametrize("state", [state for state in S if state != S.DRAFT])
def test_the_page_of_each_state_shows_its_moves(desk, practitioner, now, state):
    session = proposal(practitioner, state=state)
    page = desk.get(change(session))
    assert page.status_code == 200
    for button in SESSION_MOVE_BUTTONS:
        assert (move(session, button.name) in page.text) == (button in moves_of(session, now)), button.name


@pytest.mark.parametrize("state", [state for state in S if state != S.DRAFT])
def test_a_forged_move_changes_nothing(desk, practitioner, now, state):
    session = proposal(practitioner, state=state)
    target = proposal(practitioner, state=S.ACCEPTED)
    data = {"reason": "Omdat", "question": "Wie?", "into": target.pk, "starts_at": "2027-03-16T14:00"}
    shown = moves_of(session, now)
    for button in SESSION_MOVE_BUTTONS:
        if button not in shown:
            assert desk.post(move(session, button.name), data).status_code == 422, button.name
    assert Session.objects.get(pk=session.pk).state == state


def test_an_unknown_move_is_not_found(desk):
    assert desk.post(move(SessionFactory(), "publish")).status_code == 404


def test_staff_curate_plan_open_and_close_a_proposal_by_its_buttons(desk, practitioner, now):
    session = proposal(practitioner, state=S.SUBMITTED)
    walk = [
        ("take", {}, S.IN_CURATION),
        ("accept", {"activity": ""}, S.ACCEPTED),
        ("plan", quiet(now), S.PLANNED),
        ("open", {}, S.OPEN),
        ("close", {}, S.CLOSED),
        ("open", {}, S.OPEN),
        ("postpone", {"reason": "De zaal valt af."}, S.ACCEPTED),
        ("plan", quiet(now), S.PLANNED),
        ("cancel", {"reason": "Toch niet."}, S.CANCELLED),
        ("reopen", {"reason": "Toch wel."}, S.ACCEPTED),
    ]
    for name, data, state in walk:
        assert desk.get(move(session, name)).status_code == 200
        response = desk.post(move(session, name), data)
        assert (response.status_code, response.headers.get("Location")) == (302, change(session)), name
        session.refresh_from_db()
        assert session.state == state
    assert local(session.submitted_at)


@pytest.mark.parametrize("name", ["park", "decline", "ask"])
def test_a_move_without_its_reason_is_refused_and_keeps_what_was_typed(desk, practitioner, name):
    session = proposal(practitioner, state=S.IN_CURATION)
    response = desk.post(move(session, name), {"reason": " ", "question": " "})
    assert response.status_code == 422
    assert Session.objects.get(pk=session.pk).state == S.IN_CURATION


WRONG = {
    "the end before the start": ({"ends_at": "2027-03-16T13:00"}, "ends_at"),
    "no seats": ({"capacity": "0"}, "capacity"),
    "fewer than none": ({"capacity": "-1"}, "capacity"),
    "too many": ({"capacity": "1000000000"}, "capacity"),
    "no number": ({"capacity": "veel"}, "capacity"),
    "no date": ({"starts_at": "morgen"}, "starts_at"),
    "a day that is not": ({"starts_at": "2027-02-30T14:00"}, "starts_at"),
    "a time that the clock skips": ({"starts_at": "2027-03-28T02:30"}, "starts_at"),
    "the past": ({"starts_at": "2020-03-16T14:00", "ends_at": "2020-03-16T16:00"}, "starts_at"),
    "a place of 10,000 characters": ({"place": "x" * 10_000}, "place"),
    "no place": ({"place": ""}, "place"),
    "a link that is none": ({"form": "online", "online_link": "javascript:alert(1)"}, "online_link"),
    "a form that is none": ({"form": "hologram"}, "form"),
    "a deadline after the start": ({"registration_deadline": "2027-03-17T10:00"}, "registration_deadline"),
    "nobody": ({"for_whom": " "}, "for_whom"),
}


@pytest.mark.parametrize(("wrong", "field"), WRONG.values(), ids=WRONG)
def test_a_wrong_plan_gets_a_sentence_at_its_field(desk, practitioner, now, wrong, field):
    session = proposal(practitioner, state=S.ACCEPTED)
    data = typed(now, **wrong)
    response = desk.post(move(session, "plan"), data | {"seen": f"{data['starts_at']}/{data['ends_at']}"})
    assert response.status_code == 422
    assert response.context["form"].errors[field]
    assert "Programmamedewerkers" in response.text or field == "for_whom"
    assert Session.objects.get(pk=session.pk).state == S.ACCEPTED


def test_the_calendar_warns_once_and_then_lets_go_on(desk, practitioner, now):
    session = proposal(practitioner, state=S.ACCEPTED)
    holiday = typed(now, starts_at="2027-04-27T14:00", ends_at="2027-04-27T16:00",
                    registration_deadline="2027-04-20T14:00")  # fmt: skip
    first = desk.post(move(session, "plan"), holiday)
    assert first.status_code == 200
    assert any("Koningsdag" in line for line in first.context["warnings"])
    assert Session.objects.get(pk=session.pk).state == S.ACCEPTED
    again = desk.post(move(session, "plan"), holiday | {"seen": first.context["seen"]})
    assert again.status_code == 302
    assert "Koningsdag" in desk.get(change(session)).text


def test_another_holiday_warns_anew(desk, practitioner, now):
    session = proposal(practitioner, state=S.ACCEPTED)
    holiday = typed(now, starts_at="2027-04-27T14:00", ends_at="2027-04-27T16:00",
                    registration_deadline="", seen="2027-05-05T14:00/2027-05-05T16:00")  # fmt: skip
    assert desk.post(move(session, "plan"), holiday).status_code == 200


def test_a_belgian_host_brings_the_belgian_calendar(desk, practitioner, now):
    session = proposal(practitioner, state=S.ACCEPTED)
    belgian_day = typed(now, starts_at="2027-11-11T14:00", ends_at="2027-11-11T16:00", registration_deadline="")
    Hosting.objects.create(session=session, organisation=OrganisationFactory(country="BE"), part=HostingPart.CO_HOST)
    response = desk.post(move(session, "plan"), belgian_day)
    assert any("België" in line or "Belgium" in line for line in response.context["warnings"])


def test_a_past_session_is_recorded_when_it_is_meant(desk, practitioner, now):
    session = proposal(practitioner, state=S.ACCEPTED)
    past = quiet(now, starts_at="2026-03-16T14:00", ends_at="2026-03-16T16:00", registration_deadline="")
    assert desk.post(move(session, "plan"), past).status_code == 422
    assert desk.post(move(session, "plan"), past | {"past_is_meant": "on"}).status_code == 302
    assert desk.post(move(session, "held")).status_code == 302
    assert Session.objects.get(pk=session.pk).state == S.HELD


def test_opening_under_the_lead_of_partos_is_refused_in_words(desk):
    session = SessionFactory(state=S.PLANNED)
    session.hostings.filter(part=HostingPart.CONTENT_LEAD).delete()
    assert "Een lid of partner moet de inhoud trekken" in desk.get(change(session)).text
    response = desk.post(move(session, "open"))
    assert response.status_code == 422
    assert "Een lid of partner moet de inhoud trekken" in response.text


def test_bulk_actions_do_what_they_can_and_tell_what_they_cannot(desk):
    good, without_lead, held = (
        SessionFactory(state=S.PLANNED),
        SessionFactory(state=S.PLANNED),
        SessionFactory(state=S.HELD),
    )
    without_lead.hostings.filter(part=HostingPart.CONTENT_LEAD).delete()
    data = {"action": "open", "_selected_action": [row.pk for row in (good, without_lead, held)]}
    response = desk.post(LIST, data, follow=True)
    told = [str(message) for message in response.context["messages"]]
    assert [Session.objects.get(pk=row.pk).state for row in (good, without_lead, held)] == [S.OPEN, S.PLANNED, S.HELD]
    assert any(text.startswith(f"{without_lead}: ") for text in told)
    assert any(text.startswith(f"{held}: ") for text in told)


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
    response = desk.post(change(session), data)
    assert response.status_code == 302, response.context["errors"]
    session.refresh_from_db()
    assert (session.title, session.capacity, session.state) == ("Betere titel", 2, S.OPEN)
    assert session.registrations.confirmed().count() == 2
    entry = AuditEntry.objects.get(verb="session.changed")
    assert (entry.actor, entry.codes) == (staff, {"fields": "capacity+title"})


def test_fewer_seats_than_taken_warn_and_throw_nobody_out(desk):
    session = SessionFactory(registered=3, capacity=3)
    session.partos_roles.add(PartosRoleFactory(programme=session.programme))
    data = fields_of(desk.get(change(session))) | {"capacity": "1"}
    response = desk.post(change(session), data, follow=True)
    assert any("3" in str(message) for message in response.context["messages"])
    assert session.registrations.confirmed().count() == 3


@pytest.mark.parametrize("wrong", [{"capacity": "0"}, {"capacity": ""}, {"for_whom": ""}, {"capacity": "1000000000"}])
def test_a_correction_that_takes_away_what_is_needed_is_refused(desk, wrong):
    session = SessionFactory()
    session.partos_roles.add(PartosRoleFactory(programme=session.programme))
    data = fields_of(desk.get(change(session))) | wrong
    response = desk.post(change(session), data)
    assert response.status_code == 200  # Django's own answer for a form with errors
    assert list(response.context["adminform"].form.errors) == list(wrong)


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
    assert response.status_code == 200
    assert "Een lid of partner moet de inhoud trekken" in response.text
    assert session.hostings.get(part=HostingPart.CONTENT_LEAD).organisation.kind == OrganisationKind.MEMBER


def test_an_open_session_keeps_its_content_lead(desk):
    session = SessionFactory()
    session.partos_roles.add(PartosRoleFactory(programme=session.programme))
    page = desk.get(change(session))
    lead = page.context["inline_admin_formsets"][0].formset.initial_forms[0].prefix
    response = desk.post(change(session), fields_of(page) | {f"{lead}-DELETE": "on"})
    assert response.status_code == 200
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
    for query in (f"month={month}", "content_lead=yes", "content_lead=no", "month=2026-13", "month=x-y", "form=online"):
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
    with django_assert_num_queries(12):
        assert desk.get(LIST).status_code == 200


@pytest.mark.parametrize("rows", [1, 30])
def test_the_planning_costs_the_same_at_every_size(desk, practitioner, rows, django_assert_num_queries):
    for _row in range(rows):
        SessionFactory()
        proposal(practitioner, state=S.SUBMITTED)
        proposal(practitioner, state=S.ACCEPTED)
    with django_assert_num_queries(16):
        desk.get(PLANNING)


def test_a_refused_move_mails_nobody(desk):
    session = SessionFactory(registered=1)
    desk.post(move(session, "cancel"), {"reason": ""})
    assert not OutgoingMail.objects.exists()
