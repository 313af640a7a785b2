"""Staff make a series in two pages and a member registers for all of it; each sees no more than they may."""

from datetime import date, datetime, time, timedelta

import pytest
from django.urls import reverse

from core.dates import AMSTERDAM, day, local
from sessions_app.models import Hosting, Registration, Series, SeriesMembership, Session
from sessions_app.rules import Form, HostingPart, SeriesRegistration, SessionState
from tests.factories.members import OrganisationFactory
from tests.factories.sessions import RegistrationFactory, SeriesFactory, SessionFactory
from tests.harness.days import NEXT_YEAR, TUESDAY

pytestmark = pytest.mark.django_db


def tuesday_of(month: int) -> date:
    """The second, third, … Tuesday of that month, as TUESDAY is of March."""
    begin = date(NEXT_YEAR, month, 1)
    return begin + timedelta(days=(TUESDAY.weekday() - begin.weekday()) % 7, weeks=(TUESDAY.day - 1) // 7)


APRIL, MAY = tuesday_of(4), tuesday_of(5)


@pytest.fixture
def first(now):
    start = datetime.combine(TUESDAY, time(14, 15), AMSTERDAM)
    return SessionFactory(
        title="Leerkring", state=SessionState.PLANNED, starts_at=start, registration_deadline=start - timedelta(days=2)
    )


def typed(**fields):
    rule = {"how": "rule", "every": "1", "unit": "months_by_weekday", "times": "3", "until": "", "dates": ""}
    return {"title": "Leerkring", "registration": "whole"} | rule | fields


def make_page(session):
    return reverse("admin:sessions_app_session_series", args=[session.pk])


def rows_of(page):
    sent = {"rows": str(len(page.context["rows"])), "make": "1"}
    for row in page.context["rows"]:
        sent[row.add_prefix("keep")] = "on"
        for name in ("starts_at", "ends_at"):
            sent[row.add_prefix(name)] = f"{local(row.initial[name]):%Y-%m-%dT%H:%M}"
    return sent


def test_staff_see_every_date_first_and_make_those_that_they_keep(client, staff, first):
    client.force_login(staff)
    assert client.get(make_page(first)).status_code == 200
    page = client.post(make_page(first), typed())
    assert page.status_code == 200
    text = page.content.decode()
    assert f"{APRIL.day} april {NEXT_YEAR}" in text
    assert f"{MAY.day} mei {NEXT_YEAR}" in text
    assert not Series.objects.exists()
    sent = typed() | rows_of(page)
    del sent["date-0-keep"]
    sent["date-1-starts_at"] = f"{MAY}T13:00"
    assert client.post(make_page(first), sent).status_code == 302
    one = Series.objects.get()
    dates = [f"{local(row.starts_at):%d-%m %H:%M}" for row in one.sessions.order_by("starts_at")]
    assert dates == [f"{TUESDAY:%d-%m} 14:15", f"{MAY:%d-%m} 13:00"]
    assert client.post(make_page(first), sent).status_code == 404
    assert client.get(reverse("admin:sessions_app_series_change", args=[one.pk])).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"times": "10000"}, "meer dan 60 data"),
        ({"times": "", "until": "9999-12-31"}, "Kies een datum in de jaren"),
        ({"times": ""}, "een van de twee"),
        ({"every": "0"}, "Geef een getal"),
        ({"how": "hand", "dates": ""}, "minstens één datum"),
        ({"how": "hand", "dates": f"16-3-{NEXT_YEAR - 2}"}, "is voorbij"),
        ({"how": "hand", "dates": f"16-4-{NEXT_YEAR}\n16-4-{NEXT_YEAR}"}, "twee keer"),
        ({"how": "hand", "dates": f"16-4-{NEXT_YEAR} 15.00-14.00"}, "het einde moet na het begin"),
        ({"title": ""}, "Geef de reeks een titel"),
    ],
)
def test_what_makes_no_series_is_told_and_keeps_what_was_typed(client, staff, first, wrong, sentence):
    client.force_login(staff)
    page = client.post(make_page(first), typed(**wrong))
    assert page.status_code == 422
    text = page.content.decode()
    assert sentence in text
    assert 'value="rule" required' in text or 'value="rule"' in text
    for value in wrong.values():
        assert value.splitlines()[0] in text if value else True
    assert Session.objects.count() == 1


