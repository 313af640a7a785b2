from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from leerlijnen.models import Programme
from partos_portal import demo


class Command(BaseCommand):
    help = "Load the demo set: fictional people and sessions, with dates around today. Refused in production."

    @transaction.atomic
    def handle(self, **options):
        if not settings.TRIAL:
            raise CommandError("The demo set is for the trial run; this portal is for real (TRIAL is not set).")
        try:
            sessions = demo.load(now=timezone.now().replace(microsecond=0))
        except Programme.DoesNotExist:
            raise CommandError("Load a programme first: load_programme leerlijnen/data/programme_2026.yaml") from None
        self.stdout.write(f"Demo set: {sessions} sessions, with dates around today. Every name in it is fictional.")
        self.stdout.write("Sign in as noor@horizonhulp.example or sam@horizonhulp.example (the code is in the log).")
