from celery import shared_task
from django.utils import timezone

from core import digest
from members import reminders
from members.actions import accounts, affiliations, organisations


@shared_task(name="members.forget_last_mails")
def forget_last_mails():
    accounts.forget_last_mails()


@shared_task(name="members.make_digests")
def make_digests():
    digest.make_due(now=timezone.now())


@shared_task(name="members.answer_requests")
def answer_requests():
    now = timezone.now()
    affiliations.answer_unanswered(now=now)
    organisations.answer_unanswered_domains(now=now)
    reminders.queue_unanswered(now=now)


@shared_task(name="members.end_memberships")
def end_memberships():
    now = timezone.now()
    organisations.end_memberships(now=now)
    reminders.queue_ending_memberships(now=now)
