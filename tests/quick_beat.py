"""Settings of a portal whose beat strikes every few seconds, for tests that would wait a minute for it."""

import os

from partos_portal.settings import *  # noqa: F403  # the point of this file

for entry in CELERY_BEAT_SCHEDULE.values():  # noqa: F405
    if isinstance(entry["schedule"], float):  # what comes at night stays for the night
        entry["schedule"] = float(os.environ.get("BEAT_SECONDS", "4"))
