"""What staff do with a session can be taken back while its mails wait (core.acts)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction

from core import acts
from core.acts import Watch
from core.models import Act
from members.models import User
from sessions_app.actions.session_state import STEPS_BACK, check_curates, record
from sessions_app.models import CurationNote, Guest, Hosting, Invitation, Proposer, Registration, Session

SESSION = (
    *("state", "ended_from", "starts_at", "ends_at", "dated_at", "date_dropped_at", "cancelled_at", "doors_open_at"),
    *("form", "place", "online_link", "capacity", "capacity_online", "registration_deadline", "sequence"),
    *("for_whom", "audience", "admission", "confidentiality", "activity", "learning_line", "track", "merged_into"),
    "series",
)
REGISTRATION = ("state", "ended_from", "form", "wished_form", "wished_at", "offered_until", "room_changes")
INVITATION = ("state",)


def watched(sessions: list[int]) -> list[Watch]:
    """All that a move of these sessions may change."""
    own = {"session__in": sessions}
    return [
        Watch(Session.objects.filter(pk__in=sessions), SESSION, ("changed_at",)),
        Watch(Guest.objects.filter(**own), ("language",)),
        Watch(Registration.objects.filter(**own), REGISTRATION, ("changed_at",)),
        Watch(Invitation.objects.filter(**own), INVITATION),
        Watch(Hosting.objects.filter(**own), ("part", "organisation")),
        Watch(Proposer.objects.filter(**own), ("organisation",)),
        Watch(CurationNote.objects.filter(**own), ("kind",)),
    ]


@transaction.atomic
def do(act: Callable[..., Any], *, session: Session, actor: User, now: datetime, name: str, **arguments: Any) -> Any:
    """Make a move of a session so that it can be taken back while its mails wait; raises what the move raises.

    `name` is that of the move. Merging locks the other session too, the lower key first.
    """
    other = arguments.get("into")
    keys = sorted({session.pk, *([other.pk] if other else [])})
    for pk in keys:
        Session.objects.locked(pk)
    with acts.doing(name, session, lambda: watched(keys), actor=actor, now=now, sessions=keys):
        return act(session=session, **arguments, actor=actor, now=now)


@transaction.atomic
def undo(*, act: int, actor: User, now: datetime) -> Session:
    """Put session, registrations and waiting mails as they were before an act; gives the session that it was about.

    Its number for calendars goes up, not back. Nobody was mailed, but feeds have shown the other date meanwhile, and a
    calendar that keeps the highest number it saw would take no lower one. Raises ActRefused when the mails have left
    or something changed since, and SessionRefused for who is not programme staff.
    """
    check_curates(actor)
    row = Act.objects.filter(pk=act, target_type=Session._meta.label_lower).first()
    if row is None:
        raise acts.ActRefused(acts.TOO_LATE)
    keys: list[int] = row.codes["sessions"]
    for pk in keys:
        Session.objects.locked(pk)
    row = acts.locked(act, now=now)
    shown = {pk: Session.objects.get(pk=pk).sequence for pk in keys}
    acts.take_back(row, watched(keys))
    for pk in keys:
        session = Session.objects.get(pk=pk)
        session.changed_at = now
        if session.sequence != shown[pk]:
            session.sequence = shown[pk] + STEPS_BACK
        session.save(update_fields=["changed_at", "sequence"])
        record("session.undone", session, actor=actor, now=now, move=row.verb)
    return Session.objects.get(pk=row.target_id)


def send_now(*, act: int, actor: User, now: datetime) -> int:
    """Let the mails of an act leave at once; gives their number. Raises as `undo` does."""
    check_curates(actor)
    return acts.send_now(act, now=now)
