import socket
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(look: Callable[[], T], *, within: float, what: str = "") -> T:
    """Look until there is something to see, and give it; fails after `within` seconds."""
    until = time.monotonic() + within
    while not (seen := look()):
        if time.monotonic() > until:
            raise AssertionError(f"not within {within:g} seconds: {what or getattr(look, '__name__', look)}")
        time.sleep(0.1)
    return seen


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
