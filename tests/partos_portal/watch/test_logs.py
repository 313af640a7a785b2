"""What the log tells, and what it never tells."""

import io
import json
import logging
import os
import re
import smtplib
import subprocess
import sys
import time

import pytest
from celery import current_app
from celery.app.trace import trace_task
from django.http import HttpResponse
from django.test import Client
from django.urls import path, reverse
from django.utils import timezone

from core import delivery, hiding
from core.mail import wake
from core.tasks import deliver_mail, tick
from partos_portal.watch import logs, metrics
from script.lib.suite import PRODUCTION
from script.lib.trial import ROOT
from tests.architecture import access_table
from tests.architecture.planted import PEOPLE, plant
from tests.architecture.test_access import TYPED, rows
from tests.factories.members import UserFactory

pytestmark = pytest.mark.django_db
REQUEST_LINE = re.compile(
    r"portal\.request: (\w+) (\S+) (\d+) in \d+ ms, (\d+) queries, user (\S+) \[([0-9a-f]{32})\]$"
)
# As signing.dumps writes it, but always the same: each worker of pytest-xdist has to collect the same tests.
TOKEN = "WzEsIm5vbmNlIl0:1xVdjl:_MJcwyltojyuqxBfu_-HQWdXCizMO58-TplnZguM5FU"
TYPED_NAME = "Geheimpje van der Test"
ADDRESS = "geheim@leden.example"


QUIET_PAGES = [
    *("/integriteit/", "/en/integriteit/", "/integriteit/agenda/", "/integriteit/niets/", "/kwaliteit/"),
    *(f"/uitnodiging/{TOKEN}/", f"/en/uitnodiging/{TOKEN}/agenda.ics", f"/genodigd/{TOKEN}/", f"/plaats/{TOKEN}/"),
    *(f"/mail/stoppen/{TOKEN}/", f"/mijn-agenda/{TOKEN}.ics", "/leerlijnen/kleuren.css"),
    *("/bijeenkomsten/7/toegang-en-eten/", "/profiel/gegevens/", "/en/profiel/sluiten/"),
]


def crash(request, token="-"):
    try:
        raise ValueError(f"{request.POST} of {TYPED_NAME}, {ADDRESS}")
    except ValueError as error:
        raise RuntimeError(f"{TYPED_NAME} cannot be found at {token}") from error


def lost(request):
    raise ConnectionError("no route to host 10.0.0.1")


# What stands beside the portal's own pages in tests of what goes wrong.
urlpatterns = [
    path("kapot/<str:token>/", crash, name="crash"),
    path("weg/", lost, name="lost"),
    path("goed/", lambda request: HttpResponse("goed"), name="fine"),
    path("uitnodiging/<str:token>/", crash, name="quiet-crash"),
]


class Log:
    """What was written since `clear`, in lines."""

    def __init__(self, formatter):
        self.stream = io.StringIO()
        self.handler = logging.StreamHandler(self.stream)
        self.handler.setFormatter(formatter)
        self.handler.addFilter(logs.Told())  # as settings.LOGGING has it

    def __enter__(self):
        logging.getLogger().addHandler(self.handler)
        return self

    def __exit__(self, *_):
        logging.getLogger().removeHandler(self.handler)

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    def of(self, name: str) -> list[str]:
        return [line for line in self.text.splitlines() if f" {name}: " in line]


@pytest.fixture
def log():
    with Log(logs.LineFormatter()) as log:
        yield log


@pytest.fixture
def visitor():
    return Client(raise_request_exception=False)


@pytest.fixture
def broken_pages(settings):
    settings.ROOT_URLCONF = __name__


def test_a_request_is_one_line_with_the_name_of_its_page(log, client):
    person = UserFactory()
    client.force_login(person)
    response = client.get(reverse("sessions:mine"), {"q": "typed"})
    [line] = log.of("portal.request")
    method, route, status, queries, user, name = REQUEST_LINE.search(line).groups()
    assert (method, route, status, user) == ("GET", "sessions:mine", "200", str(person.pk))
    assert int(queries) > 0
    assert response.headers["X-Request-ID"] == name


