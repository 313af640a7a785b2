"""Nobody's phone number disappears in silence: a route is to be tried in time (domain.md 4.5, 4.8)."""

from datetime import timedelta

import pytest

from core.models import MailState, OutgoingMail
from integrity import reminders
from integrity.actions import routes
from integrity.rules import CHECK_EVERY, CHECK_EVERY_WITHOUT_PHONE, RouteState
from tests.factories.integrity import ReportingRouteFactory, SupportRouteFactory

pytestmark = pytest.mark.django_db
FACTORIES = [ReportingRouteFactory, SupportRouteFactory]


def mails():
    return OutgoingMail.objects.exclude(state=MailState.WITHDRAWN).filter(kind="integrity.route_check")


@pytest.mark.parametrize("factory", FACTORIES)
@pytest.mark.parametrize(("phone", "every"), [("+31 20 000 0000", CHECK_EVERY), ("", CHECK_EVERY_WITHOUT_PHONE)])
def test_the_coordinator_hears_at_30_14_and_3_days_and_when_it_happens(
    factory, phone, every, integrity_coordinator, staff, now
):
    factory(phone=phone, verified_at=now)
    heard = []
    for hours in range(0, (every.days + 40) * 24, 6):
        moment = now + timedelta(hours=hours)
        heard += [hours / 24 - every.days] * reminders.queue_due(now=moment)
    assert heard == [-30, -14, -3, 0]
    assert set(mails().values_list("recipient", flat=True)) == {integrity_coordinator.pk}
    assert "verborgen" in mails().latest("pk").text


def test_after_a_stop_only_the_latest_step_goes_out(integrity_coordinator, now):
    ReportingRouteFactory(verified_at=now - CHECK_EVERY + timedelta(days=2))
    assert reminders.queue_due(now=now) == 1
    assert ":check:3:" in mails().get().key


def test_a_route_that_was_tried_takes_its_reminder_back(integrity_coordinator, now):
    route = ReportingRouteFactory(verified_at=now - CHECK_EVERY)
    reminders.queue_due(now=now)
    routes.check(route, actor=integrity_coordinator, now=now)
    assert not mails().exists()
    assert reminders.queue_due(now=now) == 0


@pytest.mark.parametrize("state", sorted(set(RouteState) - {RouteState.PUBLISHED, RouteState.DUE_FOR_CHECK}))
def test_what_is_not_on_the_page_needs_no_reminder(state, integrity_coordinator, now):
    ReportingRouteFactory(state=state, verified_at=now - timedelta(days=4000))
    assert reminders.queue_due(now=now) == 0
