from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand
from django.db import transaction

from members.factor_secrets import encrypt_all


class Command(BaseCommand):
    help = "Encrypt the secrets of authenticator apps and spare codes with MFA_KEY, also those under an older key."

    @transaction.atomic
    def handle(self, **options):
        self.stdout.write(f"{encrypt_all(Authenticator.objects.select_for_update())} encrypted with MFA_KEY.")
