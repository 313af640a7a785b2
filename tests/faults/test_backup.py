"""script/backup and script/restore as whoever keeps the portal runs them, on real databases."""

import contextlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest

from script.lib.backup import write_archive
from script.lib.dumps import LEFT_OUT
from script.lib.restore import unpack
from script.lib.trial import ROOT
from tests.harness.portal import Portal

PLANT = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("load_programme", "leerlijnen/data/programme_2026.yaml", verbosity=0)
call_command("load_demo", verbosity=0)

from pathlib import Path
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
from core.mail import Letter, queue
from members.models import Organisation, User
from sessions_app.models import Session

Organisation.objects.create(name="Stichting Geplant – één ☂ (fictief)")
person = User.objects.get(email="noor@horizonhulp.example")
session = Session.objects.exclude(starts_at=None).first()
queue(Letter(key="planted:1", to=person, template="members/mail/account_closed", context={}), now=timezone.now())
SessionStore().create()
Path(settings.MEDIA_ROOT, "planted").mkdir(parents=True)
Path(settings.MEDIA_ROOT, "planted", "één.txt").write_text("kept")
"""
CLOSE = """
from django.utils import timezone
from members.models import User
from partos_portal.erasure import close_account
person = User.objects.get(email="noor@horizonhulp.example")
close_account(person=person, actor=person, now=timezone.now())
"""
LOOK = """
import json
from core.models import OutgoingMail
from members.models import Organisation, User
print(json.dumps({
    "planted": Organisation.objects.filter(name="Stichting Geplant – één ☂ (fictief)").count(),
    "open": User.objects.filter(email="noor@horizonhulp.example", closed_at=None).count(),
    "named": OutgoingMail.objects.filter(to="noor@horizonhulp.example").count(),
    "mail": list(OutgoingMail.objects.values_list("state", flat=True).distinct()),
    "why": list(OutgoingMail.objects.exclude(error="").values_list("error", flat=True).distinct()),
}))
"""


def script(portal: Portal, name: str, *arguments) -> subprocess.CompletedProcess:
    command = [ROOT / "script" / name, *map(str, arguments)]
    return subprocess.run(command, env=portal.env, capture_output=True, text=True)


def count_rows(portal: Portal) -> dict[str, int]:
    """As the database itself counts, without the code under test."""
    if "DATABASE_URL" in portal.env:
        names = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        connection = connect(portal.env["DATABASE_URL"])
    else:
        names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        connection = sqlite3.connect(portal.folder / "var/portal.sqlite3")
    with contextlib.closing(connection), contextlib.closing(connection.cursor()) as cursor:
        cursor.execute(names)
        tables = [name for (name,) in cursor.fetchall()]
        counts = {}
        for table in tables:
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            counts[table] = cursor.fetchone()[0]
    return counts


def connect(address: str):
    import environ
    import psycopg2

    config = environ.Env.db_url_config(address)
    names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    return psycopg2.connect(**{name: config[key] or None for name, key in names.items()})


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A portal that is not running, filled with the programme, the demo set and what the tests look for."""
    with Portal(tmp_path_factory.mktemp("source")) as portal:
        portal.python(PLANT)
        yield portal


@pytest.fixture(scope="module")
def backups(source, tmp_path_factory):
    """A folder with one backup of `source`."""
    folder = tmp_path_factory.mktemp("backups")
    ran = script(source, "backup", folder)
    assert ran.returncode == 0, ran.stderr
    assert re.fullmatch(rf"{folder}/portal-\d+T\d+Z\.tar: \d+ rows in \d+ tables, \d+\.\d MB\n", ran.stdout)
    return folder


@pytest.fixture
def empty(tmp_path):
    """A portal with an empty database."""
    with Portal(tmp_path / "empty") as portal:
        portal.folder.mkdir()
        yield portal


def the_one_in(folder: Path) -> Path:
    (file,) = folder.glob("portal-*.tar")
    return file


