from celery import shared_task
from django.utils import timezone

from leerlijnen import reminders
from leerlijnen.actions import groups


@shared_task(name="leerlijnen.answer_requests")
def answer_requests():
    now = timezone.now()
    groups.answer_unanswered(now=now)
    reminders.queue_unanswered(now=now)
