"""Redis as a cache that pages can do without.

While it cannot be reached nothing is found and nothing is kept, so that the portal goes on, slower. Rate limits do not
hold then; the number of tries that a mailed code allows does, because it is counted in the session.
"""

import contextlib
import logging
import os
from pickle import UnpicklingError

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.filebased import FileBasedCache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


class OneClient(RedisCacheClient):
    """Keeps its client; Django's makes one for each question, which takes nearly as long as the question."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._clients = {}

    def get_client(self, key=None, *, write=False):
        pool = self._get_connection_pool(write)  # type: ignore[attr-defined]
        if pool not in self._clients:
            self._clients[pool] = self._client(connection_pool=pool)  # type: ignore[attr-defined]
        return self._clients[pool]


class PatientRedisCache(RedisCache):
    def __init__(self, server, params):
        super().__init__(server, params)
        self._class = OneClient

    def get(self, key, default=None, version=None):
        return self._or(default, super().get, key, default, version)

    def get_many(self, keys, version=None):
        return self._or({}, super().get_many, keys, version)

    def has_key(self, key, version=None):
        return self._or(False, super().has_key, key, version)

    def add(self, key, *args, **kwargs):
        return self._or(True, super().add, key, *args, **kwargs)

    def set(self, key, *args, **kwargs):
        return self._or(None, super().set, key, *args, **kwargs)

    def set_many(self, data, *args, **kwargs):
        return self._or(list(data), super().set_many, data, *args, **kwargs)

    def touch(self, key, *args, **kwargs):
        return self._or(False, super().touch, key, *args, **kwargs)

    def incr(self, key, delta=1, version=None):
        return self._or(0, super().incr, key, delta, version)

    def delete(self, key, version=None):
        return self._or(False, super().delete, key, version)

    def delete_many(self, keys, version=None):
        return self._or(None, super().delete_many, keys, version)

    @staticmethod
    def _or(answer, method, *args, **kwargs):
        try:
            return method(*args, **kwargs)
        except RedisError as error:
            log.warning("the cache cannot be reached: %s", type(error).__name__)
        except (AttributeError, ImportError, UnpicklingError) as error:  # kept by another release, with other classes
            log.warning("the cache cannot be read: %s", type(error).__name__)
        return answer


class PatientFileCache(FileBasedCache):
    """The trial run's. A file that a power cut left torn is thrown away; a folder that cannot be written keeps none."""

    def get(self, key, default=None, version=None):
        return self._or(default, super().get, key, default, version)

    def has_key(self, key, version=None):
        return self._or(False, super().has_key, key, version)

    def add(self, key, *args, **kwargs):
        return self._or(True, super().add, key, *args, **kwargs)

    def set(self, key, *args, **kwargs):
        return self._or(None, super().set, key, *args, **kwargs)

    def touch(self, key, *args, **kwargs):
        return self._or(False, super().touch, key, *args, **kwargs)

    def delete(self, key, version=None):
        return self._or(False, super().delete, key, version)

    def _createdir(self):
        with contextlib.suppress(OSError):  # the next that is kept tells of it
            super()._createdir()  # type: ignore[misc]

    def _or(self, answer, method, key, *args, **kwargs):
        try:
            return method(key, *args, **kwargs)
        except OSError as error:
            log.warning("the cache cannot be written: %s", type(error).__name__)
        except Exception as error:  # whatever a torn file makes of its reader
            log.warning("a file of the cache cannot be read and is thrown away: %s", type(error).__name__)
            with contextlib.suppress(OSError):
                os.remove(self._key_to_file(key))  # type: ignore[attr-defined]
        return answer


class ForgetfulRedisCache(PatientRedisCache):
    """For sessions, which the database keeps: who asks here is sent there again each minute.

    A session that was ended while Redis could not be reached is still in it when it comes back with all it had.
    """

    longest = 60  # seconds

    def get_backend_timeout(self, timeout=DEFAULT_TIMEOUT):
        seconds = super().get_backend_timeout(timeout)
        return self.longest if seconds is None else min(seconds, self.longest)
