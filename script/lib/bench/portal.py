"""The portals that are measured: services, databases, web servers, a worker, and a mail server that keeps nothing."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2

from script.lib import processes
from script.lib.bench.figures import Figure, at_most
from script.lib.packages import find_binaries
from script.lib.server import parts
from script.lib.services import private_servers
from script.lib.trial import ROOT

DURABLE = {"max_connections": "100"}  # for the rest as PostgreSQL comes: what is committed is on disk
PATIENCE = 60.0
PRODUCTION = {  # as production is set up behind a proxy, with made-up names
    "DJANGO_SETTINGS_MODULE": "script.lib.bench.settings",
    "TRIAL": "false",
    "SECRET_KEY": "k3Jq9-" * 12,
    "MFA_KEY": "m8Rt4-" * 12,
    "ALLOWED_HOSTS": "portal.example",
    "PORTAL_URL": "https://portal.example",
    "DEFAULT_FROM_EMAIL": "portal@portal.example",
    "TRUSTED_PROXY_COUNT": "1",
    "STATIC_ROOT": str(ROOT / ".cache/static"),
    "HOST": "127.0.0.1",
    "PYTHONWARNINGS": "ignore:You're running the worker with superuser",
}


class Bench:
    """What runs for one run of the bench. Everything that it starts ends with `stack`."""

    def __init__(self, stack: contextlib.ExitStack):
        self.stack = stack
        self.outside = dict(os.environ)  # before a portal of the bench moves in
        self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-", dir="/tmp")))
        self.statements = self.folder / "statements.json"
        self.statements.write_text("{}")
        servers = stack.enter_context(private_servers(find_binaries(install=False), settings=DURABLE))
        self.services, self.sockets = servers.addresses, servers.folder
        self.sink = self.start_sink()
        self.databases: list[str] = []
        self.webs: dict[str, Web] = {}
        self.worker_memory = 0.0

    def start_sink(self) -> int:
        child = processes.start([sys.executable, "-m", "script.lib.bench.sink"], cwd=ROOT, stdout=subprocess.PIPE)
        self.stack.callback(processes.stop, child)
        return int(child.stdout.readline())

    def environment(self, name: str) -> dict[str, str]:
        """Of the portal on this database; each has a part of Redis to itself."""
        return {
            **os.environ,
            **PRODUCTION,
            "LOG_LEVEL": "INFO",  # a line for each request, as in production; ours are in files
            "DATABASE_URL": self.services["DATABASE_URL"].removesuffix("/postgres") + f"/{name}",
            "REDIS_URL": self.services["REDIS_URL"].replace("db=0", f"db={self.databases.index(name)}"),
            "EMAIL_URL": f"smtp://127.0.0.1:{self.sink}",
            "VAR_DIR": str(self.folder),
            "BENCH_STATEMENTS": str(self.statements),
        }

    def make_database(self, name: str, *load: str, like: str = "template1") -> None:
        """A copy of the database `like`, with rows of `bench.data`."""
        connection = psycopg2.connect(host=str(self.sockets), user="postgres", dbname="postgres")
        connection.autocommit = True
        with contextlib.closing(connection), connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name} TEMPLATE {like}")
        self.databases.append(name)
        command = [sys.executable, "-m", "script.lib.bench.data", *load]
        subprocess.run(command, cwd=ROOT, env=self.environment(name), check=True, stdout=subprocess.DEVNULL)

    def web(self, name: str) -> "Web":
        """The web server on this database, started at its first use."""
        if name not in self.webs:
            self.webs[name] = self.stack.enter_context(Web(self.environment(name), self.folder / f"web-{name}.log"))
        return self.webs[name]

    def renew(self, name: str) -> None:
        """Replace the web server's workers, so that they read the floors' statements anew."""
        if name in self.webs:
            self.webs[name].reload()

    def memory_figures(self) -> Iterator[Figure]:
        """What the processes held at the end of all that they were made to do in this run."""
        if "portal" in self.webs:
            yield Figure(
                "memory of a web worker", memory(self.webs["portal"].master.pid), "MB RSS", target=at_most(150)
            )
        if self.worker_memory:
            yield Figure("memory of the Celery worker", self.worker_memory, "MB RSS", target=at_most(170))

    def note_worker(self, worker: subprocess.Popen) -> None:
        self.worker_memory = memory(worker.pid)

    @contextlib.contextmanager
    def worker(self, name: str) -> Iterator[subprocess.Popen]:
        """A Celery worker with two processes, as script/server starts it, without beat."""
        command = parts(self.environment(name) | {"PORT": "0"})[1].command
        log = self.folder / "worker.log"
        with open(log, "w") as output:
            child = processes.start(
                command, cwd=ROOT, env=self.environment(name), stdout=output, stderr=subprocess.STDOUT
            )
        try:
            await_true(lambda: " ready." in log.read_text(), child, log)
            yield child
        finally:
            processes.stop(child, patience=PATIENCE)


class Web:
    """gunicorn with two sync workers, as script/server starts it.

    It replaces no worker after a number of requests, because floors reach that number sooner than pages do.
    """

    def __init__(self, env: dict[str, str], log: Path):
        self.env, self.log = env, log

    def __enter__(self) -> "Web":
        command = parts(self.env | {"PORT": "0"})[0].command
        command += ["--max-requests=0", "--max-requests-jitter=0", "--log-level=info"]
        with open(self.log, "w") as output:
            self.master = processes.start(command, cwd=ROOT, env=self.env, stdout=output, stderr=subprocess.STDOUT)
        await_true(lambda: self.log.read_text().count("Booting worker") == 2, self.master, self.log)
        address = next(line for line in self.log.read_text().splitlines() if "Listening at" in line)
        self.port = int(address.partition("127.0.0.1:")[2].split()[0])
        return self

    def reload(self) -> None:
        before = self.log.read_text().count("Booting worker")
        self.master.send_signal(signal.SIGHUP)
        await_true(lambda: self.log.read_text().count("Worker exiting") >= before, self.master, self.log)
        await_true(lambda: self.log.read_text().count("Booting worker") == before + 2, self.master, self.log)

    def __exit__(self, *_) -> None:
        processes.stop(self.master, patience=PATIENCE)


def await_true(question, child: subprocess.Popen, log: Path) -> None:
    """Until `question` says yes. Raises RuntimeError, with the end of the log, when the child ends or takes long."""
    until = time.monotonic() + PATIENCE
    while not question():
        if child.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"a process did not start:\n{log.read_text()[-2000:]}")
        time.sleep(0.05)


def memory(pid: int) -> float:
    """The megabytes that this process holds (RSS), or the largest of its children when they hold more."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return max(resident(number) for number in [str(pid), *children])


def resident(number: str) -> float:
    status = Path(f"/proc/{number}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:"))) / 1000
