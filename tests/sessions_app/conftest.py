from datetime import timedelta

import pytest

from sessions_app.actions.planning import Schedule
from sessions_app.rules import Form


@pytest.fixture
def desk(client, staff):
    """The admin, with programme staff at it."""
    client.force_login(staff)
    return client


@pytest.fixture
def schedule(now):
    start = now + timedelta(days=30)
    return Schedule(
        starts_at=start,
        ends_at=start + timedelta(hours=2),
        form=Form.ON_SITE,
        place="Zaal 2 (fictief)",
        capacity=12,
        registration_deadline=start - timedelta(days=2),
    )
