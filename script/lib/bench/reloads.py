"""Visitors at a steady rate, while new code is loaded three times and the web server is started anew."""

import json
import subprocess
import sys
from collections.abc import Iterator

from script.lib.bench.client import Clients
from script.lib.bench.figures import Figure, exactly
from script.lib.bench.portal import Bench
from script.lib.trial import ROOT

SECONDS, RATE = 300, 50


def visitors(bench: Bench, clients: Clients, *, rounds: int, seconds: float) -> Iterator[Figure]:
    """On a portal of its own, with the demo set; `rounds` and `seconds` are for the other parts."""
    command = [sys.executable, "-m", "script.lib.reload", f"--seconds={SECONDS}", f"--rate={RATE}"]
    ran = subprocess.run(command, cwd=ROOT, env=bench.outside, stdout=subprocess.PIPE, text=True)
    found = json.loads(ran.stdout)
    name = f"{RATE} visitors/s for {SECONDS} s, {found['reloads']} reloads, {found['restarts']} restart"
    yield Figure(name, found["visitors"], "visitors", target=exactly(SECONDS * RATE))
    yield Figure(f"{name}, errors", found["errors"], "visitors", target=exactly(0))
    yield Figure(f"{name}, p99", found["p99_ms"], "ms")
    yield Figure(f"{name}, longest", found["longest_ms"], "ms")
