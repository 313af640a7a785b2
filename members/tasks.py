from celery import shared_task

from members.actions import accounts


@shared_task(name="members.forget_last_mails")
def forget_last_mails():
    accounts.forget_last_mails()
