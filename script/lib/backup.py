"""Behind script/backup: the database, the media and a manifest in one file, which script/restore puts back."""

import argparse
import contextlib
import datetime
import hashlib
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.db import DatabaseError

from script.lib import dumps
from script.lib.prepare import set_up
from script.lib.trial import ROOT, CannotStart, environment

DATABASE, MANIFEST, SUMS, MEDIA = "database", "manifest.json", "SHA256SUMS", "media"
CLOSED = "closed-accounts.txt"
STAMP = "%Y%m%dT%H%M%SZ"


def back_up(folder: Path, *, now: datetime.datetime) -> str:
    """Write a backup into `folder`; gives the line that tells of it. Raises CannotStart, and leaves no file then."""
    target = folder / f"portal-{now.astimezone(datetime.UTC).strftime(STAMP)}.tar"
    if target.exists():
        raise CannotStart(f"There is a backup of this second already: {target}")
    with tempfile.TemporaryDirectory(prefix=".portal-", dir=folder) as scratch:
        partial = Path(scratch) / "backup.tar"
        database = Path(scratch) / DATABASE
        counts = dumps.dump(database)
        about = Path(scratch) / MANIFEST
        about.write_text(json.dumps(manifest(counts, now=now), indent=1))
        write_archive(partial, {DATABASE: database, **media(), MANIFEST: about})
        os.link(partial, target)  # whole or not at all, and over no other
    size = target.stat().st_size / 1_000_000
    return f"{target}: {sum(counts.values())} rows in {len(counts)} tables, {size:.1f} MB"


def manifest(counts: dict[str, int], *, now: datetime.datetime) -> dict:
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    applied = MigrationRecorder(connection).applied_migrations()
    return {
        "moment": now.isoformat(),
        "version": version(),
        "database": connection.vendor,
        "migrations": sorted(f"{app}.{name}" for app, name in applied),
        "rows": counts,
    }


def version() -> str:
    """The commit that the code is at, or unknown where it did not come by git."""
    command = ["git", "-C", str(ROOT), "-c", f"safe.directory={ROOT}", "rev-parse", "HEAD"]
    with contextlib.suppress(OSError):
        ran = subprocess.run(command, capture_output=True, text=True)
        if ran.returncode == 0:
            return ran.stdout.strip()
    return "unknown"


def media() -> dict[str, Path]:
    """What was uploaded, by its name in the archive."""
    from django.conf import settings

    root = Path(settings.MEDIA_ROOT)
    return {f"{MEDIA}/{path.relative_to(root)}": path for path in sorted(root.rglob("*")) if path.is_file()}


def write_archive(path: Path, members: dict[str, Path]) -> None:
    """Pack the members, and last of all their checksums, as `sha256sum --check` reads them."""
    path.touch(mode=0o600)
    with tarfile.open(path, "w") as archive:
        sums = ""
        for name, source in members.items():
            archive.add(source, name, recursive=False)
            sums += f"{checksum(source)}  {name}\n"
        listing = path.with_name(SUMS)
        listing.write_text(sums)
        archive.add(listing, SUMS)


def checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def note_closed_accounts(folder: Path) -> int:
    """Keep which accounts were closed, beside the backups that still hold their people; gives how many.

    A line has moment and key, and no word of whose it was. Lines stay: a backup may be put back that knows nothing of
    an account's closing, and so may one that was made after that.
    """
    from members.models import User

    path = folder / CLOSED
    known = set(path.read_text().splitlines()) if path.exists() else set()
    closed = User.objects.exclude(closed_at=None).values_list("closed_at", "pk")
    lines = sorted(known | {f"{at.isoformat()} {pk}" for at, pk in closed})
    with replacing(path) as file:
        file.write("".join(f"{line}\n" for line in lines))
    return len(lines)


@contextlib.contextmanager
def replacing(path: Path) -> Iterator:
    """Write a file anew so that a reader, or a full disk, meets the old one or the new one and never half."""
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("w") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def forget_old(folder: Path, *, keep: int, now: datetime.datetime) -> int:
    """Delete the backups that are more than `keep` days old by their name; gives how many."""
    limit = (now - datetime.timedelta(days=keep)).astimezone(datetime.UTC).strftime(STAMP)
    old = [path for path in folder.glob("portal-*.tar") if path.stem.removeprefix("portal-") < limit]
    for path in old:
        path.unlink()
    return len(old)


def main() -> None:
    parser = argparse.ArgumentParser(prog="script/backup", description="Back up database and media into one file.")
    parser.add_argument("folder", type=Path, help="where backups are kept; it must exist")
    parser.add_argument("--keep", type=int, metavar="DAYS", help="then delete backups that are older than so many days")
    parser.add_argument("--closed-accounts", action="store_true", help=f"write only {CLOSED} anew, which is quick")
    arguments = parser.parse_args()
    now = datetime.datetime.now(datetime.UTC)
    try:
        if not arguments.folder.is_dir():
            raise CannotStart(f"{arguments.folder} is no folder; make it first, for the portal's own eyes (mode 0700).")
        os.environ.update(environment())
        set_up()
        os.umask(0o077)
        line = "" if arguments.closed_accounts else back_up(arguments.folder, now=now)
        closed = note_closed_accounts(arguments.folder)
        print(line or f"{arguments.folder / CLOSED}: {closed} closed accounts")
        if arguments.keep and not arguments.closed_accounts:
            forget_old(arguments.folder, keep=arguments.keep, now=now)
    except (CannotStart, DatabaseError, OSError) as error:
        sys.exit(f"No backup was made: {' '.join(str(error).split())}")


if __name__ == "__main__":
    main()
