from celery import shared_task
from django.utils import timezone

from core import delivery
from core.models import Heartbeat


@shared_task(name="core.tick")
def tick():
    Heartbeat.objects.update_or_create(name="beat", defaults={"at": timezone.now()})


@shared_task(name="core.deliver_mail")
def deliver_mail():
    """Goes on in a new task while there was much to send, so that thousands do not wait for the next scans."""
    if delivery.deliver(clock=timezone.now) > delivery.BATCH:
        deliver_mail.apply_async(retry=False)
