from celery import shared_task
from django.utils import timezone

from quality import reminders


@shared_task(name="quality.queue_reminders")
def queue_reminders():
    reminders.queue_due(now=timezone.now())
