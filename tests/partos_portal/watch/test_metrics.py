"""The numbers for Prometheus, in this process and in a portal of several processes."""

import http.client
import os
import re
import subprocess
import sys
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from prometheus_client.multiprocess import MultiProcessCollector

from core.models import Heartbeat, MailState
from script.lib.trial import ROOT
from tests.core.test_outbox import put
from tests.harness.portal import Portal
from tests.harness.waiting import eventually

TOKEN = "only-for-tests-0123456789"
SAMPLE = re.compile(r"^(portal_\w+)(?:\{(.*)\})? (\S+)$", re.MULTILINE)


def numbers(text: str) -> dict[str, float]:
    return {f"{name}{{{labels}}}" if labels else name: float(value) for name, labels, value in SAMPLE.findall(text)}


@pytest.fixture
def scrape(client, settings, db):
    settings.METRICS_TOKEN = TOKEN

    def scrape() -> dict[str, float]:
        response = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert response.headers["Content-Type"].startswith("text/plain")
        return numbers(response.content.decode())

    return scrape


@pytest.mark.django_db
@pytest.mark.parametrize("given", ["", TOKEN, f"Bearer {TOKEN}x", "Bearer ", f"Basic {TOKEN}", "Bearer é"])
def test_a_wrong_token_finds_nothing(client, settings, given):
    settings.METRICS_TOKEN = TOKEN
    assert client.get("/metrics", headers={"Authorization": given}).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("given", ["", "Bearer ", "Bearer None"])
def test_without_a_token_in_the_settings_nobody_finds_it(client, settings, given):
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"Authorization": given}).status_code == 404


def test_requests_are_counted_by_page_method_and_kind_of_answer(client, scrape):
    key = 'portal_requests_total{method="%s",route="%s",status="%s"}'
    before = scrape()
    client.get(reverse("sessions:list"))
    client.get(reverse("sessions:list"))
    client.get("/niets/")
    client.generic("MADEUP", "/niets/")
    after = scrape()

    def more(*labels):
        return after.get(key % labels, 0) - before.get(key % labels, 0)

    assert more("GET", "sessions:list", "2xx") == 2
    assert more("GET", "-", "4xx") == 1
    assert more("other", "-", "4xx") == 1
    count = 'portal_request_seconds_count{route="sessions:list"}'
    assert after[count] - before.get(count, 0) == 2


def test_waiting_and_failed_mail_is_told_and_how_long_it_has_been_due(scrape):
    assert scrape()["portal_oldest_due_mail_seconds"] == 0
    now = timezone.now()
    put(now=now - timedelta(minutes=10), key="due")
    put(now=now + timedelta(minutes=10), key="later")
    failed = put(now=now - timedelta(hours=1), key="failed")
    type(failed).objects.filter(pk=failed.pk).update(state=MailState.FAILED)
    told = scrape()
    assert (told['portal_mails{state="queued"}'], told['portal_mails{state="failed"}']) == (2, 1)
    assert told['portal_mails{state="sent"}'] == 0
    assert told["portal_oldest_due_mail_seconds"] == pytest.approx(600, abs=30)


def test_the_time_since_the_last_tick_is_told_once_there_was_one(scrape):
    assert "portal_beat_seconds" not in scrape()
    Heartbeat.objects.create(name="beat", at=timezone.now() - timedelta(minutes=5))
    assert scrape()["portal_beat_seconds"] == pytest.approx(300, abs=30)


# A process and one that it forked off, as a Celery worker does.
COUNTING = """
import os
import django
django.setup()
from partos_portal.watch import metrics
assert metrics.SHARED is {shared}
def count():
    metrics.count_request(method="GET", route="a-page", status=200, seconds=0.02)
count()
child = os.fork()
count()
if child == 0:
    os._exit(0)
os.waitpid(child, 0)
"""


def settings_of(folder) -> dict[str, str]:
    ours = {"VAR_DIR": str(folder), "METRICS_TOKEN": TOKEN, "DJANGO_SETTINGS_MODULE": "partos_portal.settings"}
    return os.environ | ours


def count_in_a_process(folder, *, shared: bool = True) -> None:
    env = settings_of(folder)
    code = COUNTING.format(shared=shared)
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr


def test_processes_that_follow_each_other_count_on_in_the_same_files(tmp_path):
    for _ in range(3):
        count_in_a_process(tmp_path)
    files = sorted(file.name for file in (tmp_path / "metrics").glob("*.db"))
    assert files == ["counter_0.db", "counter_1.db", "histogram_0.db", "histogram_1.db"]
    collected = MultiProcessCollector(None, path=str(tmp_path / "metrics")).collect()
    [requests] = [metric for metric in collected if metric.name == "portal_requests"]
    assert sum(sample.value for sample in requests.samples) == 9


def test_a_folder_that_cannot_be_written_costs_the_numbers_and_no_page(tmp_path):
    (tmp_path / "metrics").write_text("no folder")
    count_in_a_process(tmp_path, shared=False)


def test_the_counts_are_told_while_the_database_does_not_answer(tmp_path):
    code = (
        "import django; django.setup(); from django.utils import timezone; from partos_portal.watch import metrics;"
        "metrics.count_task(task='a-task', outcome='success', seconds=1);"
        "print(metrics.page(now=timezone.now()).decode())"
    )
    env = settings_of(tmp_path) | {"DATABASE_URL": "postgres://portal@127.0.0.1:1/portal"}
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    told = numbers(ran.stdout)
    assert told['portal_tasks_total{outcome="success",task="a-task"}'] == 1
    assert "portal_oldest_due_mail_seconds" not in told


def test_a_portal_of_several_processes_tells_one_sum(tmp_path):
    with Portal(tmp_path, METRICS_TOKEN=TOKEN, EMAIL_URL="") as portal:
        portal.start()

        def scrape() -> dict[str, float]:
            connection = http.client.HTTPConnection("localhost", portal.port, timeout=10)
            connection.request("GET", "/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
            response = connection.getresponse()
            assert response.status == 200
            return numbers(response.read().decode())

        key = 'portal_requests_total{method="GET",route="healthz",status="%s"}'
        before = scrape()
        for _ in range(20):
            portal.health()
        after = scrape()
        assert sum(after.get(key % status, 0) - before.get(key % status, 0) for status in ("2xx", "5xx")) == 20
        portal.python(
            "from core import mail\n"
            "from partos_portal.watch import logs\n"
            "with logs.working_for('the-request-that-woke'):\n"
            "    mail.wake()"
        )
        eventually(
            lambda: re.search(
                r"core\.deliver_mail success in \d+ ms \[the-request-that-woke\]", portal.log.read_text()
            ),
            within=30,
            what="a line of the task with the id of its request",
        )
        eventually(
            lambda: scrape().get('portal_tasks_total{outcome="success",task="core.deliver_mail"}', 0) > 0,
            within=30,
            what="a task in the numbers",
        )
        assert scrape()["portal_beat_seconds"] < 60
