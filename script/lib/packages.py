"""Where PostgreSQL, Redis, Chromium and nginx come from: this machine, or Debian's own packages."""

import contextlib
import dataclasses
import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from script.lib.trial import ROOT

CACHE = ROOT / ".cache"
SERVICES = CACHE / "services"
INSTALLED = "/var/lib/dpkg/status"
BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]


class CannotRun(Exception):
    """One sentence that says what is missing and what to install."""


@dataclasses.dataclass(frozen=True)
class Binaries:
    """The folder of PostgreSQL's programs, Redis' program, and the tree that they were unpacked in, if they were."""

    postgres: Path
    redis: Path
    tree: Path | None = None

    def environment(self) -> dict[str, str]:
        return environment_for(self.tree)

    def reachable_by_all(self, folder: Path) -> "Binaries":
        """As they are, or copied into `folder` when they lie where only their owner may go, as under /root."""
        if not self.tree or all(parent.stat().st_mode & 0o001 for parent in [self.tree, *self.tree.parents]):
            return self
        copy = folder / "programs"
        shutil.copytree(self.tree, copy, symlinks=True)
        copy.chmod(0o755)

        def moved(path: Path) -> Path:
            return copy / path.relative_to(self.tree) if path.is_relative_to(self.tree) else path

        return Binaries(moved(self.postgres), moved(self.redis), copy)


def environment_for(tree: Path | None) -> dict[str, str]:
    """Ours, and where a program that was unpacked in `tree` finds its libraries."""
    env = dict(os.environ)
    if tree:
        folders = [tree / "usr/lib", *tree.glob("usr/lib/*-linux-gnu"), *tree.glob("lib/*-linux-gnu")]
        folders += tree.glob("usr/lib/*-linux-gnu/systemd")  # systemd keeps a library for itself alone
        env["LD_LIBRARY_PATH"] = ":".join(map(str, folders))
    return env


def find_binaries(*, install: bool) -> Binaries:
    """PostgreSQL and Redis of this machine, else unpacked from Debian's packages into .cache/, else installed.

    The system is changed only with `install`. Raises CannotRun when all of that fails.
    """
    found = look() or (unpack("PostgreSQL and Redis", ["postgresql", "redis-server"], SERVICES) and look())
    if not found and install and apt_install("postgresql", "redis-server"):
        found = look()
    if not found:
        raise CannotRun(
            "The tests need PostgreSQL and Redis; install them (on Debian and Ubuntu: sudo apt install postgresql"
            " redis-server), or set TEST_DATABASE_URL and TEST_REDIS_URL to a server that the tests may empty."
        )
    return found


def look() -> Binaries | None:
    """Each of the two from this machine, or else from what was unpacked in .cache/."""
    postgres = postgres_folder("initdb")
    programs = [shutil.which("redis-server"), shutil.which("valkey-server"), SERVICES / "usr/bin/redis-server"]
    redis = next((Path(program) for program in programs if program and Path(program).exists()), None)
    if not (postgres and redis):
        return None
    unpacked = postgres.is_relative_to(SERVICES) or redis.is_relative_to(SERVICES)
    return Binaries(postgres, redis, SERVICES if unpacked else None)


def postgres_folder(program: str) -> Path | None:
    """The folder of PostgreSQL's programs that holds `program`: on PATH, else the newest version that is here."""
    on_path = shutil.which(program)
    folders = [
        *([Path(on_path).resolve().parent] if on_path else []),
        *newest_first(Path("/usr/lib/postgresql").glob("*/bin")),
        *newest_first(SERVICES.glob("usr/lib/postgresql/*/bin")),
    ]
    return next((folder for folder in folders if (folder / program).exists()), None)


def newest_first(paths) -> list[Path]:
    return sorted(paths, key=lambda path: int(path.parent.name), reverse=True)


