"""The portal's own processes, each started and ended by the test itself, on the database of the test's process.

So a test can run two workers or two beats, kill one without a launcher that starts it again after a pause, and read
and write the same rows with the ORM. Ask for the fixture `crew`; its test needs `django_db(transaction=True)`.
"""

import os
import signal
import subprocess
from collections import defaultdict
from pathlib import Path

from django.conf import settings
from django.db import connection

from script.lib import processes, server
from script.lib.trial import ROOT
from tests.harness.waiting import eventually, free_port
from tests.settings import SERVICES

LEASE = 5  # seconds after which the mail of a killed worker is free again
BEAT = 2  # seconds between two beats


class Crew:
    """Workers and beats by name: `worker`, `worker2`, `beat`, `beat2`."""

    def __init__(self, folder: Path, **env: str):
        self.folder = folder
        self.env = os.environ | {
            "DATABASE_URL": database_url(),
            "DJANGO_SETTINGS_MODULE": "tests.quick_beat",
            "BEAT_SECONDS": str(BEAT),
            "MAIL_LEASE_SECONDS": str(LEASE),
            "DEFAULT_FROM_EMAIL": "portaal@portaal.example",
            "HOST": "127.0.0.1",
            "PORT": str(free_port()),
            "PYTHONUNBUFFERED": "1",
            **env,
        }
        self.children: dict[str, subprocess.Popen] = {}
        self.starts: dict[str, int] = defaultdict(int)

    def __enter__(self) -> "Crew":
        for message in (settings.VAR_DIR / "broker").glob("*"):  # of the tests before this one
            message.unlink(missing_ok=True)
        return self

    def __exit__(self, *_) -> None:
        for child in self.children.values():
            if child.poll() is None:
                child.terminate()
        for child in self.children.values():
            processes.await_end(child)

    def start(self, *names: str) -> None:
        """Start these, as script/server does, and wait until each worker listens."""
        begun = {name: len(self.log(name)) for name in names}
        for name in names:
            kind = name.rstrip("0123456789")
            [part] = [part for part in server.parts(self.env) if part.name == kind]
            own = [f"--hostname={name}@%h"] if kind == "worker" else [f"--schedule={self.folder / name}"]
            with (self.folder / f"{name}.log").open("a") as log:
                self.children[name] = processes.start(
                    [*part.command, *own], cwd=ROOT, env=part.env, stdout=log, stderr=subprocess.STDOUT
                )
            self.starts[name] += 1
        for name in names:
            if name.startswith("worker"):
                eventually(lambda name=name: self.is_ready(name, after=begun[name]), within=60, what=name)

    def is_ready(self, name: str, *, after: int) -> bool:
        """Does the worker listen, by its log from there? One that was killed meanwhile counts too, and no other end."""
        said = self.log(name)[after:]
        status = self.children[name].poll()
        assert status in (None, -signal.SIGKILL), said
        return " ready." in said or status is not None

    def log(self, name: str) -> str:
        file = self.folder / f"{name}.log"
        return file.read_text() if file.exists() else ""

    def kill(self, name: str) -> None:
        """kill -9 for one with all that it started; does nothing to who is dead already."""
        if self.children[name].poll() is None:
            processes.kill_group(self.children[name])

    def revive(self) -> bool:
        """Start again who was killed; gives whether somebody was."""
        dead = [name for name, child in self.children.items() if child.poll() is not None]
        self.start(*dead)
        return bool(dead)


def database_url() -> str:
    """The address of the database that this process uses."""
    name = connection.settings_dict["NAME"]
    if "DATABASE_URL" in SERVICES:
        return SERVICES["DATABASE_URL"].rpartition("/")[0] + f"/{name}"
    return f"sqlite:///{name}"
