import pytest


@pytest.fixture
def desk(client, staff):
    """The admin, with programme staff at it."""
    client.force_login(staff)
    return client
