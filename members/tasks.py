from celery import shared_task
from django.utils import timezone

from core import digest
from members.actions import accounts


@shared_task(name="members.forget_last_mails")
def forget_last_mails():
    accounts.forget_last_mails()


@shared_task(name="members.make_digests")
def make_digests():
    digest.make_due(now=timezone.now())
