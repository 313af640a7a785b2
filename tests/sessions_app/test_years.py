"""A date of a year that nobody can mean is told at its field, at every door; nobody is mailed about it."""

from datetime import timedelta

import pytest
from django.urls import reverse

from core.dates import local
from core.models import OutgoingMail
from core.years import YEARS_AHEAD, YEARS_BACK
from leerlijnen.models import Programme
from sessions_app.actions import planning, series
from sessions_app.actions.session_state import SessionRefused
from sessions_app.models import Session
from sessions_app.repetition import RuleRefused, Span
from sessions_app.rules import Form, SessionState
from tests.factories.integrity import IntegrityAgendaItemFactory
from tests.factories.leerlijnen import ProgrammeFactory
from tests.factories.members import OrganisationFactory
from tests.factories.quality import CertificateFactory
from tests.factories.sessions import RegistrationFactory, SeriesFactory, SessionFactory
from tests.sessions_app.proposing import proposal

pytestmark = pytest.mark.django_db
FAR = ("0001-01-01T10:00", "1826-03-01T10:00", "2226-03-01T10:00", "9999-12-31T23:59")


@pytest.fixture
def desk(client, staff):
    client.force_login(staff)
    client.raise_request_exception = False
    return client


def two_years_after(now):
    last = max(Programme.objects.order_by("-year").values_list("year", flat=True)[0], local(now).year)
    return local(now).replace(year=last + 2, month=3, day=1)


def test_the_years_are_those_of_the_programmes_and_one_around_them(now):
    this_year = local(now).year
    assert Programme.objects.years(now) == range(this_year - 1, this_year + 2)
    ProgrammeFactory(year=this_year + 1)
    ProgrammeFactory(year=this_year - 3)
    assert Programme.objects.years(now) == range(this_year - 4, this_year + 3)


def field_of(response, name):
    assert response.status_code == 422
    form = response.context.get("form") or response.context["adminform"].form
    return form.errors.get(name)


@pytest.mark.parametrize("name", ["starts_at", "ends_at", "doors_open_at", "registration_deadline"])
@pytest.mark.parametrize("far", FAR)
@pytest.mark.parametrize("act", ["plan", "move"])
def test_a_far_year_is_refused_at_its_field(desk, host, now, act, far, name):
    start = local(now) + timedelta(days=20)
    session = (
        SessionFactory(host=host, starts_at=start)
        if act == "move"
        else proposal(host, state=SessionState.ACCEPTED, title="Nog zonder datum")
    )
    RegistrationFactory(session=session)
    data = {
        "starts_at": f"{start + timedelta(days=1):%Y-%m-%dT%H:%M}",
        "ends_at": f"{start + timedelta(days=1, hours=1):%Y-%m-%dT%H:%M}",
        "form": "on_site", "place": "Zaal 2 (fictief)", "capacity": "12", "for_whom": "Iedereen",
        "audience": "members", "admission": "direct", "confidentiality": "internal",
    } | {name: far}  # fmt: skip
    response = desk.post(reverse("admin:sessions_app_session_move", args=[session.pk, act]), data)
    assert field_of(response, name)
    assert far in response.content.decode()
    assert Session.objects.get(pk=session.pk).starts_at == session.starts_at
    assert not OutgoingMail.objects.exists()


def test_two_years_after_the_last_programme_is_refused_without_a_question(desk, host, staff, now):
    session = SessionFactory(host=host)
    far = two_years_after(now)
    end = far + timedelta(hours=1)
    schedule = planning.Schedule(starts_at=far, ends_at=end, form=Form.ON_SITE, place="Zaal", capacity=9)
    with pytest.raises(SessionRefused) as refused:
        planning.move(session=session, schedule=schedule, actor=staff, now=now)
    assert refused.value.field == "starts_at"
    data = {
        "starts_at": f"{far:%Y-%m-%dT%H:%M}",
        "ends_at": f"{end:%Y-%m-%dT%H:%M}",
        "form": "on_site",
        "place": "Zaal",
        "capacity": 9,
        "registration_deadline": "",
    }
    data["seen"] = f"{data['starts_at']}/{data['ends_at']}/on_site/9/None"
    response = desk.post(reverse("admin:sessions_app_session_move", args=[session.pk, "move"]), data)
    assert field_of(response, "starts_at")
    ProgrammeFactory(year=far.year - 1)
    assert planning.move(session=session, schedule=schedule, actor=staff, now=now).starts_at == far


