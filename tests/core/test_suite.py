"""What script/test tells of itself: what it left out, and on which Python it ran."""

import os
import re
import subprocess
import sys

import pytest

from script.lib import oldest, suite
from script.lib.packages import CannotRun
from script.lib.trial import ROOT


def fake_python(folder, name, version):
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\necho Python {version}\n")
    (folder / name).chmod(0o755)
    return str(folder / name)


def test_the_oldest_python_is_found_also_where_another_stands_first(tmp_path, monkeypatch):
    number = ".".join(map(str, oldest.promised()))
    fake_python(tmp_path / "first", f"python{number}", f"{number}.99")
    second = fake_python(tmp_path / "second", "python3", f"{number}.0")
    fake_python(tmp_path / "third", "python3", "3.99.0")
    folders = [str(tmp_path / name) for name in ("first", "third", "second")]
    monkeypatch.setenv("PATH", os.pathsep.join([*folders, os.environ["PATH"]]))
    assert oldest.find(install=False) == (second, (*oldest.promised(), 0))


def test_a_python_that_is_not_here_is_told_in_the_last_lines_and_stops_a_run_that_installs(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))  # without apt-get
    assert oldest.find(install=False, number=(3, 0)) is None
    with pytest.raises(CannotRun, match=r"python3\.0"):
        oldest.find(install=True, number=(3, 0))
    [told] = suite.warnings(suite.Totals(), has_oldest=False)
    assert told.startswith("*** NOTHING RAN ON PYTHON 3.")
    assert suite.warnings(suite.Totals(), has_oldest=True) == []


def test_the_fast_part_is_there():
    assert len(oldest.FAST_PART) > 12
    assert [path for path in oldest.FAST_PART if not (ROOT / path).exists()] == []


def test_the_promised_python_is_one_number_everywhere():
    number = ".".join(map(str, oldest.promised()))
    project = (ROOT / "pyproject.toml").read_text()
    assert re.findall(r'^(?:target-version|python_version) = "(.*)"', project, re.MULTILINE) == [
        f"py{number.replace('.', '')}",
        number,
    ]
    assert set(re.findall(r"python:([\d.]+)-", (ROOT / "deploy/Containerfile").read_text())) == {number}
    assert f"Python {number} or newer" in (ROOT / "README.md").read_text()
    assert not re.search(r"3\D{1,2}11", (ROOT / "script/bootstrap").read_text() + (ROOT / "script/lock").read_text())


@pytest.mark.parametrize("workers", [[], ["--numprocesses=2"]], ids=["serial", "parallel"])
def test_browser_tests_that_are_left_out_are_counted_also_by_parallel_workers(tmp_path, workers):
    """Two of them, by a run without a browser; what the run hands on is what the last lines of script/test say."""
    left_out = tmp_path / "left-out"
    env = {name: value for name, value in os.environ.items() if name not in ("CHROMIUM", "REQUIRE_BROWSER")}
    env = {name: value for name, value in env.items() if not name.startswith("PYTEST_") or name == "PYTEST_ADDOPTS"}
    env |= {"LEFT_OUT_FILE": str(left_out), "PATH": os.path.dirname(sys.executable), "DATABASE_URL": ""}
    tests = ["tests/journeys/test_weight.py", "tests/core/test_moves.py"]
    command = [sys.executable, "-m", "pytest", "-q", *workers, *tests]
    ran = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout
    number = int(left_out.read_text())
    assert number > 0
    assert f"*** {number} BROWSER TESTS WERE LEFT OUT" in ran.stdout
    totals = suite.Totals()
    totals.add(tmp_path / "no-report", left_out)
    assert any(
        line.startswith(f"*** {number} BROWSER TESTS WERE LEFT OUT") for line in suite.warnings(totals, has_oldest=True)
    )
