import logging

from celery import shared_task
from django.utils import timezone

from core import clocks, delivery
from core.models import Heartbeat

log = logging.getLogger(__name__)


@shared_task(name="core.tick")
def tick():
    now = timezone.now()
    clocks.mend(now=now)
    Heartbeat.objects.update_or_create(name="beat", defaults={"at": now})


@shared_task(name="core.deliver_mail")
def deliver_mail():
    """Goes on in a new task while there was much to send, so that thousands do not wait for the next scans."""
    if delivery.deliver(clock=timezone.now) > delivery.BATCH:
        wake()


def wake() -> None:
    """Send the worker its message. A broker that fails costs a line in the log and at most a minute's delay.

    Whatever goes wrong: what was committed stays done, and is not answered with an error.
    """
    try:
        deliver_mail.apply_async(retry=False)
    except Exception as error:  # away, full, not writable, or a file of it torn by a power cut
        log.warning("the broker cannot be reached, the next scan sends this mail: %s", type(error).__name__)
