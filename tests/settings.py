"""Settings of the test run: the portal's own, with the services that script/test started.

Each worker of pytest-xdist has a data folder and two Redis databases of its own: one for the tests in its process, the
next for the portals that they start.
"""

import atexit
import os
import re
import shutil
import tempfile

for name, value in {
    "TRIAL": "true",
    "SECRET_KEY": "only-for-tests-" + "x" * 50,
    "MFA_KEY": "only-for-tests-too-" + "x" * 50,
    "EMAIL_URL": "smtp://127.0.0.1:1",
}.items():
    os.environ.setdefault(name, value)
# Playwright's own event loop runs in the thread of the tests, and Django would take that for async code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="portal-test-")
atexit.register(shutil.rmtree, os.environ["VAR_DIR"], ignore_errors=True)


def redis_database(address: str, number: int) -> str:
    """The same Redis, another of its databases."""
    base = re.sub(r"\?db=\d+$|(?<=\d)/\d+$", "", address)
    return f"{base}?db={number}" if base.startswith("unix:") else f"{base}/{number}"


SERVICES = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name)}
if "REDIS_URL" in SERVICES:
    os.environ["REDIS_URL"] = redis_database(SERVICES["REDIS_URL"], 2 * WORKER)

from partos_portal.settings import *  # noqa: E402, F403  # the point of this file

# A server thread of a test that kept its connection would keep the test database from being removed.
DATABASES["default"]["CONN_MAX_AGE"] = 0  # noqa: F405
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    # A file, because a database in memory knows neither threads nor processes.
    DATABASES["default"]["TEST"] = {"NAME": VAR_DIR / "test.sqlite3"}  # noqa: F405
STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"  # noqa: F405
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # tests make many users
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405  # WhiteNoise warns where there is none
for folder in ("broker", "broker-control"):
    (VAR_DIR / folder).mkdir(exist_ok=True)  # noqa: F405  # as script/server does