def test_a_visitor_and_an_unknown_address_are_a_dash(log, client):
    client.get("/niets/geheim/")
    [line] = log.of("portal.request")
    assert REQUEST_LINE.search(line).group(2, 3, 5) == ("-", "404", "-")
    assert "geheim" not in log.text


@pytest.mark.parametrize(
    ("proxies", "given", "taken"),
    [
        (0, "a1b2c3d4e5f6", False),
        (1, "a1b2c3d4e5f6", True),
        (1, "kort", False),
        (1, "a" * 65, False),
        (1, "iemand@leden.example", False),
        (1, "a1b2c3d4\tgeheim", False),
    ],
)
def test_a_request_id_is_taken_from_a_proxy_only(log, client, settings, proxies, given, taken):
    settings.TRUSTED_PROXY_COUNT = proxies
    response = client.get("/healthz", headers={"X-Request-ID": given})
    assert (response.headers["X-Request-ID"] == given) is taken
    assert f"[{response.headers['X-Request-ID']}]" in log.of("portal.request")[0]


def test_the_formats_tell_the_same(client):
    with Log(logs.JsonFormatter()) as log:
        response = client.get(reverse("privacy"))
    [told] = [json.loads(line) for line in log.text.splitlines()]
    assert told["logger"] == "portal.request"
    assert told["request_id"] == response.headers["X-Request-ID"]
    assert [told[name] for name in ("method", "route", "status", "user")] == ["GET", "privacy", 200, "-"]
    assert "GET privacy 200" in told["message"]


@pytest.mark.usefixtures("broken_pages")
@pytest.mark.parametrize("formatter", [logs.LineFormatter(), logs.JsonFormatter()])
def test_what_went_wrong_is_told_by_place_and_kind_without_what_was_typed(visitor, formatter):
    with Log(formatter) as log:
        response = visitor.post(f"/kapot/{TOKEN}/?naam=Geheimpje", {"naam": TYPED_NAME})
    assert response.status_code == 500
    assert "ValueError" in log.text
    assert "RuntimeError" in log.text
    assert "in crash" in log.text
    assert log.text.count(response.headers["X-Request-ID"]) == 2  # what went wrong, and the line of the request
    for secret in (TOKEN, "Geheimpje", ADDRESS, "naam="):
        assert secret not in log.text


@pytest.mark.usefixtures("broken_pages")
def test_an_error_of_a_machine_keeps_its_text(log, visitor):
    visitor.get("/weg/")
    assert "ConnectionError: no route to host 10.0.0.1" in log.text


def test_a_form_without_its_token_is_told_without_path_and_referer(log, settings):
    settings.ALLOWED_HOSTS = ["testserver"]
    client = Client(enforce_csrf_checks=True)
    referer = f"https://elders.example/uitnodiging/{TOKEN}/?naam=Geheimpje"
    response = client.post("/bijeenkomsten/7/aanmelden/", secure=True, headers={"Referer": referer})
    assert response.status_code == 403
    [line] = log.of("django.security.csrf")
    assert "sessions:register" in line
    assert TOKEN not in log.text
    assert "Geheimpje" not in log.text


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("mail to iemand@leden.example failed", "mail to ••• failed"),
        ("<iemand+lijst@leden.example>: no such user", "<•••>: no such user"),
        ("Key (email)=(iemand@leden.example) already exists", "Key (email)=(•••) already exists"),
        ("iemand%40leden.example", "•••"),
        (f"at /uitnodiging/{TOKEN}/", "at /uitnodiging/•••/"),
        (f"token {TOKEN.replace(':', '%3A')}.", "token •••."),
        ("from https://portal.example/uitnodiging/x/?naam=y on", "from https://••• on"),
        ("GET /bijeenkomsten/?q=naam HTTP/1.1", "GET /bijeenkomsten/••• HTTP/1.1"),
        ("redis://user:password@broker.example:6379/0", "redis://•••"),
        ("core.deliver_mail success in 12 ms at 10:03:12", "core.deliver_mail success in 12 ms at 10:03:12"),
    ],
)
def test_what_libraries_say_loses_addresses_and_tokens(said, told):
    assert hiding.without_personal(said) == told


