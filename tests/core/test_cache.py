"""How long Redis may remember what the database forgot while it was away."""

import pytest

from core.cache import ForgetfulRedisCache

TWO_WEEKS = 1_209_600


@pytest.mark.parametrize(("asked", "kept"), [(TWO_WEEKS, 60), (None, 60), (5, 5)])
def test_a_session_stays_in_redis_for_a_minute_at_most(asked, kept):
    """Or one that was ended while Redis could not be reached would go on for two weeks once it is back."""
    assert ForgetfulRedisCache("redis://nowhere.example/0", {}).get_backend_timeout(asked) == kept


def test_sessions_are_in_that_cache(settings):
    kind = settings.CACHES[settings.SESSION_CACHE_ALIAS]["BACKEND"]
    assert kind == "core.cache.ForgetfulRedisCache" or not settings.REDIS_URL
