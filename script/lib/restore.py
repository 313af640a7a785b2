"""Behind script/restore: a backup into an empty database, and what must not happen twice afterwards."""

import argparse
import datetime
import hashlib
import json
import os
import shutil
import sys
import tarfile
import tempfile
from pathlib import Path

from django.db import DatabaseError

from script.lib import dumps
from script.lib.backup import CLOSED, DATABASE, MANIFEST, MEDIA, SUMS
from script.lib.prepare import check_services, set_up
from script.lib.trial import CannotStart, environment

# An account that was being closed as the backup was made may be open in it although its moment is a little older.
MARGIN = datetime.timedelta(hours=1)


def restore(file: Path, *, send: bool, now: datetime.datetime) -> list[str]:
    """Put the backup back into the empty database; gives the lines that tell of it.

    What waits to be sent, or has come due by now, is held as failed mail unless `send`. Raises CannotStart: before
    the first row is written for a damaged file, a backup of newer code, or a database or media folder in use. What
    fails after that leaves a database whose mail is not held and whose erased people are back, and says so.
    """
    with tempfile.TemporaryDirectory(prefix="portal-restore-") as scratch:
        parts = Path(scratch)
        unpack(file, parts)
        about = json.loads((parts / MANIFEST).read_text())
        refuse_unless_it_fits(about)
        dumps.load(parts / DATABASE)
        try:
            return finish(file, parts, about, send=send, now=now)
        except Exception as error:
            raise CannotStart(f"{error} Do not open this portal: make a new database and restore once more.") from error


def finish(file: Path, parts: Path, about: dict, *, send: bool, now: datetime.datetime) -> list[str]:
    """All that a filled database still lacks; gives the lines that tell of it."""
    from django.conf import settings
    from django.core.cache import cache
    from django.core.management import call_command

    compare(about["rows"], dumps.count_rows())
    if (parts / MEDIA).exists():
        shutil.copytree(parts / MEDIA, settings.MEDIA_ROOT, dirs_exist_ok=True)
    told = [f"{file.name}: {sum(about['rows'].values())} rows in {len(about['rows'])} tables, as at {about['moment']}"]
    call_command("migrate", verbosity=0, interactive=False)
    cache.clear()  # it may know sessions and pages of after the backup
    moment = datetime.datetime.fromisoformat(about["moment"])
    closed = file.with_name(CLOSED)
    if closed.exists():
        told += close_again(closed_since(moment, closed), now=now)
    else:
        told.append(f"There is no {CLOSED} beside the backup: who was erased after it is back, and has to go again.")
    if not send:
        told.append(hold_mail(moment=moment, now=now))
    return told


def unpack(file: Path, folder: Path) -> None:
    """Write the members of the archive into `folder`, each compared with its checksum. Raises CannotStart."""
    sums: dict[str, str] = {}
    try:
        with tarfile.open(file, "r:") as archive:
            for member in archive:
                path = folder / member.name
                source = archive.extractfile(member)
                if source is None or not path.resolve().is_relative_to(folder.resolve()):
                    raise CannotStart(f"{file} holds {member.name}, which is no file of a backup.")
                path.parent.mkdir(parents=True, exist_ok=True)
                with source, path.open("wb") as target:
                    shutil.copyfileobj(source, target)
                with path.open("rb") as written:
                    sums[member.name] = hashlib.file_digest(written, "sha256").hexdigest()
        sums.pop(SUMS)
        said = dict(reversed(line.split("  ", 1)) for line in (folder / SUMS).read_text().splitlines())
    except (tarfile.TarError, KeyError, ValueError, EOFError):
        raise CannotStart(f"{file} is damaged, or no backup at all; take another.") from None
    if wrong := sorted(name for name in sums.keys() | said.keys() if sums.get(name) != said.get(name)):
        raise CannotStart(f"{file} is damaged ({', '.join(wrong)}); take another.")


def refuse_unless_it_fits(about: dict) -> None:
    from django.conf import settings
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    if about["database"] != connection.vendor:
        raise CannotStart(f"The backup is of {about['database']}, and the portal runs on {connection.vendor}.")
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if newer := sorted(set(about["migrations"]) - known):
        raise CannotStart(f"The backup was made by newer code (it has {newer[0]}); install commit {about['version']}.")
    if there := dumps.tables():
        raise CannotStart(f"The database is not empty: it has {len(there)} tables. Restore into a new one.")
    media = Path(settings.MEDIA_ROOT)
    if media.exists() and any(media.iterdir()):
        raise CannotStart(f"There are files in {media} already; move them away first.")


def compare(said: dict[str, int], found: dict[str, int]) -> None:
    """Raises CannotStart when a table has another number of rows than the manifest says."""
    wrong = [
        f"{table} {found.get(table, 0)} instead of {said.get(table, 0)}"
        for table in sorted(said.keys() | found.keys())
        if said.get(table) != found.get(table)
    ]
    if wrong:
        raise CannotStart(f"Rows are missing after the restore: {', '.join(wrong[:5])}.")


def closed_since(moment: datetime.datetime, path: Path) -> list[int]:
    """The accounts that were closed after the backup, out of the list that script/backup keeps beside it."""
    lines = [line.split() for line in path.read_text().splitlines()]
    return [int(pk) for at, pk in lines if datetime.datetime.fromisoformat(at) > moment - MARGIN]


def close_again(keys: list[int], *, now: datetime.datetime) -> list[str]:
    """Erase once more who was erased after the backup; gives the lines that tell of it."""
    from core.moves import Refused
    from members.models import User
    from partos_portal.erasure import close_account

    told, done = [], 0
    for person in User.objects.filter(pk__in=keys, closed_at=None).order_by("pk"):
        try:
            close_account(person=person, actor=person, now=now)
            done += 1
        except Refused:
            told.append(f"Account {person.pk} was closed after the backup, but is staff in it: close it by hand.")
    return [*told, f"accounts closed once more: {done}"]


def hold_mail(*, moment: datetime.datetime, now: datetime.datetime) -> str:
    """Do all that beat would find due in its first minute, and hold the mail of it with what already waited.

    All of that may have left between the backup and the loss, and nobody can tell any more. Failed mail keeps its
    key, so that no reminder is written anew, and staff can send it again.
    """
    from django.conf import settings
    from django.db import transaction

    from core import delivery
    from members.actions.accounts import forget_last_mails
    from partos_portal.celery import app

    app.loader.import_default_modules()
    with transaction.atomic():  # so that no worker that is awake sees any of it before it is held
        for entry in settings.CELERY_BEAT_SCHEDULE.values():
            if entry["task"] not in ("core.tick", "core.deliver_mail"):
                app.tasks[entry["task"]].run()
        held = delivery.hold(why=f"held after the restore of {moment:%Y-%m-%d %H:%M} UTC: it may have left before")
        forget_last_mails()
    return f"mails held: {held}; they are the failed ones in the list of outgoing mail, to send again what is of use"


def main() -> None:
    parser = argparse.ArgumentParser(prog="script/restore", description="Put a backup back into an empty database.")
    parser.add_argument("file", type=Path, help="what script/backup wrote")
    parser.add_argument("--send", action="store_true", help="send the mail that waits; some may arrive a second time")
    arguments = parser.parse_args()
    try:
        os.environ.update(environment())
        set_up()
        check_services()
        told = restore(arguments.file, send=arguments.send, now=datetime.datetime.now(datetime.UTC))
    except (CannotStart, DatabaseError, OSError) as error:
        sys.exit(f"The restore stopped: {' '.join(str(error).split())}")
    print("Restored.", *told, sep="\n")


if __name__ == "__main__":
    main()