def unpack(what: str, packages: list[str], tree: Path) -> bool:
    """Fetch Debian's signed packages and unpack them in `tree`, without touching the system; needs no root."""
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        return False
    print(f"Fetching {what} from Debian's packages into .cache/ ...", flush=True)
    state, debs, fresh = CACHE / "apt", CACHE / "debs", tree.with_name(f"{tree.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    for folder in (state / "lists/partial", state / "archives/partial", debs, fresh):
        folder.mkdir(parents=True, exist_ok=True)
    apt = [
        *("apt-get", "-qq", f"-oDir::State={state}", f"-oDir::State::status={INSTALLED}"),
        *(f"-oDir::Cache={state}", "-oDebug::NoLocking=1", "-oAPT::Sandbox::User="),
    ]
    if not quiet([*apt, "update"]):
        return False
    plan = subprocess.run(
        [*apt, "--simulate", "--no-install-recommends", "install", *packages],
        capture_output=True,
        text=True,
    )
    names = re.findall(r"^Inst (\S+)", plan.stdout, re.MULTILINE)
    # What only sets up a system service is of no use here.
    needless = tuple({"perl", "libperl", "systemd", "ssl-cert"} - set(packages))
    names = [name for name in names if not name.startswith(needless)]
    if not names or not quiet([*apt, "download", *names], cwd=debs):
        return False
    if not all(quiet(["dpkg", "-x", deb, fresh]) for deb in debs.glob("*.deb")):
        return False
    shutil.rmtree(tree, ignore_errors=True)
    fresh.rename(tree)
    shutil.rmtree(debs)
    return True


def find_tool(program: str, package: str, *, install: bool) -> tuple[str, dict[str, str]]:
    """One of the programs that check deploy/, and the environment that it wants: from PATH, else from Debian's package.

    It is unpacked into .cache/, which changes nothing else; with `install`, and where that fails, it is installed.
    Raises CannotRun.
    """
    path = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"  # of which only root's has the last two
    tree = CACHE / package

    def look_for_it() -> tuple[str, dict[str, str]] | None:
        if found := shutil.which(program, path=path):
            return found, dict(os.environ)
        unpacked = [folder / program for folder in (tree / "usr/sbin", tree / "usr/bin", tree / "bin")]
        found = next((str(place) for place in unpacked if place.exists()), None)
        return (found, environment_for(tree)) if found else None

    found = look_for_it()
    if not found:
        with taking_turns():  # two workers of pytest-xdist may both miss it
            found = look_for_it() or (unpack(package, [package], tree) and look_for_it())
    if not found and install and apt_install(package):
        found = look_for_it()
    if not found:
        raise CannotRun(f"The tests need {program}; on Debian and Ubuntu: sudo apt install {package}")
    return found


@contextlib.contextmanager
def taking_turns() -> Iterator[None]:
    """One process at a time; the others wait."""
    CACHE.mkdir(exist_ok=True)
    with open(CACHE / "unpack.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def find_browser(*, install: bool) -> str | None:
    """The browser named in CHROMIUM, or one on PATH, or with `install` Debian's; None when browser tests cannot run.

    Raises CannotRun when CHROMIUM names something else than a program.
    """
    named = os.environ.get("CHROMIUM")
    if named and not shutil.which(named):
        raise CannotRun(f"CHROMIUM names {named}, which cannot be run; name another, or leave it out.")
    found = named or first_on_path(BROWSERS)
    if install and not (found and playwright_runs()) and apt_install("chromium", "libatomic1"):
        found = found or first_on_path(BROWSERS)
    return found if playwright_runs() else None


def first_on_path(names: list[str]) -> str | None:
    return next(filter(None, map(shutil.which, names)), None)


def playwright_runs() -> bool:
    """Playwright brings a program of its own that needs libatomic1, which a bare Debian has not."""
    from playwright._impl._driver import compute_driver_executable

    return subprocess.run([compute_driver_executable()[0], "--version"], capture_output=True).returncode == 0


def apt_install(*packages: str) -> bool:
    """Install packages on this system; False when this is not root on Debian or Ubuntu, or when it failed."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    print(f"Installing {', '.join(packages)} ...", flush=True)
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "-qq", "install", "--no-install-recommends", *packages]
    return quiet(command, env=env) or (quiet(["apt-get", "-qq", "update"]) and quiet(command, env=env))


def quiet(command: list, **options) -> bool:
    """Run a command; show what it said only when it failed."""
    ran = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    if ran.returncode:
        print((ran.stderr or ran.stdout).strip()[-2000:], flush=True)
    return ran.returncode == 0
