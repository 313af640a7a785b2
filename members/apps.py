from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from core import streams, texts


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = _("People and organisations")

    def ready(self):
        from members.streams import REQUESTS, UNANSWERED

        streams.register(REQUESTS, UNANSWERED)
        texts.register("members.User", "name", "function", sender="self", is_name=True)
        texts.register("members.Organisation", "name", is_name=True)
