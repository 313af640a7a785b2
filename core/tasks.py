from celery import shared_task
from django.utils import timezone

from core import delivery
from core.models import Heartbeat


@shared_task(name="core.tick")
def tick():
    Heartbeat.objects.update_or_create(name="beat", defaults={"at": timezone.now()})


@shared_task(name="core.deliver_mail")
def deliver_mail():
    delivery.deliver(clock=timezone.now)
