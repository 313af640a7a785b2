"""The settings outside the trial run, read by a process of its own as a server would start it."""

import os
import subprocess
import sys

import pytest

from script.lib.suite import PRODUCTION
from script.lib.trial import ROOT

SECRET = ["SECRET_KEY", "MFA_KEY", "DATABASE_URL", "REDIS_URL", "EMAIL_URL"]
NEEDED = set(PRODUCTION) - {"TRIAL"}
WRONG = {
    "MFA_KEY": ["too-short", "x" * 49, "a" * 60],
    "SECRET_KEY": ["too-short", "x" * 49, "django-insecure-" + "abcdefgh" * 8, "a" * 60],
    "ALLOWED_HOSTS": ["*", "portal.example,*", "https://portal.example"],
    "PORTAL_URL": ["http://portal.example", "portal.example", "https://portal.example/portal", "https://"],
    "DATABASE_URL": ["sqlite:////tmp/portal.sqlite3", "postgres:///", "postgres://portal@host:port/portal"],
    "REDIS_URL": ["memory://", "localhost:6379"],
    "EMAIL_URL": ["consolemail://", "filemail:///tmp", "smtp.example"],
    "DEFAULT_FROM_EMAIL": ["Netwerk en Leren", "portal@"],
    "TRUSTED_PROXY_COUNT": ["one", "-1"],
    "SECURE_SSL_REDIRECT": ["perhaps"],
    "SECURE_HSTS_SECONDS": ["a year"],
    "MAIL_LEASE_SECONDS": ["5 minutes"],
    "MAIL_UNDO_MINUTES": ["five", "-1", "15"],
    "LOG_LEVEL": ["loud"],
    "TRIAL": ["maybe"],
}


def complaints(env: dict[str, str]) -> list[str]:
    """The lines with which the settings refuse this environment; none when they load."""
    code = (
        "from django.core.exceptions import ImproperlyConfigured\n"
        "try:\n    import partos_portal.settings\n"
        "except ImproperlyConfigured as error:\n    print(error)\n"
    )
    clean = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    ran = subprocess.run([sys.executable, "-c", code], env=clean | env, capture_output=True, text=True, cwd=ROOT)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()[1:]


def named(lines: list[str], word: str) -> set[str]:
    return {line.split()[0] for line in lines if line.split()[1:3] == ["is", f"{word}:"]}


def test_an_empty_environment_is_told_all_that_is_missing():
    lines = complaints({})
    assert named(lines, "missing") == NEEDED
    assert len(lines) == len(NEEDED)


def test_what_is_set_to_nothing_is_missing():
    assert named(complaints(dict.fromkeys(PRODUCTION, "")), "missing") == NEEDED


def test_a_whole_production_environment_loads():
    assert complaints(PRODUCTION) == []


@pytest.mark.parametrize("number", range(4))
def test_what_is_wrong_is_told_at_once_and_not_repeated(number):
    env = {name: values[number] for name, values in WRONG.items() if number < len(values)}
    lines = complaints(PRODUCTION | env)
    assert named(lines, "wrong") == set(env)
    assert [env[name] for name in SECRET if name in env and env[name] in "\n".join(lines)] == []


@pytest.mark.parametrize("name", ["PORTAL_URL", "TRUSTED_PROXY_COUNT"])
def test_the_trial_run_does_not_slip_into_a_real_portal(name):
    trial = {"TRIAL": "true", "SECRET_KEY": "for-a-trial", "MFA_KEY": "for-a-trial"}
    assert complaints(trial) == []
    [line] = complaints(trial | {name: PRODUCTION[name]})
    assert "leave" in line


def test_in_production_a_cookie_is_of_this_host_alone_and_travels_by_https_only():
    names = "SESSION_COOKIE_NAME CSRF_COOKIE_NAME LANGUAGE_COOKIE_NAME MESSAGE_COOKIE_NAME"
    code = f"from partos_portal import settings as s\nfor name in {names.split()!r}: print(getattr(s, name))\n"
    code += "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.LANGUAGE_COOKIE_SECURE)"
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)} | PRODUCTION
    ran = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, cwd=ROOT, check=True)
    *cookies, secure = ran.stdout.splitlines()
    assert len(cookies) == 4
    assert all(cookie.startswith("__Host-") for cookie in cookies)
    assert secure == "True True True"
