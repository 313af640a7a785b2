from celery import shared_task
from django.utils import timezone

from sessions_app import reminders


@shared_task(name="sessions_app.queue_reminders")
def queue_reminders():
    reminders.queue_due(now=timezone.now())
