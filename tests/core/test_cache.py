"""How long Redis may remember what the database forgot while it was away."""

from pickle import loads

import pytest

from core.cache import ForgetfulRedisCache, PatientRedisCache

TWO_WEEKS = 1_209_600


@pytest.mark.parametrize(("asked", "kept"), [(TWO_WEEKS, 60), (None, 60), (5, 5)])
def test_a_session_stays_in_redis_for_a_minute_at_most(asked, kept):
    """Or one that was ended while Redis could not be reached would go on for two weeks once it is back."""
    assert ForgetfulRedisCache("redis://nowhere.example/0", {}).get_backend_timeout(asked) == kept


def test_sessions_are_in_that_cache(settings):
    kind = settings.CACHES[settings.SESSION_CACHE_ALIAS]["BACKEND"]
    assert kind == "core.cache.ForgetfulRedisCache" or not settings.REDIS_URL


def test_what_another_release_kept_is_not_found():
    """A row of a class that is gone, or not there yet, must not break the page."""

    class Unreadable(PatientRedisCache):
        class _class:  # stands where Django's own client stands
            def __init__(self, servers, **options): ...

            def get(self, key, default):
                return loads(b"cno_such_module\nKept\n.")

    assert Unreadable("redis://nowhere.example/0", {}).get("page", "made anew") == "made anew"


def test_nothing_is_counted_while_redis_is_away():
    """A rate limit lets everybody in then, instead of breaking the page."""
    away = PatientRedisCache("redis://127.0.0.1:1/0", {})
    assert away.add("limit", 0)
    assert away.incr("limit") == 0
