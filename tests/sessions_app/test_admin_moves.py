from datetime import datetime, time, timedelta

import pytest
from django.urls import reverse

from core.dates import AMSTERDAM, local
from sessions_app.admin.moves import SESSION_MOVE_BUTTONS, moves_of
from sessions_app.models import Hosting, Session
from sessions_app.rules import HostingPart, SessionState
from tests.factories.members import OrganisationFactory
from tests.factories.sessions import RegistrationFactory, SessionFactory
from tests.harness.days import CLOCK_GOES_FORWARD, NEXT_YEAR, TUESDAY
from tests.harness.forms import press
from tests.sessions_app.proposing import proposal

pytestmark = pytest.mark.django_db
S = SessionState
LIST = "/admin/sessions_app/session/"
WEDNESDAY = TUESDAY + timedelta(days=1)
PLANNING = "/admin/sessions_app/session/planning/"


def change(session):
    return reverse("admin:sessions_app_session_change", args=[session.pk])


def move(session, name):
    return reverse("admin:sessions_app_session_move", args=[session.pk, name])


def typed(now, **fields):
    """A plan as a browser sends it, far from any holiday."""
    start = datetime.combine(TUESDAY, time(14), AMSTERDAM)
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


def on(day):
    """A start and an end on that day, as they are typed."""
    return {"starts_at": f"{day}T14:00", "ends_at": f"{day}T16:00"}


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
    pages = [LIST, PLANNING, f"{PLANNING}{NEXT_YEAR}/", f"{LIST}add/", change(session), move(session, "open")]
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
    data = {"reason": "Omdat", "question": "Wie?", "into": target.pk, "starts_at": f"{TUESDAY}T14:00"}
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
        ("plan", typed(now), S.PLANNED),
        ("open", {}, S.OPEN),
        ("close", {}, S.CLOSED),
        ("open", {}, S.OPEN),
        ("postpone", {"reason": "De zaal valt af."}, S.ACCEPTED),
        ("plan", typed(now), S.PLANNED),
        ("cancel", {"reason": "Toch niet."}, S.CANCELLED),
        ("resume", {"reason": "Toch wel.", "how": "as_it_was"}, S.PLANNED),
        ("cancel", {"reason": "Toch niet."}, S.CANCELLED),
        ("resume", {"reason": "Toch wel.", "how": "empty"}, S.ACCEPTED),
    ]
    for name, data, state in walk:
        assert desk.get(move(session, name)).status_code == 200
        response = press(desk, move(session, name), data)
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
    "the end before the start": ({"ends_at": f"{TUESDAY}T13:00"}, "ends_at"),
    "no seats": ({"capacity": "0"}, "capacity"),
    "fewer than none": ({"capacity": "-1"}, "capacity"),
    "too many": ({"capacity": "1000000000"}, "capacity"),
    "no number": ({"capacity": "veel"}, "capacity"),
    "no date": ({"starts_at": "morgen"}, "starts_at"),
    "a day that is not": ({"starts_at": f"{NEXT_YEAR}-02-30T14:00"}, "starts_at"),
    "a time that the clock skips": ({"starts_at": f"{CLOCK_GOES_FORWARD}T02:30"}, "starts_at"),
    "the past": ({"starts_at": "2020-03-16T14:00", "ends_at": "2020-03-16T16:00"}, "starts_at"),
    "a place of 10,000 characters": ({"place": "x" * 10_000}, "place"),
    "no place": ({"place": ""}, "place"),
    "a link that is none": ({"form": "online", "online_link": "javascript:alert(1)"}, "online_link"),
    "a form that is none": ({"form": "hologram"}, "form"),
    "a deadline after the start": (
        {"registration_deadline": f"{TUESDAY + timedelta(days=1)}T10:00"},
        "registration_deadline",
    ),
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
    holiday = typed(now, **on(f"{NEXT_YEAR}-04-27"), registration_deadline=f"{NEXT_YEAR}-04-20T14:00")
    first = desk.post(move(session, "plan"), holiday)
    assert first.status_code == 200
    assert any("Koningsdag" in line for line in first.context["warnings"])
    assert Session.objects.get(pk=session.pk).state == S.ACCEPTED
    again = desk.post(move(session, "plan"), holiday | {"seen": first.context["seen"]})
    assert again.status_code == 302
    assert "Koningsdag" in desk.get(change(session)).text


def test_another_holiday_warns_anew(desk, practitioner, now):
    session = proposal(practitioner, state=S.ACCEPTED)
    holiday = typed(now, **on(f"{NEXT_YEAR}-04-27"), registration_deadline="")
    other = desk.post(
        move(session, "plan"),
        holiday | on(f"{NEXT_YEAR}-05-05"),
    )
    assert desk.post(move(session, "plan"), holiday | {"seen": other.context["seen"]}).status_code == 200


def test_a_belgian_host_brings_the_belgian_calendar(desk, practitioner, now):
    session = proposal(practitioner, state=S.ACCEPTED)
    belgian_day = typed(now, **on(f"{NEXT_YEAR}-11-11"), registration_deadline="")
    Hosting.objects.create(session=session, organisation=OrganisationFactory(country="BE"), part=HostingPart.CO_HOST)
    response = desk.post(move(session, "plan"), belgian_day)
    assert any("België" in line or "Belgium" in line for line in response.context["warnings"])


def test_a_past_session_is_recorded_when_it_is_meant(desk, practitioner, now):
    session = proposal(practitioner, state=S.ACCEPTED)
    past = typed(now, **on(f"{NEXT_YEAR - 2}-03-16"), registration_deadline="")
    assert desk.post(move(session, "plan"), past).status_code == 422
    assert press(desk, move(session, "plan"), past | {"past_is_meant": "on"}).status_code == 302
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
    data = {"action": "open", "sure": "1", "_selected_action": [row.pk for row in (good, without_lead, held)]}
    response = desk.post(LIST, data, follow=True)
    told = [str(message) for message in response.context["messages"]]
    assert [Session.objects.get(pk=row.pk).state for row in (good, without_lead, held)] == [S.OPEN, S.PLANNED, S.HELD]
    assert any(text.startswith(f"{without_lead}: ") for text in told)
    assert any(text.startswith(f"{held}: ") for text in told)


def test_fewer_seats_than_are_held_warn_once_before_the_move(desk, now):
    session = SessionFactory(form="hybrid", capacity=2, capacity_online=5, online_link="https://bellen.example/1")
    for form in ["on_site"] * 2 + ["online"] * 3:
        RegistrationFactory(session=session, form=form)
    here = typed(now, capacity="2")
    page = desk.post(move(session, "move"), here)
    assert page.status_code == 200
    assert any("5" in line and "2" in line for line in page.context["warnings"])
    assert desk.post(move(session, "move"), here | {"seen": page.context["seen"]}).status_code == 302
    assert session.registrations.holding_seat().filter(form="on_site").count() == 5
