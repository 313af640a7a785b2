"""The oldest Python that the portal promises to run on: where it is, and a venv for the fast part of the tests.

Another one often stands first on PATH, and what it has beyond the promised one would be missed. The number is
`requires-python` in pyproject.toml.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from script.lib.packages import CACHE, CannotRun, apt_install, quiet
from script.lib.trial import ROOT

VENV = CACHE / "oldest"
REQUIREMENTS = [ROOT / "requirements.txt", ROOT / "requirements-dev.txt"]
# Seconds, without a portal, a browser or a server: pure rules, what core promises, files that are packed and unpacked.
FAST_PART = [
    *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests").glob("*/test_rules.py")),
    *(f"tests/core/test_{name}.py" for name in ("audit", "cache", "checks", "dates", "moves", "settings")),
    *(f"tests/core/test_{name}.py" for name in ("outbox", "portal_tags", "refusals", "spreadsheets")),
    *(
        "tests/partos_portal/test_archive.py",
        "tests/partos_portal/watch/test_healthz.py",
        "tests/leerlijnen/test_loading.py",
        "tests/sessions_app/test_repetition.py",
    ),
]
HOW_TO_GET_ONE = "on Debian 12 and its like: sudo apt install python3"


def promised() -> tuple[int, ...]:
    """Such as (3, 11)."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return tuple(map(int, project["requires-python"].removeprefix(">=").split(".")))


def find(*, install: bool, number: tuple[int, ...] | None = None) -> tuple[str, tuple[int, ...]] | None:
    """The program and its whole version; None when there is none of `number`, the promised one.

    With `install` Debian's is installed; raises CannotRun when that fails.
    """
    number = number or promised()
    name = f"python{'.'.join(map(str, number))}"
    found = look(name, number)
    if not found and install and not (apt_install(name) and (found := look(name, number))):
        raise CannotRun(f"The tests need {name}, the oldest that the portal promises to run on; {HOW_TO_GET_ONE}")
    return found


def look(name: str, number: tuple[int, ...]) -> tuple[str, tuple[int, ...]] | None:
    """The oldest of that name in all folders of PATH, not only the first."""
    folders = dict.fromkeys([*os.environ.get("PATH", os.defpath).split(os.pathsep), "/usr/local/bin", "/usr/bin"])
    versions = {}
    for folder in filter(None, folders):
        for program in (f"{folder}/{name}", f"{folder}/python3"):
            if (version := version_of(program)) and version[:2] == number:
                versions[program] = version
    return min(versions.items(), key=lambda item: item[1]) if versions else None


def version_of(program: str) -> tuple[int, ...] | None:
    if not shutil.which(program):
        return None
    ran = subprocess.run([program, "--version"], capture_output=True, text=True)
    numbers = re.fullmatch(r"Python (\d+)\.(\d+)\.(\d+)\S*\s*", ran.stdout)
    return tuple(map(int, numbers.groups())) if numbers else None


def make_venv(program: str, version: tuple[int, ...]) -> str:
    """A venv of this Python with what the tests need; gives its program. Made anew only when something changed.

    Beside a .venv of the same number it borrows the packages from there, which takes a second: what was built for one
    3.11 runs on each. Else they are installed. Raises CannotRun.
    """
    ours = Path(sys.prefix).resolve()
    borrows = sys.version_info[:2] == version[:2]
    wanted = f"{program} {version} {ours if borrows else [path.read_text() for path in REQUIREMENTS]}"
    stamp, python = VENV / "made-of", VENV / "bin/python"
    checksum = hashlib.sha256(wanted.encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == checksum and python.exists():
        return str(python)
    if not quiet([program, "-m", "venv", "--clear", *(["--without-pip"] if borrows else []), VENV]):
        raise CannotRun(f"{program} could not make {VENV}; see above. On Debian: sudo apt install python3-venv")
    if borrows:
        [packages] = VENV.glob("lib/python*/site-packages")
        [lent] = ours.glob(f"lib/{packages.parent.name}/site-packages")
        (packages / "lent.pth").write_text(f"{lent}\n")
    else:
        print(f"Installing what the tests need for {program} into .cache/ ...", flush=True)
        if not quiet([python, "-m", "pip", "install", "-q", "--require-hashes", *(f"-r{it}" for it in REQUIREMENTS)]):
            raise CannotRun(f"pip could not install what the tests need for {program}; see above.")
    stamp.write_text(checksum)
    return str(python)
