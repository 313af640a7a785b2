from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from core import streams, texts


class SessionsConfig(AppConfig):
    name = "sessions_app"
    verbose_name = _("Sessions")

    def ready(self):
        from core import audit
        from members import consequences
        from sessions_app.actions.lost_links import CONSEQUENCE
        from sessions_app.streams import HOSTING, NEWS, PROPOSALS, REMINDERS, REQUESTS_AT_MINE, SEAT_REQUESTS
        from sessions_app.verbs import VERBS

        consequences.register(CONSEQUENCE)
        streams.register(REMINDERS, NEWS, HOSTING, REQUESTS_AT_MINE, PROPOSALS, SEAT_REQUESTS)
        audit.register(*VERBS)
        texts.register(
            "sessions_app.Session", "title", "question", "description", "period_wished", "place", "for_whom",
            "reminder_text",
            sender="proposers__person",
        )  # fmt: skip
        texts.register("sessions_app.Series", "title")
        texts.register("sessions_app.CurationNote", "text", sender="author")
        texts.register("sessions_app.SessionChange", "old", "new", sender="author")
        texts.register("sessions_app.Registration", "function", sender="person")
        texts.register("sessions_app.NeedsNote", "text", sender="registration__person")
        texts.register("sessions_app.Invitation", "name", "function", is_name=True)