@pytest.mark.parametrize(("country", "warns"), [("BE", True), ("NL", False)])
def test_a_date_that_is_added_is_held_against_the_calendar_of_its_hosts(client, staff, first, country, warns):
    first.series = SeriesFactory()
    first.save()
    Hosting.objects.create(session=first, organisation=OrganisationFactory(country=country), part=HostingPart.CO_HOST)
    client.force_login(staff)
    armistice = {"starts_at": f"{NEXT_YEAR}-11-11T14:00", "ends_at": f"{NEXT_YEAR}-11-11T16:00"}
    add = reverse("admin:sessions_app_series_date", args=[first.series_id])
    page = client.post(add, armistice, follow=True).content.decode()
    assert f"11 november {NEXT_YEAR}" in page
    assert ("feestdag in België" in page) == warns


def test_staff_open_all_dates_at_once_and_read_which_refused(client, staff, first):
    client.force_login(staff)
    page = client.post(make_page(first), typed())
    client.post(make_page(first), typed() | rows_of(page))
    one = Series.objects.get()
    odd = one.sessions.order_by("starts_at").last()
    odd.hostings.all().delete()
    url = reverse("admin:sessions_app_series_all", args=[one.pk, "open"])
    assert client.get(url).status_code == 405
    told = client.post(url, follow=True).content.decode()
    assert f"{MAY.day} mei {NEXT_YEAR}" in told
    assert one.sessions.filter(state=SessionState.OPEN).count() == 2


def test_a_member_registers_for_the_whole_and_cancels_it(client, practitioner, now):
    one = SeriesFactory()
    for days in (7, 14):
        SessionFactory(series=one, title="Datum", starts_at=now + timedelta(days=days))
    client.force_login(practitioner)
    assert "Aanmelden voor de hele reeks" in client.get(one.get_absolute_url()).content.decode()
    page = client.get(one.sessions.first().get_absolute_url()).content.decode()
    assert "deel 1 van 2" in page
    assert reverse("sessions:series_register", args=[one.pk]) in page
    register = reverse("sessions:series_register", args=[one.pk])
    assert client.get(register).status_code == 200
    for _twice in range(2):
        assert client.post(register, {}).status_code == 302
    assert Registration.objects.filter(person=practitioner, state="confirmed").count() == 2
    cancel = reverse("sessions:series_cancel", args=[one.pk])
    assert client.get(cancel).status_code == 200
    assert Registration.objects.live().count() == 2
    client.post(cancel)
    assert not Registration.objects.live().exists()


@pytest.mark.parametrize(("second", "asks_about_food"), [(Form.ON_SITE, True), (Form.ONLINE, False)])
def test_a_series_asks_about_food_when_one_of_its_dates_is_on_site(client, practitioner, now, second, asks_about_food):
    one = SeriesFactory()
    for days, form in ((7, Form.ONLINE), (14, second)):
        link = "https://video.example/a" if form == Form.ONLINE else ""
        SessionFactory(series=one, starts_at=now + timedelta(days=days), form=form, online_link=link)
    client.force_login(practitioner)
    register = reverse("sessions:series_register", args=[one.pk])
    assert ("mee te eten" in client.get(register).content.decode()) == asks_about_food
    client.post(register, {})
    rows = Registration.objects.filter(person=practitioner).order_by("session__starts_at")
    assert list(rows.values_list("form", flat=True)) == [Form.ONLINE, second]


