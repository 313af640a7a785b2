from celery import shared_task
from django.utils import timezone

from partos_portal import retention


@shared_task(name="partos_portal.retain")
def retain():
    retention.retain(now=timezone.now())
