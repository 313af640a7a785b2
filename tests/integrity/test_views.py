import re
from datetime import timedelta
from io import StringIO

import html5lib
import pytest

from integrity.rules import RouteState
from leerlijnen.models import WorkstreamPoint
from tests.factories.integrity import IntegrityAgendaItemFactory, ReportingRouteFactory, SupportRouteFactory
from tests.factories.leerlijnen import WorkstreamFactory

pytestmark = pytest.mark.django_db
PAGE, AGENDA = "/integriteit/", "/integriteit/agenda/"


def text_of(response):
    assert response.status_code == 200
    page = response.content.decode()
    html5lib.HTMLParser(strict=True).parse(StringIO(page).read())
    return page


class TestOverview:
    def test_a_fresh_install_says_that_there_are_no_routes_and_invents_none(self, client):
        page = text_of(client.get(PAGE))
        assert page.count('class="empty"') == 2
        assert 'class="panel"' not in page
        assert "tel:" not in page
        assert "mailto:" not in page

    @pytest.mark.parametrize("factory", [ReportingRouteFactory, SupportRouteFactory])
    def test_a_visitor_reads_a_published_route(self, client, factory):
        route = factory()
        page = text_of(client.get(PAGE))
        for words in (route.title, route.run_by, route.about, "+31 20 000 0000", route.mail, route.web):
            assert words in page
        for words in (route.opening_hours, route.languages, route.what_next, route.contact_function):
            assert words in page

    @pytest.mark.parametrize("state", sorted(set(RouteState) - {RouteState.PUBLISHED, RouteState.DUE_FOR_CHECK}))
    def test_nobody_reads_a_route_that_is_not_published(self, client, integrity_coordinator, state):
        route = ReportingRouteFactory(state=state)
        assert route.title not in text_of(client.get(PAGE))
        client.force_login(integrity_coordinator)
        assert route.title not in text_of(client.get(PAGE))

    def test_a_route_that_nobody_checked_for_180_days_hides_phone_and_mail(self, client, now):
        route = ReportingRouteFactory(verified_at=now - timedelta(days=180))
        page = text_of(client.get(PAGE))
        assert route.title in page
        assert route.web in page
        assert "000 0000" not in page
        assert route.mail not in page

    def test_it_asks_nothing_and_leaves_no_trace(self, client):
        ReportingRouteFactory()
        response = client.get(PAGE)
        page = text_of(response)
        assert not response.cookies
        assert "<form" not in page
        assert "<script" not in page
        assert 'class="btn btn-danger quick-exit" rel="noreferrer" href="https://' in page

    def test_it_says_not_to_report_here(self, client):
        assert "Do not report an incident here" in text_of(client.get(f"/en{PAGE}"))

    def test_the_points_stand_word_for_word_in_their_own_language(self, client):
        point = "Focus op sectorale afstemming, harmonisatie van protocollen en meld- en ondersteuningstrajecten."
        WorkstreamPoint.objects.create(workstream=WorkstreamFactory(), order=1, text=point)
        assert point in text_of(client.get(PAGE))
        english = text_of(client.get(f"/en{PAGE}"))
        assert re.search(rf'<ul  ?lang="nl">\s*<li>{re.escape(point)}', english)

    def test_hostile_text_stays_text(self, client):
        ReportingRouteFactory(title="<script>alert(1)</script> 🌍 שלום", about="a" * 1000)
        page = text_of(client.get(PAGE))
        assert "<script>" not in page
        assert "🌍 שלום" in page

    @pytest.mark.parametrize("rows", [1, 30])
    def test_its_cost_is_flat(self, client, rows, django_assert_num_queries):
        ReportingRouteFactory.create_batch(rows)
        SupportRouteFactory.create_batch(rows)
        WorkstreamFactory()
        with django_assert_num_queries(4):  # reporting, support, workstream, its points
            client.get(PAGE)


class TestAgenda:
    @pytest.mark.parametrize(
        ("name", "status"),
        [
            (None, 302),
            ("outsider", 404),
            ("cohost", 404),
            ("quality_coordinator", 404),
            ("staff", 404),
            ("functional_administrator", 404),
            ("practitioner", 200),
            ("director", 200),
            ("integrity_coordinator", 200),
        ],
    )
    def test_it_is_for_members_and_the_coordinator(self, client, request, name, status):
        item = IntegrityAgendaItemFactory()
        if name:
            client.force_login(request.getfixturevalue(name))
        response = client.get(AGENDA)
        assert response.status_code == status
        assert (item.title in response.content.decode()) == (status == 200)

    def test_a_member_reads_owner_state_next_step_and_date(self, client, practitioner):
        item = IntegrityAgendaItemFactory()
        client.force_login(practitioner)
        page = text_of(client.get(f"/en{AGENDA}"))
        for words in (item.title, "Partos and Goede Doelen Nederland", "raised", item.next_step):
            assert words in page
        assert f"{item.next_date:%B}" in page

    def test_an_empty_agenda_says_so(self, client, practitioner):
        client.force_login(practitioner)
        assert 'class="empty"' in text_of(client.get(AGENDA))

    @pytest.mark.parametrize("rows", [1, 30])
    def test_its_cost_is_flat(self, client, practitioner, rows, django_assert_num_queries):
        IntegrityAgendaItemFactory.create_batch(rows)
        client.force_login(practitioner)
        client.get(AGENDA)
        with django_assert_num_queries(3):  # person, affiliations, items; the session is in the cache
            client.get(AGENDA)
