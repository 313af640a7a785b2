"""The launcher behind script/server: prepares, starts web, worker and beat, and keeps them running until Ctrl-C."""

import argparse
import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from script.lib import port, processes
from script.lib.prepare import prepare
from script.lib.trial import ROOT, CannotStart, environment

LONGEST_PAUSE = 30.0  # seconds before a part that keeps dying is started again
SETTLED = 60.0  # seconds after which a part counts as healthy


class Stop(KeyboardInterrupt):
    """Ctrl-C, SIGTERM, or nobody reads our output any more."""


class Part:
    """One of the portal's processes: its command, its output with its name in front, and its restarts."""

    def __init__(self, name: str, command: list[str], env: dict[str, str]):
        self.name, self.command, self.env = name, command, env
        self.child: subprocess.Popen | None = None
        self.deaths = 0
        self.due = 0.0

    def start(self) -> None:
        self.child = processes.start(
            self.command,
            cwd=ROOT,
            env=self.env,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.started = time.monotonic()
        self.due = 0.0
        self.write_pid()
        say(f"{self.name:<6} | started (process {self.child.pid})")
        threading.Thread(target=self.relay, args=[self.child.stdout], daemon=True).start()

    def write_pid(self) -> None:
        """Leave the process number in VAR_DIR/<name>.pid, whole at any moment: others read it during a restart."""
        file = Path(self.env["VAR_DIR"]) / f"{self.name}.pid"
        fresh = file.with_suffix(".pid.new")
        fresh.write_text(f"{self.child.pid}\n")
        fresh.replace(file)

    def relay(self, lines) -> None:
        for line in lines:
            say(f"{self.name:<6} | {line.rstrip()}")

    def tend(self) -> None:
        """Start the part again after it died: at once, then after 1, 2, 4 … seconds while it keeps dying."""
        now = time.monotonic()
        if self.due:
            if now >= self.due:
                self.start()
            return
        if self.child is None or self.child.poll() is None:
            return
        processes.kill_group(self.child)  # what it had started itself
        self.deaths = 0 if now - self.started > SETTLED else self.deaths + 1
        pause = min(LONGEST_PAUSE, 2.0 ** (self.deaths - 2)) if self.deaths > 1 else 0.0
        status = self.child.returncode
        say(f"{self.name:<6} | ended unexpectedly (status {status}); starting again in {pause:g} seconds")
        self.due = now + pause

    def terminate(self) -> None:
        if self.child and self.child.poll() is None:
            self.child.terminate()

    def await_end(self) -> None:
        if self.child:
            processes.await_end(self.child)


def say(text: str) -> None:
    try:
        print(text, flush=True)
    except BrokenPipeError:
        os.kill(os.getpid(), signal.SIGTERM)


def parts(env: dict[str, str]) -> list[Part]:
    env = env | {"PYTHONWARNINGS": "ignore:You're running the worker with superuser"}  # a trial in a container does
    celery = [sys.executable, "-m", "celery", "--quiet", "--app=partos_portal"]
    # The filesystem transport loses and stalls with any other pool than solo.
    pool = ["--pool=prefork", "--concurrency=2"] if env.get("REDIS_URL") else ["--pool=solo"]
    return [
        Part("web", [
            sys.executable, "-m", "gunicorn", "partos_portal.wsgi", "--config=deploy/gunicorn.conf.py",
            f"--bind={env['HOST']}:{env['PORT']}", "--workers=2",
        ], env),
        Part("worker", [*celery, "worker", *pool, "--loglevel=INFO", "--without-gossip", "--without-mingle"], env),
        Part("beat", [*celery, "beat", "--loglevel=INFO", "--pidfile="], env),
    ]  # fmt: skip


def answers(env: dict[str, str]) -> bool:
    connection = http.client.HTTPConnection(env["HOST"], int(env["PORT"]), timeout=10)
    try:
        connection.request("GET", "/privacy/", headers={"Host": "localhost"})
        connection.getresponse().read()
    except OSError:
        return False
    finally:
        connection.close()
    return True


def welcome(env: dict[str, str]) -> str:
    mail = (env.get("EMAIL_URL") and "to the server in EMAIL_URL") or f"in files under {env['VAR_DIR']}/mail/"
    return f"""
The portal is open at {env["PORTAL_URL"]}/  (English: {env["PORTAL_URL"]}/en/)

  first staff account   script/manage createsuperuser   and then sign in at {env["PORTAL_URL"]}/admin/
  outgoing mail         {mail}, and in the admin's list of outgoing mail
  login codes           in this log as well, on lines that begin with "web"
  stop                  Ctrl-C
"""


def run(env: dict[str, str]) -> None:
    """Keep the parts running; returns only by Stop."""
    running = parts(env)
    try:
        for part in running:
            part.start()
        welcomed = False
        while True:
            if not welcomed and answers(env):
                say(welcome(env))
                welcomed = True
            time.sleep(0.2)
            for part in running:
                part.tend()
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        for part in running:  # all at once, and then wait for each
            part.terminate()
        for part in running:
            part.await_end()


def interrupt(number, frame):
    raise Stop


def main() -> None:
    parser = argparse.ArgumentParser(prog="script/server", description="Run the portal on this machine.")
    parser.add_argument("--demo", action="store_true", help="load the demo set first: fictional people and sessions")
    arguments = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    try:
        env = environment()
        env.setdefault("HOST", "127.0.0.1")
        port.check(env["HOST"], int(env["PORT"]), sys.argv[1:])
        os.environ.update(env)
        prepare(demo=arguments.demo)
        run(env)
    except CannotStart as error:
        sys.exit(str(error))
    except Stop:
        say("The portal has stopped.")


if __name__ == "__main__":
    main()