def test_a_restored_portal_has_every_row_and_file_but_no_session(source, backups, empty, tmp_path):
    before = count_rows(source)
    alone = shutil.copy(the_one_in(backups), tmp_path)  # without the list of closed accounts

    ran = script(empty, "restore", alone, "--send")

    assert ran.returncode == 0, ran.stderr
    assert "There is no closed-accounts.txt beside the backup" in ran.stdout
    after = count_rows(empty)
    assert {name: count for name, count in before.items() if name not in LEFT_OUT} == {
        name: count for name, count in after.items() if name not in LEFT_OUT
    }
    assert sum(before.values()) > 500
    assert [before["django_session"], after["django_session"]] == [1, 0]
    assert (empty.folder / "var/media/planted/één.txt").read_text() == "kept"
    seen = json.loads(empty.python(LOOK))
    assert seen["planted"] == seen["open"] == 1
    assert "queued" in seen["mail"]


def test_after_a_restore_no_mail_leaves_by_itself_and_who_was_erased_stays_erased(source, backups, empty, tmp_path):
    source.python(CLOSE)
    assert script(source, "backup", "--closed-accounts", backups).returncode == 0

    ran = script(empty, "restore", the_one_in(backups))

    assert ran.returncode == 0, ran.stderr
    assert "accounts closed once more: 1\n" in ran.stdout
    seen = json.loads(empty.python(LOOK))
    assert seen["planted"] == 1
    assert [seen["open"], seen["named"]] == [0, 0]
    assert set(seen["mail"]).isdisjoint({"queued", "sending"})
    assert re.search(r"mails held: [1-9]", ran.stdout)
    assert all("held after the restore" in why for why in seen["why"])


def test_a_damaged_file_one_of_newer_code_and_a_database_in_use_are_refused(source, backups, empty, tmp_path):
    good = the_one_in(backups)
    damaged = tmp_path / "damaged.tar"
    content = bytearray(good.read_bytes())
    content[len(content) // 3] ^= 1
    damaged.write_bytes(content)
    short = tmp_path / "short.tar"
    short.write_bytes(good.read_bytes()[: len(content) // 2])
    unpack(good, tmp_path / "parts")
    about = json.loads((tmp_path / "parts/manifest.json").read_text())
    (tmp_path / "parts/manifest.json").write_text(json.dumps(about | {"migrations": ["core.9999_of_tomorrow"]}))
    write_archive(
        tmp_path / "newer.tar",
        {name: tmp_path / "parts" / name for name in ("database", "manifest.json")},
    )

    for portal, file, why in [
        (empty, damaged, "is damaged (database)"),
        (empty, short, "is damaged"),
        (empty, tmp_path / "newer.tar", "made by newer code (it has core.9999_of_tomorrow)"),
        (source, good, "The database is not empty"),
    ]:
        ran = script(portal, "restore", file)
        assert ran.returncode == 1
        assert why in ran.stderr
    assert count_rows(empty) == {}


def test_a_restore_that_fails_halfway_says_that_this_portal_must_not_open(backups, empty, tmp_path):
    """Its mail is not held yet, and who was erased is back."""
    unpack(the_one_in(backups), tmp_path / "parts")
    write_archive(tmp_path / "whole.tar", {name: tmp_path / "parts" / name for name in ("database", "manifest.json")})
    (tmp_path / "closed-accounts.txt").write_text("no moment and no key at all\n")

    ran = script(empty, "restore", tmp_path / "whole.tar")

    assert ran.returncode == 1
    assert "Do not open this portal" in ran.stderr


def test_backups_are_for_their_owner_only_and_old_ones_go(source, backups, tmp_path):
    folder = shutil.copytree(backups, tmp_path / "kept")
    old, others = folder / "portal-20260101T020000Z.tar", folder / "portal-notes.txt"
    for path in (old, others):
        path.touch()

    ran = script(source, "backup", folder, "--keep", "14")

    assert ran.returncode == 0, ran.stderr
    assert not old.exists()
    assert others.exists()
    assert len(list(folder.glob("portal-*.tar"))) == 2
    newest = max(folder.glob("portal-*.tar"))
    assert newest.stat().st_mode & 0o077 == 0
    assert not list(folder.glob(".portal-*"))  # nothing half


def test_a_backup_that_cannot_be_written_says_so_and_leaves_nothing(source, tmp_path):
    assert "is no folder" in script(source, "backup", tmp_path / "nowhere").stderr
    lost = Portal.__new__(Portal)
    lost.env = source.env | {"DATABASE_URL": f"postgres://nobody@/nowhere?host={os.fspath(tmp_path)}"}
    ran = script(lost, "backup", tmp_path)
    assert ran.returncode == 1
    assert ran.stderr.startswith("No backup was made: ")
    assert list(tmp_path.iterdir()) == []
