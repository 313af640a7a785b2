"""What staff do with sessions can be taken back while its mails wait (core.acts)."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Q

from core import acts
from core.acts import Watch
from core.models import Act
from members.models import User
from sessions_app.actions.session_state import STEPS_BACK, check_curates, record
from sessions_app.models import (
    CurationNote,
    Guest,
    Hosting,
    Invitation,
    Proposer,
    Registration,
    Series,
    SeriesMembership,
    Session,
)
from sessions_app.rules import CHANGEABLE

Outcome = TypeVar("Outcome")
SESSION = (
    *("state", "ended_from", "starts_at", "ends_at", "dated_at", "date_dropped_at", "cancelled_at", "doors_open_at"),
    *("form", "place", "online_link", "capacity", "capacity_online", "registration_deadline", "sequence"),
    *("for_whom", "audience", "admission", "confidentiality", "activity", "learning_line", "track", "merged_into"),
    "series",
)
REGISTRATION = ("state", "ended_from", "form", "wished_form", "wished_at", "offered_until", "room_changes")
INVITATION = ("state",)
LINK = ("nonce", "link_is_spent", "device", "sent_at")  # of an invitation
IN_CALENDARS = (Registration, Invitation)


def watched(keys: list[int], *, whole_series: bool = False, with_words: bool = False) -> list[Watch]:
    """All that an act on these sessions may change, with `whole_series` on all dates of their series.

    What is written about a session counts `with_words` only: else it may be corrected meanwhile.
    """
    series = Series.objects.filter(pk__in=Session.objects.filter(pk__in=keys).values("series"))
    of_them = Q(pk__in=keys) | Q(series__in=series) if whole_series else Q(pk__in=keys)
    sessions = Session.objects.filter(of_them)
    own = {"session__in": sessions.order_by()}
    fields = tuple(dict.fromkeys((*SESSION, *sorted(CHANGEABLE)))) if with_words else SESSION
    roles = Session.partos_roles.through._default_manager.filter(**own)
    return [
        Watch(series if whole_series else series.none(), ("title", "registration"), ("changed_at",)),
        Watch(sessions, fields, ("changed_at",)),
        Watch(Guest.objects.filter(**own), ("language",)),
        Watch(Registration.objects.filter(**own), REGISTRATION, ("changed_at",)),
        Watch(
            SeriesMembership.objects.filter(series__in=series),
            ("series", "person", "organisation", "since"),
            is_whole=True,
        ),
        Watch(Invitation.objects.filter(**own), INVITATION, LINK),
        Watch(Hosting.objects.filter(**own), ("part", "organisation")),
        Watch(Proposer.objects.filter(**own), ("organisation",)),
        Watch(CurationNote.objects.filter(**own), ("kind",)),
        Watch(roles if with_words else roles.none(), ("partosrole",)),
    ]


@transaction.atomic
def together(
    act: Callable[[], Outcome],
    *,
    name: str,
    sessions: Iterable[int],
    actor: User,
    now: datetime,
    whole_series: bool = False,
    with_words: bool = False,
    only_with_mails: bool = False,
) -> Outcome:
    """Do `act`, which changes what hangs on these sessions, so that all of it can be taken back while its mails wait.

    `name` tells what it is. Raises what `act` raises.
    """
    keys = sorted(set(sessions))
    if not keys:
        return act()
    scope: dict[str, Any] = {"whole_series": whole_series, "with_words": with_words}
    _hold(keys, whole_series=whole_series)
    target = Session.objects.get(pk=keys[0])
    who: dict[str, Any] = {"actor": actor, "now": now}
    with acts.doing(
        name, target, lambda: watched(keys, **scope), only_with_mails=only_with_mails, **who, sessions=keys, **scope
    ):
        return act()


def do(act: Callable[..., Any], *, session: Session, actor: User, now: datetime, name: str, **arguments: Any) -> Any:
    """Make a move of a session so that it can be taken back while its mails wait; raises what the move raises.

    `name` is that of the move. Merging locks the other session too, the lower key first.
    """
    other = arguments.get("into")
    who: dict[str, Any] = {"actor": actor, "now": now}
    keys = [session.pk, *([other.pk] if other else [])]
    return together(lambda: act(session=session, **arguments, **who), name=name, sessions=keys, **who)


def waiting(*, now: datetime, sessions: Iterable[int] | None = None) -> list[Act]:
    """The acts whose mails still wait, the newest first; of these sessions, or of all. `about` is the first of each."""
    chosen = None if sessions is None else set(sessions)
    rows: list[Any] = [
        row
        for row in acts.waiting(now=now)
        if "sessions" in row.codes and (chosen is None or chosen & set(row.codes["sessions"]))
    ]
    about = Session.objects.in_bulk({row.target_id for row in rows}) if rows else {}
    for row in rows:
        row.about = about.get(row.target_id)
    return rows


@transaction.atomic
def undo(*, act: int, actor: User, now: datetime) -> Session:
    """Put all that an act changed, and waiting mails, as they were before it; gives the first session it was about.

    Its number for calendars goes up, not back. Nobody was mailed, but feeds have shown the other date meanwhile, and a
    calendar that keeps the highest number it saw would take no lower one. Raises ActRefused when the mails have left
    or something changed since, and SessionRefused for who is not programme staff.
    """
    check_curates(actor)
    row = Act.objects.filter(pk=act, target_type=Session._meta.label_lower).first()
    if row is None:
        raise acts.ActRefused(acts.TOO_LATE)
    keys: list[int] = row.codes["sessions"]
    scope = {name: bool(row.codes.get(name)) for name in ("whole_series", "with_words")}
    _hold([*keys, *row.created.get(Session._meta.label_lower, [])], whole_series=scope["whole_series"])
    row = acts.locked(act, now=now)
    changed = {int(pk) for pk in row.changes.get(Session._meta.label_lower, {})} | {row.target_id}
    in_calendars = {
        session
        for model in IN_CALENDARS
        for session in model._default_manager.filter(pk__in=row.changes.get(model._meta.label_lower, {})).values_list(
            "session", flat=True
        )
    }
    shown = dict(Session.objects.filter(pk__in=changed | in_calendars).values_list("pk", "sequence"))
    acts.take_back(row, watched(keys, **scope))
    for session in Session.objects.filter(pk__in=shown).order_by("pk"):
        session.changed_at = now
        if session.sequence != shown[session.pk] or session.pk in in_calendars:
            session.sequence = shown[session.pk] + STEPS_BACK
        session.save(update_fields=["changed_at", "sequence"])
        record("session.undone", session, actor=actor, now=now, move=row.verb)
    return Session.objects.get(pk=row.target_id)


def send_now(*, act: int, actor: User, now: datetime) -> int:
    """Let the mails of an act leave at once; gives their number. Raises as `undo` does."""
    check_curates(actor)
    return acts.send_now(act, now=now)


def _hold(keys: list[int], *, whole_series: bool) -> None:
    """Lock as the actions do: series before their sessions, the lower key first. What is gone meanwhile is left out."""
    sessions = Session.objects.filter(pk__in=keys)
    if whole_series:
        series = Series.objects.filter(pk__in=sessions.order_by().values("series")).order_by("pk")
        list(series.select_for_update(of=("self",)))
        sessions = Session.objects.filter(Q(pk__in=keys) | Q(series__in=[row.pk for row in series]))
    Session.objects.lock_all(sessions.order_by().values("pk"))
