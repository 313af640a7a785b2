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


class Servers:
    """PostgreSQL and Redis in one folder; each may be stopped and started again while the folder lasts.

    PostgreSQL keeps its rows meanwhile, Redis starts empty.
    """

    def __init__(self, binaries: Binaries, folder: Path, who: dict, settings: dict[str, str]):
        self.binaries, self.folder, self.who = binaries, folder, who
        self.commands = {
            "postgres": postgres_command(binaries, folder, settings),
            "redis": redis_command(binaries, folder),
        }
        self.children: dict[str, subprocess.Popen] = {}
        self.addresses = {
            "DATABASE_URL": f"postgres://postgres@/{folder}/postgres",
            "REDIS_URL": f"unix://{folder}/r.sock?db=0",
        }

    def start(self, *names: str) -> None:
        """Start `postgres`, `redis` or both, and wait until they answer; raises CannotRun when one does not."""
        for name in names:
            self.children[name] = start(self.commands[name], self.binaries, self.folder, name, self.who)
        await_sockets(self.folder, list(self.children.values()))

    def stop(self, name: str, *, number: signal.Signals = signal.SIGINT) -> None:
        """To PostgreSQL SIGINT means: end the sessions and stop; SIGQUIT: stop at once, and recover at the start."""
        processes.stop(self.children[name], number=number)


@contextlib.contextmanager
def private_services(binaries: Binaries) -> Iterator[dict[str, str]]:
    """Run both services as long as the block lasts, fast and not durable; gives DATABASE_URL and REDIS_URL for them.

    Raises CannotRun when one of them does not start.
    """
    with private_servers(binaries, settings=FAST) as servers:
        yield servers.addresses


@contextlib.contextmanager
def private_servers(binaries: Binaries, *, settings: dict[str, str]) -> Iterator[Servers]:
    """As `private_services`, for who must stop and start them; `settings` are PostgreSQL's.

    The folder lies under /tmp, because a socket's path may hold no more than 107 bytes. Started by root they run as
    `nobody`: PostgreSQL refuses to run as root.
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
    servers = Servers(binaries, folder, who, settings)
    try:
        make_cluster(binaries, folder, who)
        servers.start("postgres", "redis")
        yield servers
    finally:
        for name in servers.children:
            servers.stop(name)
        shutil.rmtree(folder, ignore_errors=True)


def has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def make_cluster(binaries: Binaries, folder: Path, who: dict) -> None:
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


def postgres_command(binaries: Binaries, folder: Path, settings: dict[str, str]) -> list:
    options = [f"--{name}={value}" for name, value in settings.items()]
    return [binaries.postgres / "postgres", "-D", folder / "data", "-k", folder, "-h", "", *options]


def redis_command(binaries: Binaries, folder: Path) -> list:
    return [
        *(binaries.redis, "--port", "0", "--unixsocket", folder / "r.sock", "--dir", folder),
        *("--save", "", "--databases", "64"),  # with a save pending it would refuse to stop
    ]


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
