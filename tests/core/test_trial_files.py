"""The folder of the trial run holds addresses, mails, codes and keys: only its owner reads it."""

import os
import subprocess
import sys

import pytest

from script.lib.trial import ROOT

WRITES = """
from pathlib import Path
from script.lib.trial import environment
env = environment()
folder = Path(env["VAR_DIR"])
(folder / "portal.sqlite3").write_text("")
(folder / "mail" / "new").mkdir(exist_ok=True)
(folder / "mail" / "new" / "1.log").write_text("code")
assert env["SECRET_KEY"] != env["MFA_KEY"]
"""


def modes(folder):
    return {path: oct(path.stat().st_mode & 0o777) for path in (folder, *folder.rglob("*"))}


def start(folder):
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "VAR_DIR": str(folder)}
    subprocess.run([sys.executable, "-c", WRITES], env=env, check=True, cwd=ROOT)


@pytest.mark.parametrize("was_there", [False, True])
def test_only_the_owner_reads_what_the_trial_run_writes(tmp_path, was_there):
    folder = tmp_path / "var"
    if was_there:  # by a version that left them open
        (folder / "mail").mkdir(parents=True)
        (folder / "mail" / "old.log").write_text("code for noor")
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o755)
    start(folder)
    assert {mode[-2:] for mode in modes(folder).values()} == {"00"}, modes(folder)


def test_the_keys_are_the_same_the_next_time(tmp_path):
    keys = []
    for _ in range(2):
        start(tmp_path)
        keys.append([(tmp_path / name).read_text() for name in ("secret_key", "mfa_key")])
    assert keys[0] == keys[1]
