"""What the tests of planning share."""

from core.models import OutgoingMail
from sessions_app.actions import planning
from sessions_app.rules import SessionState
from tests.factories.sessions import SessionFactory

S = SessionState
WHY = {"reason": "De spreker is ziek."}


def accepted(**fields):
    return SessionFactory(state=S.ACCEPTED, starts_at=None, capacity=None, place="", **fields)


def plan(session, schedule, staff, now, **fields):
    fields = {"for_whom": "Programmamedewerkers", "audience": "members", "admission": "direct",
              "confidentiality": "internal"} | fields  # fmt: skip
    return planning.plan(session=session, schedule=schedule, actor=staff, now=now, **fields)


def kinds_of_mail():
    return list(OutgoingMail.objects.order_by("pk").values_list("kind", flat=True))
