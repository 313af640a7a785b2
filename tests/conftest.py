"""What every test can ask for: services, a browser, a running portal. The people are in tests/cast.py."""

import os
import shutil
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connections
from django.utils import translation

from script.lib.packages import CannotRun, find_browser
from tests.harness import browsing
from tests.harness.forms import BrowserClient
from tests.harness.portal import Portal
from tests.harness.smtp import MailServer

pytest_plugins = ["tests.cast"]

TESTS = Path(__file__).parent
BROWSER = pytest.StashKey[str | None]()
LEFT_OUT = pytest.StashKey[int]()
RUN_SECONDS = 600  # a run of the portal as a whole takes one or two minutes, and four where the machine is busy
HOW_TO_GET_ONE = "They need Chromium, on PATH or named in CHROMIUM; on Debian: sudo apt install chromium libatomic1"


def pytest_configure(config):
    try:
        config.stash[BROWSER] = find_browser(install=False)
    except CannotRun as error:
        raise pytest.UsageError(str(error)) from None
    config.stash[LEFT_OUT] = 0


def pytest_unconfigure():
    shutil.rmtree(os.environ["VAR_DIR"], ignore_errors=True)  # a worker of pytest-xdist ends without atexit


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config, items):
    for item in items:
        on_both = is_run(item) or item.path.name.startswith(("test_locking", "test_reminders"))
        if on_both and not item.get_closest_marker("one_pair"):
            item.add_marker("both_pairs")
        if is_run(item) and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(RUN_SECONDS))
        if "browser" in item.fixturenames:
            item.add_marker("browser")
    if not config.stash[BROWSER]:
        leave_out_the_browser(config, items)
    yield
    # They start processes and wait for them; begun first, they leave the processor to the other tests meanwhile.
    items.sort(key=lambda item: not is_run(item))


def is_run(item) -> bool:
    """Is it a test of the portal as a whole?"""
    return item.path.relative_to(TESTS).parts[0] in ("journeys", "faults")


def leave_out_the_browser(config, items):
    in_browser = [item for item in items if item.get_closest_marker("browser")]
    if in_browser and os.environ.get("REQUIRE_BROWSER"):
        raise pytest.UsageError(f"{len(in_browser)} browser tests cannot run. {HOW_TO_GET_ONE}")
    config.stash[LEFT_OUT] = len(in_browser)
    items[:] = [item for item in items if item not in in_browser]


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session):
    """A worker of pytest-xdist tells the controller, which collects nothing itself."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left_out"] = session.config.stash[LEFT_OUT]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node, error):
    left_out = getattr(node, "workeroutput", {}).get("left_out", 0)
    node.config.stash[LEFT_OUT] = max(node.config.stash[LEFT_OUT], left_out)


def pytest_report_collectionfinish(config):
    if count := config.stash[LEFT_OUT]:
        return f"*** {count} BROWSER TESTS ARE LEFT OUT. {HOW_TO_GET_ONE} ***"
    return []


def pytest_terminal_summary(terminalreporter, config):
    if count := config.stash[LEFT_OUT]:
        terminalreporter.write_line(f"*** {count} BROWSER TESTS WERE LEFT OUT. {HOW_TO_GET_ONE} ***", red=True)
        if file := os.environ.get("LEFT_OUT_FILE"):  # script/test tells it once more in its last lines
            Path(file).write_text(str(count))
    for report in [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]:
        for name, value in report.user_properties:
            if name == "counts":  # see tests/faults/conftest.py
                terminalreporter.write_line(f"{report.nodeid.rpartition('::')[2]}: {value}")


@pytest.fixture(autouse=True)
def clean_slate():
    """Rate limits, cached pages and the language of one test do not reach the next. Redis' broker is emptied too."""
    cache.clear()
    translation.deactivate()


@pytest.fixture
def client():
    """A browser without script, as our pages need none."""
    return BrowserClient()


@pytest.fixture
def smtp_server(settings):
    """A real mail server; the portal in this process sends to it, and so can one started with `portal`."""
    with MailServer() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.host, server.port
        yield server


@pytest.fixture(scope="session")
def browser(pytestconfig):
    """One Chromium for all tests of this process.

    While Playwright's event loop runs, Django keeps a second connection for this thread. Nobody can close it any more
    once the loop has ended, and open it would keep the test database from being removed.
    """
    with browsing.chromium(pytestconfig.stash[BROWSER]) as browser:
        yield browser
        connections.close_all()


@pytest.fixture
def page(browser):
    """A page of a browser without cookies; fails the test for script errors and what the CSP refused."""
    with browsing.fresh_page(browser) as page:
        yield page


@pytest.fixture
def portal(tmp_path, smtp_server):
    """A portal of its own, not yet started: `portal.start()` runs script/server, its mail goes to `smtp_server`."""
    with Portal(tmp_path, EMAIL_URL=smtp_server.url, DEFAULT_FROM_EMAIL="portaal@portaal.example") as portal:
        yield portal
