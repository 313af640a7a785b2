"""Visitors at a steady rate, while the web server takes up new code and is started anew: how many see an error.

As in production, the listening socket is held by somebody else than the web server (systemd there, we here), so that
who comes during a restart waits for it.

    .venv/bin/python -m script.lib.reload --seconds 300 --rate 50
"""

import argparse
import contextlib
import http.client
import itertools
import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from script.lib import processes
from script.lib.packages import find_binaries
from script.lib.server import parts
from script.lib.services import private_services
from script.lib.trial import ROOT, environment

PAGES = ["/programma/2026/", "/en/programma/2026/", "/bijeenkomsten/", "/bijeenkomsten/?taal=nl", "/privacy/"]
VISITORS = 64  # who can be waiting for a page at the same time
PATIENCE = 30.0  # seconds that a visitor waits for a page, and we for new workers


def run(seconds: float = 300, rate: float = 50, *, reloads: int = 3, env: dict[str, str] | None = None) -> dict:
    """Send `rate` visitors a second for `seconds`; meanwhile reload so many times, and restart once at the end.

    On the portal that `env` names, which must be prepared, or else on one of its own with the demo set, on PostgreSQL
    and Redis. Gives counts, and milliseconds from the moment that a visitor was due. An error is any answer but 200.
    """
    with contextlib.ExitStack() as stack:
        if env is None:
            env = stack.enter_context(portal_of_its_own())
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=2048))
        server = WebServer(listener, env)
        stack.callback(server.stop)
        port = listener.getsockname()[1]
        visitors = Visitors(port, pages_of(port), seconds=seconds, rate=rate)
        visitors.start()
        acts = [server.reload] * reloads + [server.restart]
        for number, act in enumerate(acts, start=1):
            visitors.wait_until(seconds * number / (len(acts) + 1))
            act()
        return {**visitors.result(), "reloads": reloads, "restarts": 1}


@contextlib.contextmanager
def portal_of_its_own() -> Iterator[dict[str, str]]:
    with tempfile.TemporaryDirectory(prefix="portal-") as folder, private_services(find_binaries(install=False)) as own:
        env = environment() | own | {"VAR_DIR": folder, "STATIC_ROOT": str(ROOT / ".cache/static")}
        for name in ("mail", "media"):
            (Path(folder) / name).mkdir()
        code = "from script.lib.prepare import prepare; prepare(demo=True)"
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)
        yield env


class WebServer:
    """The web server of script/server, on a socket that it did not open itself."""

    def __init__(self, listener: socket.socket, env: dict[str, str]):
        self.listener, self.env = listener, env
        self.start()

    def start(self) -> None:
        command = parts(self.env | {"HOST": "127.0.0.1", "PORT": "0"})[0].command
        number = self.listener.fileno()
        command = [word for word in command if not word.startswith("--bind=")] + [f"--bind=fd://{number}"]
        self.master = processes.start(command, cwd=ROOT, env=self.env, pass_fds=[number])
        self.await_new_workers(set())

    def workers(self) -> set[str]:
        return set(Path(f"/proc/{self.master.pid}/task/{self.master.pid}/children").read_text().split())

    def await_new_workers(self, old: set[str]) -> None:
        """Until there are two or more workers and none of the old. Raises TimeoutError."""
        until = time.monotonic() + PATIENCE
        while len(now := self.workers()) < 2 or now & old:
            if time.monotonic() > until:
                raise TimeoutError("the web server has no new workers")
            time.sleep(0.05)

    def reload(self) -> None:
        """As `systemctl reload portal-web`."""
        old = self.workers()
        self.master.send_signal(signal.SIGHUP)
        self.await_new_workers(old)

    def restart(self) -> None:
        """As `systemctl restart portal-web`."""
        self.stop()
        self.start()

    def stop(self) -> None:
        processes.stop(self.master, patience=PATIENCE)


class Visitors:
    """Come at a steady rate, whether or not those before them were served; each with a connection of its own."""

    def __init__(self, port: int, pages: list[str], *, seconds: float, rate: float):
        self.port, self.rate = port, rate
        self.pages = itertools.cycle(pages)
        self.turns = iter(range(int(seconds * rate)))
        self.lock = threading.Lock()
        self.waited: list[float] = []
        self.errors: list[str] = []
        self.threads = [threading.Thread(target=self.come, daemon=True) for _ in range(VISITORS)]

    def start(self) -> None:
        self.begun = time.monotonic()
        for thread in self.threads:
            thread.start()

    def wait_until(self, second: float) -> None:
        time.sleep(max(0.0, self.begun + second - time.monotonic()))

    def come(self) -> None:
        while True:
            with self.lock:
                turn, page = next(self.turns, None), next(self.pages)
            if turn is None:
                return
            due = turn / self.rate
            self.wait_until(due)
            error = visit(self.port, page)
            with self.lock:
                self.waited.append(time.monotonic() - self.begun - due)
                if error:
                    self.errors.append(f"{due:.1f} s {page}: {error}")

    def result(self) -> dict:
        for thread in self.threads:
            thread.join()
        share = statistics.quantiles(self.waited, n=100)
        return {
            "visitors": len(self.waited),
            "errors": len(self.errors),
            "p50_ms": round(share[49] * 1000, 1),
            "p99_ms": round(share[98] * 1000, 1),
            "longest_ms": round(max(self.waited) * 1000, 1),
            "first_errors": self.errors[:10],
        }


def visit(port: int, page: str) -> str:
    """Fetch a page to its last byte; gives what went wrong."""
    try:
        status, body = fetch(port, page)
    except (OSError, http.client.HTTPException) as error:
        return repr(error)
    return "" if status == 200 and body.rstrip().endswith(b"</html>") else f"status {status}, {len(body)} bytes"


def fetch(port: int, page: str) -> tuple[int, bytes]:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
        connection.request("GET", page, headers={"Host": "localhost"})
        response = connection.getresponse()
        return response.status, response.read()


def pages_of(port: int) -> list[str]:
    """What visitors look at: fixed pages, and those of a few sessions."""
    sessions = sorted(set(re.findall(r'href="(/bijeenkomsten/\d+/)"', fetch(port, "/bijeenkomsten/")[1].decode())))
    return PAGES + sessions[:4]


def main() -> None:
    parser = argparse.ArgumentParser(description="Count the errors that visitors see while the web server reloads.")
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--rate", type=float, default=50, help="visitors a second")
    parser.add_argument("--reloads", type=int, default=3)
    arguments = parser.parse_args()
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    result = run(arguments.seconds, arguments.rate, reloads=arguments.reloads)
    print(json.dumps(result, indent=1))
    sys.exit(1 if result["errors"] else 0)


if __name__ == "__main__":
    main()
