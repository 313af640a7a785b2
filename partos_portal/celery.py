import os

from celery import Celery
from celery.signals import beat_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "partos_portal.settings")

app = Celery("partos_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@beat_init.connect
def catch_up(**_):
    """Do at the start what beat would do for the first time a minute later: tick, and send what waited."""
    for name in ("core.tick", "core.deliver_mail"):
        app.send_task(name, expires=60)
