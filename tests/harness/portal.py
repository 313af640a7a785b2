"""A real portal for a test: script/server's own processes on a free port, with data that nobody else touches."""

import contextlib
import http.client
import itertools
import json
import os
import signal
import subprocess
from pathlib import Path

from script.lib import processes
from script.lib.trial import ROOT
from tests.harness.waiting import eventually, free_port
from tests.settings import SERVICES, WORKER, redis_database

START = 90  # seconds; the first start of a run collects the static files
numbers = itertools.count()


class Portal:
    """Runs on the pair of services that the test run has: PostgreSQL and Redis, or SQLite and files.

    `with` makes its database and takes it away again; start() and stop() may follow each other. `folder` must be empty.
    """

    def __init__(self, folder: Path, **env: str):
        self.folder = folder
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.log = folder / "portal.log"
        self.launcher: subprocess.Popen | None = None
        ours = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "PORTAL_URL")
        self.env = {name: value for name, value in os.environ.items() if name not in ours}
        self.env |= {
            "PORT": str(self.port),
            "VAR_DIR": str(folder / "var"),
            "STATIC_ROOT": str(ROOT / ".cache/static"),  # collected once for all tests
            "MAIL_UNDO_MINUTES": "0",  # no journey but that of undoing waits for it
        }
        self.database = f"portal_{WORKER}_{next(numbers)}"
        if "DATABASE_URL" in SERVICES:
            self.env["DATABASE_URL"] = SERVICES["DATABASE_URL"].rpartition("/")[0] + f"/{self.database}"
        if "REDIS_URL" in SERVICES:
            self.env["REDIS_URL"] = redis_database(SERVICES["REDIS_URL"], 2 * WORKER + 1)
        self.env |= env

    def __enter__(self) -> "Portal":
        if "DATABASE_URL" in SERVICES:
            administer(f"CREATE DATABASE {self.database}")
        self.empty_broker()
        return self

    def __exit__(self, *_) -> None:
        self.stop()
        if "DATABASE_URL" in SERVICES:
            administer(f"DROP DATABASE {self.database} WITH (FORCE)")

    def start(self, *arguments: str) -> None:
        """Run script/server with these arguments until it answers."""
        with self.log.open("a") as log:
            self.launcher = processes.start(
                [str(ROOT / "script/server"), *arguments], env=self.env, stdout=log, stderr=subprocess.STDOUT
            )
        try:
            eventually(self.is_up, within=START, what=f"an answer at {self.url}")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.log.read_text()}") from None

    def is_up(self) -> bool:
        assert self.launcher is not None
        if self.launcher.poll() is not None:
            raise AssertionError("script/server ended")
        try:
            self.health()
        except OSError:
            return False
        return True

    def health(self) -> dict:
        """What /healthz tells."""
        with contextlib.closing(http.client.HTTPConnection("localhost", self.port, timeout=10)) as connection:
            connection.request("GET", "/healthz")
            return json.loads(connection.getresponse().read())

    def stop(self) -> int | None:
        """Ctrl-C; gives the launcher's exit status."""
        if self.launcher is None:
            return None
        processes.stop(self.launcher, number=signal.SIGINT, patience=30)
        return self.launcher.returncode

    def pid(self, part: str) -> int:
        """The process of `web`, `worker` or `beat`."""
        return int((self.folder / f"var/{part}.pid").read_text())

    def kill(self, part: str = "worker") -> None:
        """kill -9 for one part with all that it started; the launcher starts it again."""
        old = self.pid(part)
        os.killpg(old, signal.SIGKILL)
        eventually(lambda: self.pid(part) != old, within=60, what=f"a new {part}")

    def empty_broker(self) -> None:
        """Lose every message that waits in the broker."""
        if "REDIS_URL" in SERVICES:
            import redis

            with redis.Redis.from_url(self.env["REDIS_URL"]) as client:
                client.flushdb()
        for message in (self.folder / "var/broker").glob("*"):
            message.unlink(missing_ok=True)

    def manage(self, *arguments: str) -> str:
        """Run a management command in this portal; gives what it printed."""
        command = [ROOT / "script/manage", *arguments]
        ran = subprocess.run(command, env=self.env, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def python(self, code: str) -> str:
        """Run code in this portal, as in `manage.py shell`; gives what it printed."""
        return self.manage("shell", "--no-imports", "--command", code)


def is_alive(pid: int) -> bool:
    """Does the process run? One that ended and that nobody asked after yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def administer(statement: str) -> None:
    """One statement outside any database of ours and outside a transaction."""
    import environ
    import psycopg2

    config = environ.Env.db_url_config(SERVICES["DATABASE_URL"])
    names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    connection = psycopg2.connect(**{name: config[key] or None for name, key in names.items()})
    connection.autocommit = True
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute(statement)
