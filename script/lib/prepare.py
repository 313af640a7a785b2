"""What must be there before the portal's processes start: services, tables, programme, roles, static files."""

import contextlib
import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from script.lib.trial import ROOT, CannotStart

PROGRAMME = "leerlijnen/data/programme_2026.yaml"


def prepare(*, demo: bool) -> None:
    """Bring database and static files up to date, in this process, so that Django is loaded once.

    Raises CannotStart for settings that are wrong and services that do not answer.
    """
    set_up()
    check_services()
    throw_away_torn_files()
    load(demo=demo)
    collect_static()


def set_up() -> None:
    """Load Django with the portal's settings. Raises CannotStart when they are wrong."""
    import django
    from django.core.exceptions import ImproperlyConfigured

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "partos_portal.settings")
    try:
        django.setup()
    except ImproperlyConfigured as error:
        raise CannotStart(f"A setting is missing or wrong: {' '.join(str(error).split())}") from None


def check_services() -> None:
    import redis
    from django.conf import settings
    from django.db import DatabaseError, connection

    try:
        connection.ensure_connection()
    except (DatabaseError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        raise CannotStart(
            f"The database does not answer ({reason}); start it, or mend DATABASE_URL, or leave that out to use SQLite."
        ) from None
    if settings.REDIS_URL:
        try:
            redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=5, socket_timeout=5).ping()
        except (redis.RedisError, OSError, ValueError) as error:
            raise CannotStart(
                f"Redis does not answer ({error}); start it, or mend REDIS_URL, or leave that out to use files."
            ) from None


def throw_away_torn_files() -> None:
    """Of the broker in files: what a power cut left empty or half written. It carries wake-ups and no state.

    Else every message would fail on a table of queues that nobody can read.
    """
    from django.conf import settings

    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    if "control_folder" not in options:
        return
    files = [*Path(options["control_folder"]).glob("*.exchange"), *Path(options["data_folder_in"]).glob("*.msg")]
    for file in files:
        if not is_whole(file):
            print(f"{file} is torn, as after a power cut; it is thrown away.", flush=True)
            file.unlink(missing_ok=True)


def is_whole(file: Path) -> bool:
    """Whether it is JSON: for a table of queues a list of threes, for a message an object."""
    try:
        found = json.loads(file.read_bytes())
    except FileNotFoundError:
        return True  # fetched meanwhile
    except ValueError:
        return False
    if file.suffix == ".msg":
        return isinstance(found, dict)
    return isinstance(found, list) and all(isinstance(row, list) and len(row) == 3 for row in found)


def load(*, demo: bool) -> None:
    from django.core.management import CommandError, call_command
    from django.db import DatabaseError, connection

    try:
        with one_at_a_time("migrate"):
            call_command("migrate", verbosity=0, interactive=False)
            call_command("load_programme", ROOT / PROGRAMME)
            call_command("sync_roles")
            if demo:
                call_command("load_demo")
    except (CommandError, DatabaseError) as error:
        raise CannotStart(f"The database could not be made ready: {' '.join(str(error).split())}") from None
    connection.close()


def collect_static() -> None:
    """Collect and compress static files, when something changed since the last time: it takes a while."""
    from django.conf import settings
    from django.core.management import call_command

    stamp = Path(f"{settings.STATIC_ROOT}.collected")
    with one_at_a_time("static"):
        wanted = static_fingerprint()
        if stamp.exists() and stamp.read_text() == wanted:
            return
        print("Collecting static files (only when they changed) ...", flush=True)
        call_command("collectstatic", interactive=False, verbosity=0)
        stamp.write_text(wanted)


def static_fingerprint() -> str:
    """Over name, size and time of every static file, our own and those of the packages."""
    from django.contrib.staticfiles.finders import get_finders

    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            found = os.stat(storage.path(name))
            digest.update(f"{name} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


@contextlib.contextmanager
def one_at_a_time(name: str) -> Iterator[None]:
    """Two launchers on one data folder take turns."""
    from django.conf import settings

    folder = Path(settings.STATIC_ROOT).parent if name == "static" else Path(settings.VAR_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
