"""What leaves for Sentry, caught by a transport of our own in a process of its own: the client changes Django."""

import json
import os
import subprocess
import sys

from django.core import signing

from script.lib.trial import ROOT

TOKEN = signing.dumps([1, "nonce"], salt="test")
NAME = "Geheimpje van der Test"
ADDRESS = "geheim@leden.example"
PAGES = """
import json, logging, sys, types
import django
from django.conf import settings
from sentry_sdk.transport import Transport
from partos_portal.watch import logs, sentry

sent = []

class Kept(Transport):
    def capture_envelope(self, envelope):
        sent.append(envelope.serialize().decode())

sentry.start("https://key@errors.example/1", transport=Kept)
django.setup()

from celery import current_app
from django.db import connection
from django.test import Client
from django.urls import path

TOKEN, NAME, ADDRESS = sys.argv[1:]

def crash(request, token):
    connection.ensure_connection()
    typed = request.POST["naam"]
    logging.getLogger("portal").error("%s did not fit", typed)
    try:
        raise ConnectionError("no route to host")
    except ConnectionError as error:
        raise ValueError(f"{typed} at {request.get_full_path()}") from error

@current_app.task(name="test.crash", shared=False)
def crash_in_worker(name, token):
    raise KeyError(name)

settings.ROOT_URLCONF = types.ModuleType("urls")
settings.ROOT_URLCONF.urlpatterns = [
    path("kapot/<str:token>/", crash, name="crash"),
    path("uitnodiging/<str:token>/", crash, name="quiet-crash"),
]
client = Client(raise_request_exception=False)
client.cookies["sessionid"] = TOKEN
answer = client.post(
    f"/kapot/{TOKEN}/?naam={NAME}",
    {"naam": NAME, "adres": ADDRESS},
    headers={"Referer": f"https://portal.example/kapot/{TOKEN}/", "X-Test": ADDRESS},
)
from celery.app.trace import trace_task
trace_task(crash_in_worker, "an-id", (NAME,), {"token": TOKEN}, request={}, app=current_app)
loud = list(sent)
sent.clear()
quiet = client.post(f"/uitnodiging/{TOKEN}/", {"naam": NAME})
quietly = {"request_id": quiet.headers["X-Request-ID"], "sent": sent}
told = {"status": answer.status_code, "request_id": answer.headers["X-Request-ID"], "sent": loud}
print(json.dumps(told | {"quietly": quietly}))
"""


def settings_of(folder, **more: str) -> dict[str, str]:
    ours = {"VAR_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "partos_portal.settings", "ALLOWED_HOSTS": "testserver"}
    return os.environ | ours | more


def test_errors_are_sent_with_their_place_and_nothing_personal(tmp_path):
    command = [sys.executable, "-c", PAGES, TOKEN, NAME, ADDRESS]
    env = settings_of(tmp_path, DATABASE_URL="")
    ran = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert told["status"] == 500
    assert len(told["sent"]) == 3  # what was logged, the page's error, the task's
    everything = "\n".join(told["sent"])
    for expected in ("ValueError", "no route to host", "KeyError", "did not fit", told["request_id"]):
        assert expected in everything
    quietly = "\n".join(told["quietly"]["sent"])
    assert "ValueError" in quietly
    assert told["quietly"]["request_id"] not in quietly
    assert '"transaction"' not in quietly
    everything += quietly
    for secret in (TOKEN, TOKEN.split(":")[-1], "Geheimpje", ADDRESS, "naam=", "sessionid", "/kapot/"):
        assert secret not in everything


def test_nothing_is_sent_without_an_address(tmp_path):
    code = "import django; django.setup(); import sys; print('sentry_sdk' in sys.modules)"
    env = settings_of(tmp_path, SENTRY_DSN="")
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"
