from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core.moves import Refused
from leerlijnen.actions import programmes
from leerlijnen.loading import InvalidFile, read_programme


class Command(BaseCommand):
    help = "Load a year's programme from a YAML file. A second run changes nothing."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--reset",
            action="store_true",
            help="Put explanations and colours back as the file has them, also where the team changed them.",
        )

    def handle(self, *, file, reset, verbosity, **options):
        try:
            source = read_programme(file.read_text(encoding="utf-8"))
            tally = programmes.load(source, actor=None, now=timezone.now(), reset=reset)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
        except UnicodeDecodeError:
            raise CommandError(f"{file} is not a text file in UTF-8.") from None
        except InvalidFile as error:
            raise CommandError(f"{file} was not loaded. Mend this first:\n{error}") from None
        except Refused as refusal:
            raise CommandError(f"{file} was not loaded. {refusal.reason}") from None
        if verbosity:
            title = source["programme"]["document_title"]
            rows = ", ".join(f"{number} {what}" for what, number in sorted(tally.items()))
            self.stdout.write(f"{title}: {rows}." if rows else f"{title}: nothing changed.")
