from celery import shared_task
from django.utils import timezone

from sessions_app import reminders
from sessions_app.actions import invitations, planning, registrations, requests, waitlist


@shared_task(name="sessions_app.queue_reminders")
def queue_reminders():
    now = timezone.now()
    reminders.queue_due(now=now)
    reminders.queue_last_calls(now=now)
    reminders.queue_requests(now=now)


@shared_task(name="sessions_app.queue_deadlines")
def queue_deadlines():
    now = timezone.now()
    reminders.queue_few_registrations(now=now)
    reminders.queue_not_open_yet(now=now)
    reminders.queue_waiting_proposals(now=now)


@shared_task(name="sessions_app.forget_dialogues")
def forget_dialogues():
    invitations.forget_due(now=timezone.now())


@shared_task(name="sessions_app.close_registrations")
def close_registrations():
    planning.close_past_deadline(now=timezone.now())


@shared_task(name="sessions_app.release_seats")
def release_seats():
    registrations.release_lost(now=timezone.now())


@shared_task(name="sessions_app.expire_offers")
def expire_offers():
    waitlist.expire_offers(now=timezone.now())


@shared_task(name="sessions_app.answer_requests")
def answer_requests():
    requests.answer_unanswered(now=timezone.now())
