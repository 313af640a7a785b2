"""The trial run after a power cut: files that are empty or half written cost a line in the log and no page."""

import logging
import os
import subprocess
import sys

import pytest
from django.core.cache import caches
from django.test import override_settings

from core.cache import PatientFileCache
from core.visitor_pages import drop
from script.lib.prepare import is_whole
from script.lib.trial import ROOT

TORN = ["", "[[", "{}", "[1]", '[["a"]]', "null"]
# A portal on files, in a process of its own: waking the worker, and what /healthz says.
WAKING = """
import django, json, os, pathlib
django.setup()
from django.core.management import call_command
from django.test import Client
call_command("migrate", verbosity=0)
from core import mail, tasks
from script.lib.prepare import is_whole, throw_away_torn_files
folder = pathlib.Path(os.environ["VAR_DIR"])
table = folder / "broker-control" / "celery.exchange"
table.write_text(os.environ["TORN"])
torn = (folder / "broker" / "1_a.celery.msg")
torn.write_text("")
mail.wake()
tasks.tick()
health = Client().get("/healthz")
print("torn", health.status_code, health.json()["broker"])
throw_away_torn_files()
print("left", table.exists(), torn.exists())
mail.wake()
print("woken", is_whole(table), len(list((folder / "broker").iterdir())))
health = Client().get("/healthz")
print("mended", health.status_code, health.json()["broker"])
"""


@pytest.mark.parametrize("content", [content for content in TORN if content != "{}"])  # kombu reads that as no queues
def test_a_torn_table_of_queues_fails_no_request_is_told_by_health_and_goes_at_start(tmp_path, content):
    for name in ("broker", "broker-control", "cache", "mail"):
        (tmp_path / name).mkdir()
    ours = {"VAR_DIR": str(tmp_path), "TORN": content, "DATABASE_URL": "", "REDIS_URL": ""}
    env = os.environ | ours | {"DJANGO_SETTINGS_MODULE": "partos_portal.settings", "ALLOWED_HOSTS": "testserver"}
    ran = subprocess.run([sys.executable, "-c", WAKING], cwd=ROOT, env=env, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert [line for line in ran.stdout.splitlines() if "is thrown away" not in line] == [
        "torn 503 False",
        "left False False",
        "woken True 1",
        "mended 200 True",
    ]
    assert "the broker cannot be reached, the next scan sends this mail" in ran.stderr


@pytest.mark.parametrize("content", TORN)
def test_what_is_torn_is_known(tmp_path, content):
    for name in ("celery.exchange", "1_a.celery.msg"):
        (tmp_path / name).write_text(content)
    assert not is_whole(tmp_path / "celery.exchange")
    assert is_whole(tmp_path / "1_a.celery.msg") is (content == "{}")
    (tmp_path / "celery.exchange").write_text('[["celery", "", "celery"]]')
    assert is_whole(tmp_path / "celery.exchange")


@pytest.fixture
def file_cache(tmp_path):
    return PatientFileCache(str(tmp_path / "cache"), {})


@pytest.mark.parametrize("content", [b"", b"torn", b"\x80\x05K\x01."])
def test_a_torn_file_of_the_cache_is_no_error_and_goes(file_cache, tmp_path, content):
    file_cache.set("key", "value")
    [file] = (tmp_path / "cache").iterdir()
    for ask in (
        lambda: file_cache.get("key"),
        lambda: file_cache.get_many(["key"]),
        lambda: file_cache.add("key", 1),
        lambda: file_cache.touch("key"),
        lambda: file_cache.has_key("key"),
    ):
        file.write_bytes(content)
        ask()
    file.write_bytes(content)
    assert file_cache.get("key", "none") == "none"
    file_cache.set("key", "again")
    assert file_cache.get("key") == "again"


def test_a_cache_that_cannot_be_written_fails_no_change(tmp_path, caplog):
    (tmp_path / "cache").write_text("no folder")
    there = {"default": {"BACKEND": "core.cache.PatientFileCache", "LOCATION": str(tmp_path / "cache")}}
    with override_settings(CACHES=there), caplog.at_level(logging.WARNING):
        drop()
        assert caches["default"].get("key", "none") == "none"
    assert "the cache cannot be written" in caplog.text
