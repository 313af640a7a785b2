from datetime import timedelta

import pytest

from core import audit
from core.moves import MoveRefused
from integrity.actions import routes
from integrity.actions.routes import RouteRefused
from integrity.rules import RouteState
from tests.factories.integrity import ReportingRouteFactory, SupportRouteFactory

pytestmark = pytest.mark.django_db
ACTIONS = [routes.check, routes.publish, routes.withdraw, routes.reopen]


@pytest.fixture
def who(integrity_coordinator, now):
    return {"actor": integrity_coordinator, "now": now}


def verbs(route):
    return [entry.verb for entry in reversed(audit.trail_of(route))]


@pytest.mark.parametrize("factory", [ReportingRouteFactory, SupportRouteFactory])
def test_a_draft_is_checked_and_then_published(factory, who, now):
    route = factory(state=RouteState.DRAFT, verified_at=None)
    with pytest.raises(MoveRefused):
        routes.publish(route, **who)
    routes.check(route, **who)
    routes.publish(route, **who)
    route.refresh_from_db()
    assert (route.state, route.verified_at) == (RouteState.PUBLISHED, now)
    assert verbs(route) == ["route.verified", "route.published"]


def test_checking_a_route_that_is_due_keeps_it_on_the_page(who, now):
    route = ReportingRouteFactory(verified_at=now - timedelta(days=200))
    assert route.is_due(now)
    routes.check(route, **who)
    route.refresh_from_db()
    assert (route.state, route.is_due(now)) == (RouteState.PUBLISHED, False)
    first = audit.trail_of(route).last()
    assert (first.verb, first.codes) == ("route.verified", {"old": "due_for_check"})


def test_a_route_without_a_channel_cannot_be_checked(who):
    route = ReportingRouteFactory(state=RouteState.DRAFT, phone="", mail="", web="")
    with pytest.raises(RouteRefused) as refused:
        routes.check(route, **who)
    assert refused.value.field == "phone"
    route.refresh_from_db()
    assert route.state == RouteState.DRAFT


def test_a_withdrawn_route_starts_anew_as_a_draft(who):
    route = ReportingRouteFactory()
    routes.withdraw(route, **who)
    with pytest.raises(MoveRefused):
        routes.check(route, **who)
    routes.reopen(route, **who)
    route.refresh_from_db()
    assert (route.state, route.verified_at) == (RouteState.DRAFT, None)


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize(
    "name", ["practitioner", "director", "staff", "quality_coordinator", "functional_administrator"]
)
def test_nobody_but_the_integrity_coordinator_moves_a_route(request, action, name, now):
    route = ReportingRouteFactory()
    with pytest.raises(RouteRefused):
        action(route, actor=request.getfixturevalue(name), now=now)
    route.refresh_from_db()
    assert route.state == RouteState.PUBLISHED
    assert verbs(route) == []