@pytest.mark.parametrize("letters", ["a", "a.", "a%", "://", "?a", "@a"])
def test_a_long_word_costs_no_time_to_hide(letters):
    """Or a visitor whose Host header is 8,000 letters long would hold up a worker for seconds."""
    said = letters * 20_000
    begun = time.process_time()
    hiding.without_personal(said)
    assert time.process_time() - begun < 0.5


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ValueError(TYPED_NAME), "ValueError"),
        (smtplib.SMTPDataError(554, TYPED_NAME.encode()), "SMTPDataError"),
        (FileNotFoundError(2, "No such file", "/var/lib/portal/x"), "[Errno 2] No such file"),
    ],
)
def test_an_error_as_argument_is_told_by_kind(log, error, told):
    logging.getLogger("a.library").error("it failed: %s", error)
    assert told in log.text
    assert TYPED_NAME not in log.text


def test_an_address_that_the_web_server_could_not_answer_is_hidden(log):
    logging.getLogger("core.not_gunicorn").info("kept: %s", "/var/lib/portal")
    record = logging.LogRecord("gunicorn.error", logging.ERROR, "", 0, "Error handling request %s", ("/x/y/",), None)
    assert "/x/y/" not in logs.LineFormatter().format(record)
    assert "/var/lib/portal" in log.text


@pytest.mark.parametrize("quote", ["'", '"'])
def test_a_line_that_the_web_server_could_not_read_is_hidden(quote):
    said = f"Invalid request from ip=: Invalid HTTP Header: {quote}Cookie : sessionid={TYPED_NAME}{quote}"
    record = logging.LogRecord("gunicorn.error", logging.WARNING, "", 0, said, (), None)
    assert logs.LineFormatter().format(record).endswith("Invalid HTTP Header: '•••'")


def test_a_walk_through_the_portal_leaves_no_marked_word_in_the_log(request, log, now, smtp_server):
    smtp_server.refused = {"iemand@leden.example"}
    people = {role: request.getfixturevalue(role) for role in PEOPLE}
    world = plant(people, now=now)
    get, post = rows(access_table.GET), rows(access_table.POST)
    for role in ("visitor", "practitioner", "staff"):
        client = world.client(role)
        for name, place in get:
            client.get(world.url(name, place), {"q": "SECRET-QUERY"})
        for name, place in post:
            Client.post(client, world.url(name, place), TYPED.get(name, {}) | {"title": "SECRET-TYPED"})
    delivery.deliver(clock=timezone.now)
    told = log.text
    told_of = [world.url(name, place) for name, place in [*get, *post]]
    assert len(log.of("portal.request")) == 3 * sum(not logs.is_quiet(url) for url in told_of)
    assert "was not sent, attempt 1: SMTPRecipientsRefused" in told
    tokens = [places["token"] for places in world.places.values() if "token" in places]
    names = [person.name for person in people.values()]
    assert [secret for secret in ["SECRET", "@", "?", "/", *tokens, *names] if secret in told] == []


def waiting_message() -> dict:
    """The headers of the message that the worker would take."""
    with current_app.connection_for_read() as connection, connection.SimpleQueue("celery") as queue:
        message = queue.get(timeout=5)
        message.ack()
        return message.headers


