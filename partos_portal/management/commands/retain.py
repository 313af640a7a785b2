from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from partos_portal import retention


class Command(BaseCommand):
    help = "End what has been kept long enough, as happens each night; with --dry-run only tell how much that is."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="change nothing")

    def handle(self, *, dry_run, **options):
        now = timezone.now()
        if dry_run:
            for period, number in retention.numbers_due(now=now):
                kept_since = f"{now - period.keep:%Y-%m-%d %H:%M}"
                self.stdout.write(f"{number:>8}  {period.kind:<20} {period.then:<7} before {kept_since}")
            return
        runs = retention.retain(now=now)
        for run in runs:
            self.stdout.write(f"{run.number:>8}  {run.kind:<20} {'failed' if run.has_failed else 'done'}")
        if any(run.has_failed for run in runs):
            raise CommandError("Not everything could be ended; the log tells which error it was.")
