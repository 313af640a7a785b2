from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from core import streams, texts


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = _("People and organisations")

    def ready(self):
        from core import audit
        from members import sign_in_trail
        from members.streams import REQUESTS, UNANSWERED
        from members.verbs import VERBS

        streams.register(REQUESTS, UNANSWERED)
        audit.register(*VERBS)
        sign_in_trail.connect()
        texts.register("members.User", "name", "function", sender="self", is_name=True)
        texts.register("members.Organisation", "name", is_name=True)
