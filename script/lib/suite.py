"""The run behind script/test: every check, then the tests on PostgreSQL with Redis, and on SQLite with files."""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

from script.lib import oldest, processes
from script.lib.packages import CannotRun, find_binaries, find_browser
from script.lib.services import private_services
from script.lib.trial import ROOT

APPS = ["core", "members", "leerlijnen", "sessions_app", "integrity", "quality"]
TOOLS = Path(sys.executable).parent
SERVICES = ["DATABASE_URL", "REDIS_URL"]
NO_TESTS = 5  # pytest's exit status
PRODUCTION = {  # made up, but of the shape that production has
    "TRIAL": "false",
    "SECRET_KEY": "k3Jq9-" * 12,
    "MFA_KEY": "m8Rt4-" * 12,
    "ALLOWED_HOSTS": "portal.example",
    "PORTAL_URL": "https://portal.example",
    "DATABASE_URL": "postgres://portal:secret@database.example/portal",
    "REDIS_URL": "redis://broker.example/0",
    "EMAIL_URL": "smtp+tls://portal:secret@mail.example:587",
    "DEFAULT_FROM_EMAIL": "portal@portal.example",
    "TRUSTED_PROXY_COUNT": "1",
}


def checks() -> dict[str, tuple[list[str], dict[str, str]]]:
    """The checks by name: a command, and what it wants in its environment."""
    python = sys.executable
    tests = {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    typed = [
        f"{app}/{part}" for app in APPS[1:] for part in ("rules", "rules.py", "actions") if (ROOT / app / part).exists()
    ]
    return {
        "ruff check": ([f"{TOOLS}/ruff", "check", "."], {}),
        "ruff format": ([f"{TOOLS}/ruff", "format", "--check", "."], {}),
        "djlint": ([f"{TOOLS}/djlint", "--lint", "--quiet", "templates"], {}),
        "mypy": ([f"{TOOLS}/mypy", "core", *typed], tests),
        "import contracts": ([f"{TOOLS}/lint-imports", "--no-logo"], {"PYTHONPATH": str(ROOT)}),
        "migrations": ([python, "manage.py", "makemigrations", "--check", "--dry-run"], tests),
        "check --deploy": ([python, "manage.py", "check", "--deploy", "--fail-level=WARNING"], PRODUCTION),
        "translations": ([python, "-m", "script.lib.messages", "--check"], {}),
    }


def moment(text: str) -> datetime:
    """What --clock names, UTC: `2028-02-29` at this time of day, `2028-02-29T23:35`, or `23:35` of today.

    Raises ValueError for anything else.
    """
    now = datetime.now(UTC)
    day, _, hour = text.rpartition("T") if ":" in text else (text, "", "")
    return datetime.fromisoformat(f"{day or now.date()}T{hour or now.time()}").replace(tzinfo=UTC)


def with_clock(moment: datetime) -> dict[str, str]:
    """What makes every Python process believe that it is `moment`, and lets its clock tick on from there."""
    path = os.pathsep.join([str(ROOT / "tests/clock"), *filter(None, [os.environ.get("PYTHONPATH")])])
    already = float(os.environ.get("TEST_CLOCK_SHIFT", 0))  # in a test of such a run
    return {
        "PYTHONPATH": path,
        "TEST_CLOCK_SHIFT": str(already + (moment - datetime.now(UTC)).total_seconds()),
        # time_machine has a plugin for pytest, which finds that the clock was imported before it
        "PYTEST_ADDOPTS": "-W 'ignore:Module already imported:pytest.PytestAssertRewriteWarning'",
    }


def run_check(name: str, command: list[str], env: dict[str, str]) -> tuple[str, float, str]:
    """Run one check; gives its name, its seconds, and what it said if it failed."""
    begun = time.monotonic()
    ran = subprocess.run(
        command, cwd=ROOT, env=os.environ | env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    said = ran.stdout.strip() or "it failed without a word"
    return name, time.monotonic() - begun, said if ran.returncode else ""


def run_checks() -> list[str]:
    """Run all checks, two at a time; gives the names of those that failed."""
    failed = []
    with ThreadPoolExecutor(2) as pool:
        for name, seconds, said in pool.map(lambda item: run_check(item[0], *item[1]), checks().items()):
            print(f"{'FAILED' if said else 'ok':<6} {name} ({seconds:.1f} s)", flush=True)
            if said:
                print(said, flush=True)
                failed.append(name)
    return failed


class Totals:
    """How many tests passed and failed, added up over the runs of pytest, and how many browser tests were left out."""

    passed = failed = left_out = 0

    def add(self, report: Path, left_out: Path) -> None:
        if left_out.exists():  # both runs leave out the same ones
            self.left_out = max(self.left_out, int(left_out.read_text()))
        for suite in ElementTree.parse(report).iter("testsuite") if report.exists() else ():
            wrong = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
            self.failed += wrong
            self.passed += int(suite.get("tests", 0)) - wrong - int(suite.get("skipped", 0))


def run_pytest(
    title: str, arguments: list[str], env: dict[str, str], totals: Totals, *, python: str = sys.executable
) -> int:
    """Run pytest in the terminal, with `env` on top of ours ("" takes a variable away); gives its exit status."""
    begun = time.monotonic()
    print(f"\n{title}", flush=True)
    with tempfile.TemporaryDirectory(prefix="portal-") as folder:
        report, left_out = Path(folder) / "report.xml", Path(folder) / "left-out"
        kept = {name: value for name, value in (os.environ | env).items() if value}
        child = processes.start(
            [python, "-m", "pytest", f"--junitxml={report}", *arguments],
            cwd=ROOT,
            env=kept | {"LEFT_OUT_FILE": str(left_out)},  # see tests/conftest.py
        )
        try:
            status = child.wait()
        finally:
            processes.stop(child, number=signal.SIGINT)
        totals.add(report, left_out)
    word = {0: "ok", NO_TESTS: "no test"}.get(status, "FAILED")
    print(f"{word:<6} {title} ({time.monotonic() - begun:.1f} s)", flush=True)
    return status


@contextlib.contextmanager
def services(*, install: bool) -> Iterator[dict[str, str]]:
    """DATABASE_URL and REDIS_URL of servers that the tests may empty: those that were given, or our own."""
    given = {name: os.environ.get(f"TEST_{name}", "") for name in SERVICES}
    if all(given.values()):
        yield given
        return
    with private_services(find_binaries(install=install)) as own:
        yield own | {name: address for name, address in given.items() if address}


def run_tests(arguments: argparse.Namespace, extra: list[str], totals: Totals) -> list[str]:
    """Run the tests on both pairs of services; gives the names of the runs that failed."""
    browser = find_browser(install=arguments.install)
    env = {"PYTHONHASHSEED": "0"}  # the workers of pytest-xdist must see sets in the same order
    if arguments.clock:
        env |= with_clock(arguments.clock)
    if browser:
        env["CHROMIUM"] = browser
    long = [] if arguments.long else ["not long"]
    chosen = [*(["-k", arguments.word] if arguments.word else []), *extra]
    workers = [] if chosen else ["--numprocesses=2", "--dist=worksteal"]
    on_files = [*long, *([] if arguments.long else ["both_pairs"])]
    statuses = {}
    with services(install=arguments.install) as addresses:
        title = "tests on PostgreSQL and Redis"
        marks = f"-m={' and '.join(long)}"
        statuses[title] = run_pytest(title, [*workers, marks, *chosen], env | addresses, totals)
    title = "tests on SQLite and files"
    marks = f"-m={' and '.join(on_files)}"
    statuses[title] = run_pytest(title, [*workers, marks, *chosen], env | dict.fromkeys(SERVICES, ""), totals)
    if set(statuses.values()) == {NO_TESTS}:
        return ["no test was found"]
    return [title for title, status in statuses.items() if status not in (0, NO_TESTS)]


def run_on_oldest(arguments: argparse.Namespace, totals: Totals) -> list[str]:
    """Run the fast part of the tests on the oldest Python that is promised; gives the names of the runs that failed.

    Where it is missing, that is told at the end, and with --install the run stops.
    """
    found = oldest.find(install=arguments.install)
    if found is None or found[1] >= sys.version_info[:3]:  # all of them run on the oldest that is here
        return []
    program, version = found
    title = f"the fast part on Python {'.'.join(map(str, version))}"
    env = {"PYTHONHASHSEED": "0", **dict.fromkeys(SERVICES, "")}
    if arguments.clock:
        env |= with_clock(arguments.clock)
    python = oldest.make_venv(program, version)
    return [title] if run_pytest(title, oldest.FAST_PART, env, totals, python=python) else []


def warnings(totals: Totals, *, has_oldest: bool) -> list[str]:
    """What this run did not test, loudly."""
    told = []
    if not has_oldest:
        number = ".".join(map(str, oldest.promised()))
        told.append(
            f"*** NOTHING RAN ON PYTHON {number}, WHICH IS PROMISED: it is not here; {oldest.HOW_TO_GET_ONE} ***"
        )
    if totals.left_out:
        told.append(f"*** {totals.left_out} BROWSER TESTS WERE LEFT OUT: there is no Chromium; README.md, Testing ***")
    return told


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="script/test",
        allow_abbrev=False,
        description="Check and test everything. What is left over goes to pytest.",
        epilog="With -k or arguments for pytest only the tests run that they choose, and no checks.",
    )
    parser.add_argument("--install", action="store_true", help="as root on Debian or Ubuntu: install what is missing")
    parser.add_argument("--long", action="store_true", help="all tests on both pairs of services, and the long ones")
    parser.add_argument("-k", dest="word", metavar="WORD", help="only the tests whose name has WORD in it")
    parser.add_argument(
        "--clock", type=moment, metavar="DATE", help="run the tests as if it were then, UTC: 2028-02-29T23:35 or a part"
    )
    arguments, extra = parser.parse_known_args()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit("Stopped."))

    begun = time.monotonic()
    totals = Totals()
    failed = [] if arguments.word or extra else run_checks()
    try:
        if not (arguments.word or extra):
            failed += run_on_oldest(arguments, totals)
        failed += run_tests(arguments, extra, totals)
    except CannotRun as error:
        sys.exit(str(error))
    print(f"\n{time.monotonic() - begun:.0f} seconds", *(f"FAILED {name}" for name in failed), sep="\n")
    print(f"{totals.passed} passed, {totals.failed} failed", flush=True)
    for line in warnings(totals, has_oldest=oldest.find(install=False) is not None):
        print(line, flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
