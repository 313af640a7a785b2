from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.translation import override

from core import audit
from core.models import AuditEntry
from integrity.models import IntegrityAgendaItem, ReportingRoute
from integrity.rules import ItemState, RouteState
from tests.factories.integrity import IntegrityAgendaItemFactory, ReportingRouteFactory, SupportRouteFactory

pytestmark = pytest.mark.django_db
MODELS = {
    "reportingroute": ReportingRouteFactory,
    "supportroute": SupportRouteFactory,
    "integrityagendaitem": IntegrityAgendaItemFactory,
}


def address(model, page, *arguments):
    return reverse(f"admin:integrity_{model}_{page}", args=arguments)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("integrity_coordinator", 200),
        ("staff", 403),
        ("quality_coordinator", 403),
        ("functional_administrator", 403),
        ("director", 302),
    ],
)
def test_only_the_integrity_coordinator_opens_the_pages(client, request, model, name, status):
    row = MODELS[model]()
    client.force_login(request.getfixturevalue(name))
    for where in (address(model, "changelist"), address(model, "add"), address(model, "change", row.pk)):
        assert client.get(where).status_code == status


def form(**fields):
    return {
        "title": "Meldlijn (fictief)",
        "run_by": "Luisterend Oor (fictief)",
        "language": "nl",
        "for_whom": ["employee", "third_party"],
        "about": "Zorgen over machtsmisbruik.",
        "phone": "+31 20 000 0000",
        "what_next": "Je wordt gebeld.",
        "order": 1,
        **fields,
    }


def test_the_coordinator_adds_checks_and_publishes_a_route(client, integrity_coordinator):
    client.force_login(integrity_coordinator)
    response = client.post(address("reportingroute", "add"), form())
    assert response.status_code == 302
    route = ReportingRoute.objects.get()
    assert (route.state, route.for_whom) == (RouteState.DRAFT, ["employee", "third_party"])
    for name in ("check", "publish"):
        assert f"/move/{name}/" in client.get(address("reportingroute", "change", route.pk)).content.decode()
        client.post(address("reportingroute", "move", route.pk, name))
    route.refresh_from_db()
    assert route.state == RouteState.PUBLISHED
    assert [entry.verb for entry in reversed(audit.trail_of(route))] == [
        *("reportingroute.added", "route.verified", "route.published")
    ]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"for_whom": ["director"]}, "for_whom"),
        ({"web": "javascript:alert(1)"}, "web"),
        ({"mail": "geen adres"}, "mail"),
        ({"title": "a" * 10_000}, "title"),
    ],
)
def test_bad_input_is_named_at_its_field(client, integrity_coordinator, fields, wrong):
    client.force_login(integrity_coordinator)
    response = client.post(address("reportingroute", "add"), form(**fields))
    assert wrong in response.context["adminform"].form.errors
    assert not ReportingRoute.objects.exists()


def test_a_forged_state_in_the_form_changes_nothing(client, integrity_coordinator):
    route = ReportingRouteFactory(state=RouteState.DRAFT, verified_at=None)
    client.force_login(integrity_coordinator)
    client.post(address("reportingroute", "change", route.pk), form(state="published", verified_at_0="2026-01-01"))
    route.refresh_from_db()
    assert (route.title, route.state, route.verified_at) == ("Meldlijn (fictief)", RouteState.DRAFT, None)


def test_a_refused_move_shows_why(client, integrity_coordinator):
    route = ReportingRouteFactory(state=RouteState.DRAFT, phone="", mail="", web="")
    client.force_login(integrity_coordinator)
    response = client.post(address("reportingroute", "move", route.pk, "check"), follow=True)
    assert b'class="error"' in response.content


def test_the_list_tells_which_routes_are_due(client, integrity_coordinator, now):
    ReportingRouteFactory(verified_at=now - timedelta(days=181))
    client.force_login(integrity_coordinator)
    with override("en"):
        page = client.get(address("reportingroute", "changelist")).content.decode()
    assert "due for a check" in page


@pytest.mark.parametrize("model", ["reportingroute", "integrityagendaitem"])
def test_moving_is_by_post_and_for_the_coordinator(client, staff, integrity_coordinator, model):
    row = MODELS[model]()
    where = address(model, "move", row.pk, "withdraw" if model == "reportingroute" else "agendised")
    client.force_login(staff)
    assert client.post(where).status_code in (403, 404)
    client.force_login(integrity_coordinator)
    looked = client.get(where)  # what is dangerous has a page that asks
    assert looked.status_code == (200 if model == "reportingroute" else 405)
    assert MODELS[model]._meta.model.objects.get(pk=row.pk).state == row.state
    assert client.post(address(model, "move", row.pk, "explode")).status_code == 404
    assert client.post(address(model, "move", 999_999, "withdraw")).status_code == 404


def test_an_item_is_added_moved_and_never_deleted(client, integrity_coordinator):
    client.force_login(integrity_coordinator)
    fields = {
        "title": "Screening",
        "title_language": "nl",
        "owner": "both",
        "next_step": "x",
        "next_date": "2026-09-01",
    }
    client.post(address("integrityagendaitem", "add"), fields)
    item = IntegrityAgendaItem.objects.get()
    client.post(address("integrityagendaitem", "move", item.pk, "agendised"))
    item.refresh_from_db()
    assert item.state == ItemState.AGENDISED
    assert client.post(address("integrityagendaitem", "delete", item.pk), {"post": "yes"}).status_code == 403


def test_help_beside_the_free_texts_says_not_to_report(client, integrity_coordinator):
    client.force_login(integrity_coordinator)
    for model in MODELS:
        with override("en"):
            page = client.get(address(model, "add")).content.decode()
        assert "Do not write down a report" in page


def test_the_trail_holds_no_text(client, integrity_coordinator):
    client.force_login(integrity_coordinator)
    client.post(address("reportingroute", "add"), form(about="Geheim van Sam Demostra"))
    assert "Sam" not in str(list(AuditEntry.objects.values_list("codes", flat=True)))


@pytest.mark.parametrize("rows", [1, 30])
def test_the_cost_of_the_lists_is_flat(client, integrity_coordinator, rows, django_assert_max_num_queries):
    for factory in MODELS.values():
        factory.create_batch(rows)
    client.force_login(integrity_coordinator)
    for model in MODELS:
        with django_assert_max_num_queries(9):
            client.get(address(model, "changelist"))
