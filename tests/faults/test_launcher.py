"""script/server as a person meets it: it keeps its parts running, takes them along, and says what is wrong."""

import os
import shutil
import signal
import socket
import subprocess
import sys

import pytest

from script.lib.trial import ROOT
from tests.harness.portal import is_alive
from tests.harness.waiting import eventually

PARTS = ["web", "worker", "beat"]


def test_one_ctrl_c_stops_everything_even_after_a_part_was_killed(portal):
    portal.start()
    before = {part: portal.pid(part) for part in PARTS}
    portal.kill("worker")
    portal.kill("web")
    eventually(portal.is_up, within=30)
    after = {part: portal.pid(part) for part in PARTS}
    assert {part for part in PARTS if before[part] != after[part]} == {"worker", "web"}
    assert portal.stop() == 0
    assert [pid for pid in after.values() if is_alive(pid)] == []
    assert "Traceback" not in portal.log.read_text()


def test_nothing_outlives_a_killed_launcher(portal):
    portal.start()
    pids = [portal.pid(part) for part in PARTS]
    portal.launcher.kill()
    eventually(lambda: not any(map(is_alive, pids)), within=60, what="the end of all parts")


def test_a_second_start_keeps_the_secret_key_and_the_static_files(portal):
    del portal.env["SECRET_KEY"]
    portal.start()
    portal.stop()
    key = (portal.folder / "var/secret_key").read_text()
    portal.log.unlink()
    portal.start()
    assert (portal.folder / "var/secret_key").read_text() == key
    open_to_others = [path for path in (portal.folder / "var").rglob("*") if path.stat().st_mode & 0o077]
    assert open_to_others == [], "keys, mails and the database are for their owner only"
    assert "Collecting" not in portal.log.read_text()


@pytest.fixture
def taken_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield str(taken.getsockname()[1])


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"PORT": "eighty"}, "give a number from 1 to 65535"),
        ({"DATABASE_URL": "portal"}, "DATABASE_URL cannot be read as an address"),
        ({"DATABASE_URL": "postgres://portal@localhost:port/portal"}, "DATABASE_URL cannot be read as an address"),
        ({"DATABASE_URL": "postgres://portal@127.0.0.1:1/portal"}, "The database does not answer"),
        ({"REDIS_URL": "localhost"}, "REDIS_URL cannot be read as an address"),
        ({"REDIS_URL": "redis://127.0.0.1:1/0"}, "Redis does not answer"),
        ({"VAR_DIR": "/proc/portal"}, "The folder /proc/portal cannot be written to"),
        ({"TRIAL": "false"}, "ALLOWED_HOSTS is missing: set the names that the portal answers to"),
    ],
)
def test_what_cannot_work_is_told_in_one_sentence(portal, wrong, told):
    assert_refused(portal.env | wrong, told)


def test_a_port_that_is_taken_is_told_in_one_sentence(portal, taken_port):
    assert_refused(portal.env | {"PORT": taken_port}, f"Port {taken_port} of 127.0.0.1 is not to be had")


def test_a_port_that_is_taken_is_found_before_anything_is_installed_and_the_advice_keeps_what_was_asked(
    portal, taken_port, tmp_path
):
    checkout = copy_of_bootstrap(tmp_path)
    env = portal.env | {"PORT": taken_port, "PYTHON": sys.executable}
    again = f"PORT={int(taken_port) % 65535 + 1} script/server --demo"
    assert assert_refused(env, f"Port {taken_port} of 127.0.0.1", checkout, "--demo").rstrip().endswith(again)
    assert not (checkout / ".venv").exists()
    assert assert_refused(env, f"Port {taken_port} of 127.0.0.1").rstrip().endswith(again.removesuffix(" --demo"))


def test_a_python_that_is_too_old_is_told_in_one_sentence(portal, tmp_path):
    checkout = copy_of_bootstrap(tmp_path)
    old = fake_python(tmp_path, 'if [ "$1" = --version ]; then echo Python 3.9.2; else exit 1; fi')
    assert_refused(portal.env | {"PYTHON": old}, f"needs Python 3.11 or newer, but {old} is Python 3.9.2", checkout)


def test_a_python_without_venv_is_told_in_one_sentence(portal, tmp_path):
    checkout = copy_of_bootstrap(tmp_path)
    bare = fake_python(tmp_path, 'case "$*" in *ensurepip*) exit 1;; *) exit 0;; esac')
    assert_refused(portal.env | {"PYTHON": bare}, "sudo apt install python3-venv", checkout)


def copy_of_bootstrap(folder):
    """A checkout without a .venv."""
    (folder / "checkout/script/lib").mkdir(parents=True)
    needed = [f"script/{name}" for name in ("bootstrap", "server", "lib/__init__.py", "lib/port.py", "lib/trial.py")]
    for name in (*needed, "pyproject.toml"):
        shutil.copy(ROOT / name, folder / "checkout" / name)
    return folder / "checkout"


def fake_python(folder, script: str) -> str:
    path = folder / "fake-python"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def assert_refused(env: dict[str, str], told: str, checkout=ROOT, *arguments: str) -> str:
    """Gives what was told."""
    command = [checkout / "script/server", *arguments]
    ran = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 1
    assert told in ran.stderr
    assert len(ran.stderr.strip().splitlines()) == 1
    assert "Traceback" not in ran.stdout + ran.stderr
    return ran.stderr


def test_a_reader_who_goes_away_takes_the_portal_along(portal):
    reader, writer = os.pipe()
    child = subprocess.Popen([ROOT / "script/server"], env=portal.env, stdout=writer, stderr=writer)
    os.close(writer)
    with open(reader) as lines:
        while "started" not in lines.readline():
            pass
    try:
        child.wait(60)
    finally:
        child.send_signal(signal.SIGTERM)
        child.wait()
    started = [int(path.read_text()) for path in (portal.folder / "var").glob("*.pid")]
    assert started
    assert [pid for pid in started if is_alive(pid)] == []