def test_a_task_carries_the_id_of_the_request_that_asked_for_it(log):
    current_app.control.purge()
    with logs.working_for("the-request"):
        wake()
    headers = waiting_message()
    assert headers["request_id"] == "the-request"
    trace_task(deliver_mail, headers["id"], (), {}, request=headers, app=current_app)
    [line] = log.of("portal.task")
    assert re.search(r"core\.deliver_mail success in \d+ ms \[the-request\]$", line)
    assert logs.request_id.get() == ""


@pytest.mark.parametrize("formatter", [logs.LineFormatter(), logs.JsonFormatter()])
@pytest.mark.parametrize("page", QUIET_PAGES)
def test_of_a_quiet_page_the_log_tells_nothing_whoever_opens_it(db, page, formatter):
    client = Client()
    client.force_login(UserFactory())
    with Log(formatter) as log:
        responses = [client.get(page), client.post(page, {"answer": "accept"}), Client().get(page)]
        responses.append(Client(enforce_csrf_checks=True).post(page))
    assert all(response.headers["X-Request-ID"] for response in responses)
    assert log.text == ""


def test_of_a_quiet_page_the_numbers_tell_nothing_either(client, settings):
    settings.METRICS_TOKEN = "only-for-tests-0123456789"

    def counted():
        return [sample for metric in metrics.OWN.collect() for sample in metric.samples if "requests" in metric.name]

    client.get(reverse("privacy"))
    before = counted()
    for page in QUIET_PAGES:
        client.get(page)
    assert counted() == before
    client.get(reverse("privacy"))
    assert counted() != before


@pytest.mark.usefixtures("broken_pages")
def test_a_fault_in_a_quiet_page_is_told_and_counted_without_the_request(log, visitor, settings):
    settings.METRICS_TOKEN = "only-for-tests-0123456789"
    visitor.force_login(UserFactory())

    def counted():
        labels = {"route": "-", "method": "GET", "status": "5xx"}
        return metrics.OWN.get_sample_value("portal_requests_total", labels) or 0

    before = counted()
    response = visitor.get(f"/uitnodiging/{TOKEN}/")
    assert response.status_code == 500
    assert "in crash" in log.text
    assert not log.of("portal.request")
    assert [word for word in (TOKEN, response.headers["X-Request-ID"], "user") if word in log.text] == []
    assert counted() == before + 1


def test_a_task_that_a_quiet_page_woke_looks_like_any_other(log):
    current_app.control.purge()
    with logs.working_quietly():
        wake()
    headers = waiting_message()
    trace_task(deliver_mail, headers["id"], (), {}, request=headers, app=current_app)
    assert log.of("portal.task")[0].endswith(f"[{headers['id']}]")


def test_a_task_that_nobody_asked_for_goes_by_its_own_id(log):
    trace_task(tick, "its-own-id", (), {}, request={}, app=current_app)
    assert log.of("portal.task")[0].endswith("[its-own-id]")


def test_a_task_that_failed_is_told_without_the_text_of_its_error(log):
    @current_app.task(name="test.crash", shared=False)
    def crash_in_worker(name):
        raise ValueError(name)

    trace_task(crash_in_worker, "an-id", (TYPED_NAME,), {}, request={}, app=current_app)
    assert "test.crash failure in" in log.text
    assert "ValueError" in log.text
    assert "Geheimpje" not in log.text


@pytest.mark.parametrize(
    ("env", "shown"),
    [({"TRIAL": "true", "SECRET_KEY": "for-a-trial", "MFA_KEY": "for-a-trial"}, True), (PRODUCTION, False)],
    ids=["trial", "production"],
)
def test_a_login_code_stands_in_the_terminal_of_the_trial_run_with_its_address(env, shown):
    code = (
        "import logging, logging.config; from partos_portal.settings import LOGGING;"
        "logging.config.dictConfig(LOGGING);"
        "logging.getLogger('portal.terminal').info('code for %s: %s', 'noor@horizonhulp.example', 'KQTH-RLCG')"
    )
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)} | env
    ran = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert ("code for noor@horizonhulp.example: KQTH-RLCG" in ran.stderr) is shown
