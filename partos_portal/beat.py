"""Beat's own memory of what ran when, and what becomes of it when the clock was wrong."""

import contextlib
import logging
from datetime import timedelta

from celery.beat import PersistentScheduler

from core.clocks import MARGIN

log = logging.getLogger(__name__)


class CarefulScheduler(PersistentScheduler):
    """Counts as never run what ran in the future: a clock that was wrong and was set right.

    Else beat would wait for that moment, and nothing would leave until then. Looked at as it starts, and each time that
    it wakes, which is once a minute at least (settings.CELERY_BEAT_MAX_LOOP_INTERVAL). A schedule file that cannot be
    read, as after a power cut, is thrown away: it keeps no state that matters.
    """

    def setup_schedule(self):
        try:
            super().setup_schedule()
        except Exception as error:  # whatever a torn file makes of its reader; Celery itself knows some
            log.warning("the schedule file cannot be read and is thrown away: %s", type(error).__name__)
            with contextlib.suppress(Exception):
                self._store.close()
            self._remove_db()
            super().setup_schedule()
        self.forget_the_future()

    def tick(self, *args, **kwargs):
        self.forget_the_future()
        return super().tick(*args, **kwargs)

    def forget_the_future(self) -> None:
        now = self.app.now()
        wrong = [entry for entry in self.schedule.values() if entry.last_run_at and entry.last_run_at > now + MARGIN]
        for entry in wrong:
            entry.last_run_at = now - timedelta(days=1)  # so that it is due: every task does nothing when run twice
        if wrong:
            log.warning("the clock was set back: %s tasks count as never run", len(wrong))
            self._heap = None  # it is in the order of the moments that were wrong
            self.sync()
