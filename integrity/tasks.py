from celery import shared_task
from django.utils import timezone

from integrity import reminders


@shared_task(name="integrity.queue_reminders")
def queue_reminders():
    reminders.queue_due(now=timezone.now())
