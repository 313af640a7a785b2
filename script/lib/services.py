"""A PostgreSQL and a Redis of one's own: on private sockets in a temporary folder, gone when the work is done."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from script.lib import processes
from script.lib.packages import Binaries, CannotRun

# A throw-away cluster has nothing to lose in a crash.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}
PATIENCE = 30  # seconds for a service to start


@contextlib.contextmanager
def private_services(binaries: Binaries) -> Iterator[dict[str, str]]:
    """Run both services as long as the block lasts; gives DATABASE_URL and REDIS_URL for them.

    The folder lies under /tmp, because a socket's path may hold no more than 107 bytes. Started by root they run as
    `nobody`: PostgreSQL refuses to run as root. Raises CannotRun when one of them does not start.
    """
    folder = Path(tempfile.mkdtemp(prefix="portal-", dir="/tmp"))
    who = {}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        who = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        binaries = binaries.reachable_by_all(folder)
    elif not has_name(os.geteuid()):
        shutil.rmtree(folder)
        raise CannotRun(
            f"PostgreSQL cannot run as user id {os.geteuid()}, which has no name here; run as a named user."
        )
    children: list[subprocess.Popen] = []
    try:
        children.append(start_postgres(binaries, folder, who))
        children.append(start_redis(binaries, folder, who))
        await_sockets(folder, children)
        yield {"DATABASE_URL": f"postgres://postgres@/{folder}/postgres", "REDIS_URL": f"unix://{folder}/r.sock?db=0"}
    finally:
        for child in children:
            processes.stop(child, number=signal.SIGINT)  # to PostgreSQL: end its sessions, and stop
        shutil.rmtree(folder, ignore_errors=True)


def has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def start_postgres(binaries: Binaries, folder: Path, who: dict) -> subprocess.Popen:
    data = folder / "data"
    made = subprocess.run(
        [
            *(binaries.postgres / "initdb", "--pgdata", data, "--username=postgres", "--auth=trust", "--no-sync"),
            *("--locale=C.UTF-8", "--encoding=UTF8"),  # with --no-locale, lower() would know ASCII only
        ],
        env=binaries.environment(),
        cwd=folder,
        capture_output=True,
        text=True,
        **who,
    )
    if made.returncode:
        raise CannotRun(f"PostgreSQL could not make its files: {last_line(made.stderr)}")
    settings = [f"--{name}={value}" for name, value in FAST.items()]
    command = [binaries.postgres / "postgres", "-D", data, "-k", folder, "-h", "", *settings]
    return start(command, binaries, folder, "postgres", who)


def start_redis(binaries: Binaries, folder: Path, who: dict) -> subprocess.Popen:
    command = [
        *(binaries.redis, "--port", "0", "--unixsocket", folder / "r.sock", "--dir", folder),
        *("--save", "", "--databases", "64"),  # with a save pending it would refuse to stop
    ]
    return start(command, binaries, folder, "redis", who)


def start(command: list, binaries: Binaries, folder: Path, name: str, who: dict) -> subprocess.Popen:
    with open(folder / f"{name}.log", "w") as log:
        return processes.start(
            [str(word) for word in command],
            death=signal.SIGINT,
            env=binaries.environment(),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            **who,
        )


def await_sockets(folder: Path, children: list[subprocess.Popen]) -> None:
    import psycopg2
    import redis

    until = time.monotonic() + PATIENCE
    while True:
        try:
            psycopg2.connect(host=str(folder), user="postgres", dbname="postgres").close()
            with redis.Redis(unix_socket_path=str(folder / "r.sock")) as client:
                client.ping()
            return
        except (psycopg2.OperationalError, redis.RedisError) as error:
            if time.monotonic() > until or any(child.poll() is not None for child in children):
                logs = [last_line((folder / f"{name}.log").read_text()) for name in ("postgres", "redis")]
                raise CannotRun(f"PostgreSQL and Redis did not start ({error}); they said: {logs}") from None
        time.sleep(0.05)


def last_line(text: str) -> str:
    return next(iter(text.strip().splitlines()[-1:]), "nothing")
