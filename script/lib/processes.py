"""Child processes that never outlive the one that started them."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

PR_SET_PDEATHSIG = 1


def dies_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """For `preexec_fn`: Linux sends `number` to the child when the thread that started it is gone, even by kill -9."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)  # loaded here, because after the fork loading is not safe

    def before_exec() -> None:
        libc.prctl(PR_SET_PDEATHSIG, number)

    return before_exec


def start(command: list[str], *, death: signal.Signals = signal.SIGTERM, **options: Any) -> subprocess.Popen:
    """Start a child in a session of its own, so that a Ctrl-C in the terminal reaches only its parent."""
    return subprocess.Popen(command, start_new_session=True, preexec_fn=dies_with_parent(death), **options)


def stop(child: subprocess.Popen, *, number: signal.Signals = signal.SIGTERM, patience: float = 10) -> None:
    """Ask a child to end, and see to it that it does."""
    if child.poll() is None:
        child.send_signal(number)
    await_end(child, patience=patience)


def await_end(child: subprocess.Popen, *, patience: float = 10) -> None:
    """Wait for a child that was asked to end; after `patience` seconds end it and all that it started."""
    try:
        child.wait(patience)
    except subprocess.TimeoutExpired:
        kill_group(child)
        child.wait()


def kill_group(child: subprocess.Popen) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