def test_who_gave_up_one_date_can_take_it_again_or_give_up_all(client, practitioner, now):
    one = SeriesFactory()
    dates = [SessionFactory(series=one, starts_at=now + timedelta(days=days)) for days in (7, 14)]
    client.force_login(practitioner)
    client.post(reverse("sessions:series_register", args=[one.pk]), {})
    client.post(reverse("sessions:cancel", args=[dates[0].pk]))
    page = client.get(one.get_absolute_url()).content.decode()
    for name in ("sessions:series_register", "sessions:series_cancel"):
        assert page.count(f'href="{reverse(name, args=[one.pk])}"') == 1


def test_who_gave_up_each_date_apart_finds_how_to_leave_the_series(client, practitioner, now):
    one = SeriesFactory()
    session = SessionFactory(series=one, starts_at=now + timedelta(days=7))
    client.force_login(practitioner)
    client.post(reverse("sessions:series_register", args=[one.pk]), {})
    cancel = reverse("sessions:cancel", args=[session.pk])
    assert "Je blijft aangemeld voor de reeks" in client.get(cancel).content.decode()
    client.post(cancel)
    leave = reverse("sessions:series_cancel", args=[one.pk])
    assert leave in client.get(one.get_absolute_url()).content.decode()
    assert "Deze reeks verlaten?" in client.get(leave).content.decode()
    assert SeriesMembership.objects.exists()
    client.post(leave)
    assert not SeriesMembership.objects.exists()
    assert "Aanmelden voor de hele reeks" in client.get(one.get_absolute_url()).content.decode()


def test_a_visitor_sees_titles_and_dates_and_no_place(client, now):
    one = SeriesFactory(registration=SeriesRegistration.PER_DATE)
    SessionFactory(series=one, title="Datum", place="Geheime zaal", question="Wat dan?")
    page = client.get(one.get_absolute_url()).content.decode()
    assert "Datum" in page
    assert "Geheime zaal" not in page
    assert "Wat dan?" not in page


@pytest.mark.parametrize("dates", [1, 30])
def test_the_page_of_a_series_costs_the_same_for_many(client, practitioner, now, dates, django_assert_num_queries):
    one = SeriesFactory(registration=SeriesRegistration.PER_DATE)
    for number in range(dates):
        session = SessionFactory(series=one, starts_at=now + timedelta(days=number + 1), registered=1)
        RegistrationFactory(session=session, person=practitioner)
    client.force_login(practitioner)
    with django_assert_num_queries(4):
        client.get(one.get_absolute_url())


@pytest.mark.parametrize("dates", [1, 30])
@pytest.mark.parametrize(("page", "queries"), [("sessions:series", 7), ("sessions:series_register", 6)])
def test_the_pages_cost_the_same_for_who_is_in_no_audience(
    client, outsider, now, page, queries, dates, django_assert_num_queries
):
    one = SeriesFactory()
    for number in range(dates):
        SessionFactory(series=one, starts_at=now + timedelta(days=number + 2))
    client.force_login(outsider)
    with django_assert_num_queries(queries):
        client.get(reverse(page, args=[one.pk]))


def test_a_date_is_named_by_its_own_title_or_else_by_its_day_and_year(client, practitioner, now):
    series = SeriesFactory(title="Leerkring")
    start = now + timedelta(days=400)
    SessionFactory(series=series, title="Leerkring", starts_at=start)
    other = SessionFactory(series=series, title="Wat mag er?", starts_at=start + timedelta(days=7))
    client.force_login(practitioner)
    page = client.get(series.get_absolute_url()).content.decode()
    assert f">{day(start)}</a>" in page
    assert ">Wat mag er?</a>" in page
    assert f"{local(other.starts_at).year}</time>" in page
    for name, registered in (("series_register", False), ("series_cancel", True)):
        if registered:
            RegistrationFactory(session=other, person=practitioner)
        page = client.get(reverse(f"sessions:{name}", args=[series.pk])).content.decode()
        assert page.count("Wat mag er?") == 1
