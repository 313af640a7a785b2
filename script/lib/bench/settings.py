"""The portal's settings, with the floors mounted behind the same middleware."""

import os

from partos_portal.settings import *  # noqa: F403
from partos_portal.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "script.lib.bench"]
ROOT_URLCONF = "script.lib.bench.urls"
BENCH_STATEMENTS = os.environ["BENCH_STATEMENTS"]  # file with the SQL of the pages, for the floors
