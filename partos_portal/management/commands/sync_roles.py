from django.contrib.auth.models import Group, Permission
from django.core.management.base import BaseCommand
from django.db import transaction

from partos_portal.roles import ROLES


class Command(BaseCommand):
    help = "Give the roles of the Partos team the rights that partos_portal/roles.py names, no more and no fewer."

    @transaction.atomic
    def handle(self, *, verbosity, **options):
        known = {
            (permission.content_type.app_label, permission.codename): permission
            for permission in Permission.objects.select_related("content_type")
        }
        for name, rights in ROLES.items():
            group, _ = Group.objects.get_or_create(name=name)
            group.permissions.set(
                known[(model.split(".")[0], f"{verb}_{model.split('.')[1]}")]
                for model, verbs in rights.items()
                for verb in verbs
            )
        if verbosity:
            self.stdout.write(f"{len(ROLES)} roles have their rights.")
