"""Moves the clock of each Python process of a test run: `script/test --clock` puts this folder on PYTHONPATH.

Python imports a module of this name by itself as it starts, so the portals, workers and commands that tests start have
the same clock as the tests. It ticks on. PostgreSQL, Redis and the browser keep the time of the machine; no row and no
answer of the portal takes a moment from them.
"""

import os
import time

import time_machine

time_machine.travel(time.time() + float(os.environ["TEST_CLOCK_SHIFT"]), tick=True).start()