@pytest.mark.parametrize("far", FAR)
def test_a_deadline_of_a_far_year_is_refused_at_its_field(desk, host, now, far):
    session = SessionFactory(host=host, title="Wat blijft")
    page = reverse("admin:sessions_app_session_change", args=[session.pk])
    form = desk.get(page).context["adminform"].form
    typed = {name: "" if form[name].value() is None else form[name].value() for name in form.fields}
    response = desk.post(page, typed | {"registration_deadline": far})
    errors = response.context["adminform"].form.errors
    assert "registration_deadline" in errors
    assert Session.objects.get(pk=session.pk).registration_deadline == session.registration_deadline


@pytest.mark.parametrize("far", ["0001-01-01", "2226-03-01", "9999-12-31"])
def test_a_series_of_a_far_year_is_refused_at_its_field(desk, host, now, far):
    session = SessionFactory(host=host, starts_at=local(now).replace(hour=10) + timedelta(days=9))
    page = reverse("admin:sessions_app_session_series", args=[session.pk])
    common = {"title": "Reeks", "registration": "whole", "unit": "weeks", "every": "1"}
    assert field_of(desk.post(page, common | {"how": "rule", "until": far}), "until")
    assert field_of(desk.post(page, common | {"how": "hand", "dates": far}), "dates")
    row = {"rows": "1", "make": "1", "how": "hand", "dates": far, "date-0-keep": "on",
           "date-0-starts_at": f"{far}T10:00", "date-0-ends_at": f"{far}T11:00"}  # fmt: skip
    assert desk.post(page, common | row).status_code == 422
    assert not Session.objects.exclude(pk=session.pk).exists()


def test_a_date_of_a_series_is_of_the_years_of_the_programmes(host, staff, now):
    row = SeriesFactory()
    session = SessionFactory(host=host, series=row)
    far = two_years_after(now)
    with pytest.raises(SessionRefused) as refused:
        series.add(series=row, span=Span(far, far + timedelta(hours=1)), actor=staff, now=now)
    assert refused.value.field == "starts_at"
    Session.objects.filter(pk=session.pk).update(series=None)
    with pytest.raises(RuleRefused) as at_making:
        series.make(
            session=session, title="Reeks", registration="whole", spans=[Span(far, far + timedelta(hours=1))],
            actor=staff, now=now,
        )  # fmt: skip
    assert at_making.value.field == "dates"


@pytest.mark.parametrize(
    ("role", "make", "name"),
    [
        ("quality_coordinator", CertificateFactory, "expires_on"),
        ("integrity_coordinator", IntegrityAgendaItemFactory, "next_date"),
        ("staff", OrganisationFactory, "membership_ended_on"),
    ],
)
def test_other_dates_of_the_admin_have_a_span_of_their_own(request, client, now, role, make, name):
    row = make()
    client.force_login(request.getfixturevalue(role))
    client.raise_request_exception = False
    page = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    this_year = local(now).year
    for year in (1, this_year - YEARS_BACK - 1, this_year + YEARS_AHEAD + 1, 9999):
        response = client.post(page, {name: f"{year:04}-03-01"})
        assert name in response.context["adminform"].form.errors, year
    for year in (this_year - YEARS_BACK, this_year + YEARS_AHEAD):
        response = client.post(page, {name: f"{year:04}-03-01"})
        assert response.status_code == 302 or name not in response.context["adminform"].form.errors, year


ADDRESSES = [
    *("/bijeenkomsten/maand/0001-01/", "/bijeenkomsten/maand/9999-12/", "/bijeenkomsten/maand/2226-01/"),
    *("/programma/0/", "/programma/0001/", "/programma/9999/agenda.ics", "/programma/99999999999999999999/"),
    *("/programma/2226/practitioner/agenda.ics", "/bijeenkomsten/9223372036854775808/"),
    *("/bijeenkomsten/99999999999999999999/agenda.ics", "/reeksen/9223372036854775808/"),
    *("/agenderen/99999999999999999999/", "/mijn-organisatie/9223372036854775808/"),
    "/werkgroepen/niets/toelaten/9223372036854775808/",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_what_no_row_and_no_year_can_be_does_not_exist(desk, address):
    assert desk.get(address).status_code == 404


@pytest.mark.parametrize("year", ["0", "1", "2226", "9999", "99999999999999999999"])
def test_the_planning_of_a_far_year_is_that_of_this_year(desk, year, now):
    answer = desk.get(f"/admin/sessions_app/session/planning/{year}/")
    assert answer.status_code == 200
    assert answer.context["year"] == local(now).year


def test_a_filter_of_a_far_month_is_no_filter(desk):
    for month in ("9999-99", "0001-01", "2226-03", "\0", "x" * 5_000):
        assert desk.get("/admin/sessions_app/session/", {"month": month}).status_code == 200
        assert desk.get("/bijeenkomsten/", {"maand": month}).status_code == 200
