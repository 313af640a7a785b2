"""`script/test --clock` runs the tests as if it were another day."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from script.lib.suite import moment, with_clock
from script.lib.trial import ROOT

SOON = timedelta(minutes=1)


def test_a_clock_is_a_day_a_time_or_both():
    now = datetime.now(UTC)
    assert moment("2028-02-29T23:35") == datetime(2028, 2, 29, 23, 35, tzinfo=UTC)
    assert (moment("23:35").hour, moment("23:35").minute, moment("23:35").date()) == (23, 35, now.date())
    leap = moment("2028-02-29")
    assert leap.date().isoformat() == "2028-02-29"
    assert abs(leap.replace(year=now.year, month=now.month, day=now.day) - now) < SOON


@pytest.mark.parametrize("typed", ["tomorrow", "2027-02-29", "25:00", "T10:00:"])
def test_anything_else_is_refused(typed):
    with pytest.raises(ValueError):  # noqa: PT011  # argparse makes its sentence of it
        moment(typed)


def test_every_process_of_the_run_has_that_clock_and_it_ticks():
    """Also one that such a process starts, as script/server starts the portal's."""
    code = "import datetime, subprocess, sys; print(datetime.datetime.now(datetime.UTC).isoformat(), flush=True);"
    child = f'{code} subprocess.run([sys.executable, "-c", {code!r}], check=True)'
    then = datetime(2028, 2, 29, 23, 35, tzinfo=UTC)
    env = os.environ | with_clock(then)
    ran = subprocess.run([sys.executable, "-c", child], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    first, second = map(datetime.fromisoformat, ran.stdout.split())
    assert then < first < second < then + SOON
