"""From an accepted session to one that was held: date, registration, moving, postponing, cancelling (domain.md 4.1).

Every change locks the session row first; whatever may free a seat ends in `waitlist.fill_seats`.
"""

from collections import Counter
from collections.abc import Iterable
from copy import copy
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import mail
from leerlijnen.models import PartosRole
from members.models import User
from sessions_app.actions import attendance, series_registrations, waitlist
from sessions_app.actions.session_state import (
    SessionRefused,
    check_curates,
    check_gaps,
    check_move,
    check_reason,
    content_lead_kinds,
    drop_date,
    record,
    write_move,
    write_note,
)
from sessions_app.mails import invitations as invitation_mails
from sessions_app.mails import news, organisers
from sessions_app.mails import registrations as mails
from sessions_app.models import CurationNote, Registration, Session
from sessions_app.rules import (
    DATED,
    LIVE,
    UPCOMING,
    Admission,
    Audience,
    Confidentiality,
    Form,
    Gap,
    HostingPart,
    RegistrationState,
    SessionState,
    has_member_content_lead,
    open_gaps,
    plan_gaps,
)

OPENED = (SessionState.OPEN, SessionState.INVITING, SessionState.CLOSED)


@dataclass(frozen=True)
class Schedule:
    """When and where; what everyone who registered is told when it changes."""

    starts_at: datetime | None
    ends_at: datetime | None
    form: str
    place: str = ""
    online_link: str = ""
    doors_open_at: datetime | None = None
    registration_deadline: datetime | None = None
    capacity: int | None = None
    capacity_online: int | None = None


# What makes it a move: a change of one of these raises the number of the calendar files and is mailed to all.
TOLD = ("starts_at", "ends_at", "form", "place", "online_link", "doors_open_at")
# What staff may correct without telling everyone; date, form and place change by moving, states by their own actions.
CHANGEABLE = frozenset(
    {
        *("title", "question", "description", "language", "for_whom", "audience", "admission", "confidentiality"),
        *("registration_deadline", "doors_open_at", "online_link", "capacity", "capacity_online", "activity"),
        *("learning_line", "track", "workstream", "offer_hours", "most_per_organisation"),
    }
)


@transaction.atomic
def plan(
    *,
    session: Session,
    schedule: Schedule,
    for_whom: str,
    audience: str = "",
    admission: str = "",
    confidentiality: str = "",
    past_is_meant: bool = False,
    actor: User,
    now: datetime,
) -> Session:
    """Give an accepted session its date and place; its hosts and proposers are told, and who kept a seat.

    A leadership dialogue is for who is invited, whatever was asked. Raises SessionRefused naming the field: something
    that domain.md 4.1 asks is missing, or the date has passed and `past_is_meant` does not say that this is recorded
    afterwards.
    """
    session = _locked(session, actor)
    check_move(session, SessionState.PLANNED)
    check_not_past(schedule, past_is_meant=past_is_meant, now=now)
    switched = _set_schedule(session, schedule, now=now)
    session.for_whom = for_whom
    session.audience, session.admission, session.confidentiality = audience, admission, confidentiality
    _keep_by_invitation(session)
    _check_plan(session)
    # A calendar that got an earlier date, or heard that it was off, takes only a higher number (RFC 5546).
    session.sequence += 1 if session.date_dropped_at else 0
    session.date_dropped_at = None
    write_move(session, SessionState.PLANNED, actor=actor, now=now)
    waitlist.renew_offers(session, now=now)
    mails.session_moved(session, _live_registrations(session), switched, now=now)
    invitation_mails.dialogue_changed(session, "moved", now=now)  # invited before it was postponed
    if session.ends_at and session.ends_at > now:
        organisers.told(session, "planned", now=now)
    return session


@transaction.atomic
def change(
    *,
    session: Session,
    changes: dict[str, Any],
    partos_roles: Iterable[PartosRole] | None = None,
    actor: User,
    now: datetime,
) -> Session:
    """Correct what hangs on no date: words, audience, deadline, seats. `changes` holds values of CHANGEABLE.

    More seats go to the first in line at once; fewer than are taken throw nobody out. Raises SessionRefused when a
    session with a date would lack something that it needs or become a dialogue or none, when one that has opened
    would lack what opening asks, and when no role of Partos would be left.
    """
    session = _locked(session, actor)
    if unknown := set(changes) - CHANGEABLE:
        raise ValueError(f"not to be changed like this: {sorted(unknown)}")
    was_dialogue = session.is_dialogue
    for field, value in changes.items():
        setattr(session, field, value)
    if session.state in DATED:
        if session.is_dialogue != was_dialogue:
            raise SessionRefused(
                _("A session with a date does not become a dialogue, or stop being one."), field="track"
            )
        _keep_by_invitation(session)
        _check_plan(session)
    check_gaps(change_gaps(session, changes, now=now))
    if partos_roles is not None:
        if not partos_roles:
            raise SessionRefused(_("Choose at least one of the four roles of Partos."), field="partos_roles")
        session.partos_roles.set(partos_roles)
        changes = changes | {"partos_roles": partos_roles}
    session.changed_at = now
    session.save()
    record("session.changed", session, actor=actor, now=now, fields="+".join(sorted(changes))[:80])
    waitlist.fill_seats(session, actor=actor, now=now)
    return session


def change_gaps(session: Session, changes: Iterable[str], *, now: datetime) -> list[Gap]:
    """What a session that has opened would lack after a correction of the fields `changes`; refuses nothing itself.

    That its deadline or start has passed is no gap, unless the deadline itself is corrected: words may still be.
    """
    if session.state not in OPENED:
        return []
    passing = {"starts_at"} | ({"registration_deadline"} if session.is_dialogue else set())
    gaps = [gap for gap in opening_gaps(session, now=now) if gap.field not in passing]
    if session.state == SessionState.OPEN and "registration_deadline" in changes:
        gaps += _deadline_gaps(session, now=now)
    return gaps


def _deadline_gaps(session: Session, *, now: datetime) -> list[Gap]:
    if session.registration_deadline is None or session.registration_deadline > now:
        return []
    return [Gap("registration_deadline", _("The registration deadline has passed; choose a later one."))]


@transaction.atomic
def open_registration(*, session: Session, actor: User, now: datetime) -> Session:
    """Open a planned session for registration, or a closed one again.

    Who is on its series as a whole is registered for it.

    Raises SessionRefused, at its field, without a content lead from a member or partner, with Partos as content lead,
    without facilitator, audience, admission, confidentiality or deadline, and for a leadership dialogue.
    """
    session = _locked(session, actor)
    check_move(session, SessionState.OPEN)
    if session.is_dialogue:
        raise SessionRefused(_("A leadership dialogue is by invitation; nobody registers for it."))
    check_gaps(opening_gaps(session, now=now) + _deadline_gaps(session, now=now))
    write_move(session, SessionState.OPEN, actor=actor, now=now)
    news.opened(session, now=now)
    waitlist.fill_seats(session, actor=actor, now=now)
    series_registrations.bring_along(session, actor=actor, now=now)
    return session


def opening_gaps(session: Session, *, now: datetime) -> list[Gap]:
    """What a session lacks before people can register; refuses nothing itself. Two queries."""
    return open_gaps(
        content_lead_kinds=content_lead_kinds(session),
        has_facilitator=session.hostings.filter(part=HostingPart.FACILITATE).exists(),
        audience=session.audience,
        admission=session.admission,
        confidentiality=session.confidentiality,
        registration_deadline=session.registration_deadline,
        starts_at=session.starts_at,
        now=now,
    )


@transaction.atomic
def start_inviting(*, session: Session, actor: User | None, now: datetime) -> Session:
    """Let the invitations of a planned leadership dialogue go out.

    Raises SessionRefused for any other session, and as opening does, but for the deadline: each answers until the end.
    """
    session = _locked(session, actor)
    check_move(session, SessionState.INVITING)
    if not session.is_dialogue:
        raise SessionRefused(_("Only a leadership dialogue is by invitation."))
    check_gaps([gap for gap in opening_gaps(session, now=now) if gap.field != "registration_deadline"])
    write_move(session, SessionState.INVITING, actor=actor, now=now)
    return session


@transaction.atomic
def close(*, session: Session, actor: User | None, now: datetime) -> Session:
    """End registration, or the inviting to a dialogue; the queue stays, and freed seats still go to the first."""
    session = _locked(session, actor)
    check_move(session, SessionState.CLOSED)
    write_move(session, SessionState.CLOSED, actor=actor, now=now)
    news.withdraw(session)
    return session


@transaction.atomic
def move(*, session: Session, schedule: Schedule, actor: User, now: datetime) -> Session:
    """Give a session another date, form or place; its state stays, and everyone concerned is told.

    Nobody loses a seat, also when the new form has fewer of them (`overfull` tells). Raises SessionRefused for a date
    that has passed, when something is missing, and when none of TOLD changed: the rest is corrected by `change`.
    """
    session = _locked(session, actor)
    if session.state not in UPCOMING:
        raise SessionRefused(_("Only a session that is still to come can be moved."))
    if all(getattr(session, field) == getattr(schedule, field) for field in TOLD):
        raise SessionRefused(_("Nothing has changed; choose another date, time or place."))
    check_not_past(schedule, past_is_meant=False, now=now)
    before = copy(session)
    attendance.forget(session)
    switched = _set_schedule(session, schedule, now=now)
    _check_plan(session)
    session.sequence += 1
    session.changed_at = now
    session.save()
    _withdraw_reminders(session)
    waitlist.renew_offers(session, now=now)
    record("session.moved", session, actor=actor, now=now, sequence=session.sequence)
    mails.session_moved(session, _live_registrations(session), switched, before=before, now=now)
    invitation_mails.dialogue_changed(session, "moved", before=before, now=now)
    organisers.told(session, "moved", now=now)
    news.redated(session, now=now)
    waitlist.fill_seats(session, actor=actor, now=now)
    return session


@transaction.atomic
def postpone(*, session: Session, reason: str, actor: User, now: datetime) -> Session:
    """Drop the date, back to accepted. Who registered or waits keeps the place; everyone concerned is told."""
    session = _locked(session, actor)
    if session.state not in UPCOMING:
        raise SessionRefused(_("Only a session that is still to come can be postponed."))
    check_reason(reason)
    note = write_note(session, CurationNote.Kind.REASON, reason, actor=actor, now=now)
    session.sequence += 1
    session.changed_at = now
    before = copy(session)
    attendance.forget(session)
    drop_date(session, now=now)
    write_move(session, SessionState.ACCEPTED, actor=actor, now=now)
    _withdraw_reminders(session)
    news.withdraw(session)
    mails.session_postponed(session, _live_registrations(session), before, note.text, now=now)
    invitation_mails.dialogue_changed(session, "postponed", before=before, now=now)
    organisers.told(session, "postponed", reason=note.text, now=now)
    return session


@transaction.atomic
def cancel(*, session: Session, reason: str, actor: User, now: datetime) -> Session:
    """Call a session off for good: every registration ends, and everyone concerned is told why.

    What was postponed is called off in the same way. Raises MoveRefused once it was held or has ended otherwise.
    """
    session = _locked(session, actor)
    check_move(session, SessionState.CANCELLED)
    check_reason(reason)
    note = write_note(session, CurationNote.Kind.REASON, reason, actor=actor, now=now)
    session.sequence += 1
    write_move(session, SessionState.CANCELLED, actor=actor, now=now)
    _withdraw_reminders(session)
    attendance.forget(session)
    news.withdraw(session)
    told = _live_registrations(session)
    session.registrations.filter(state__in=LIVE).update(state=RegistrationState.CANCELLED, changed_at=now)
    record("session.registrations_cancelled", session, actor=actor, now=now, number=len(told))
    mails.session_cancelled(session, told, note.text, now=now)
    invitation_mails.dialogue_changed(session, "cancelled", now=now)
    organisers.told(session, "cancelled", reason=note.text, now=now)
    return session


@transaction.atomic
def mark_held(*, session: Session, actor: User, now: datetime) -> Session:
    """Say that a session took place; straight from planned it records a past one.

    Raises SessionRefused before its end, and without a content lead from a member or partner.
    """
    session = _locked(session, actor)
    check_move(session, SessionState.HELD)
    if session.ends_at and session.ends_at > now:
        raise SessionRefused(_("This session has not ended yet."))
    if not has_member_content_lead(content_lead_kinds(session)):
        raise SessionRefused(_("A member or partner must lead the content."), field="content_lead")
    write_move(session, SessionState.HELD, actor=actor, now=now)
    return session


def check_not_past(schedule: Schedule, *, past_is_meant: bool, now: datetime) -> None:
    """Raise SessionRefused for a date that has passed, unless staff say that they record it afterwards."""
    if schedule.starts_at and schedule.starts_at <= now and not past_is_meant:
        raise SessionRefused(_("This date has passed. Choose a date that is still to come."), field="starts_at")


def overfull(session: Session, schedule: Schedule) -> list[tuple[int, int]]:
    """Where `schedule` has fewer seats than people hold: pairs of seats held and seats. One query."""
    held = Counter(session.registrations.holding_seat().values_list("form", flat=True))
    rooms = [(held.total(), schedule.capacity)]
    if schedule.form == Form.HYBRID:
        rooms = [(held[Form.ON_SITE], schedule.capacity), (held[Form.ONLINE], schedule.capacity_online)]
    return [(taken, seats) for taken, seats in rooms if seats is not None and taken > seats]


def _locked(session: Session, actor: User | None) -> Session:
    check_curates(actor)
    return Session.objects.locked(session.pk)


def _set_schedule(session: Session, schedule: Schedule, *, now: datetime) -> set[int]:
    """Also the form in which people attend: a session of one form has only that. Gives whose form that changed."""
    for field, value in asdict(schedule).items():
        setattr(session, field, value)
    session.dated_at = now
    if schedule.form not in (Form.ON_SITE, Form.ONLINE):
        return set()
    session.registrations.wishing().update(wished_form="", wished_at=None)  # there is no other room any more
    others = session.registrations.live().exclude(form=schedule.form)
    switched = set(others.values_list("pk", flat=True))
    others.update(form=schedule.form)
    return switched


def _keep_by_invitation(session: Session) -> None:
    """A leadership dialogue is for who is invited, whatever is asked (domain.md 4.1)."""
    if session.is_dialogue:
        session.audience, session.admission = Audience.INVITED, Admission.INVITATION
        session.confidentiality = session.confidentiality or Confidentiality.CHATHAM_HOUSE


def _check_plan(session: Session) -> None:
    check_gaps(
        plan_gaps(
            starts_at=session.starts_at,
            ends_at=session.ends_at,
            form=session.form,
            place=session.place,
            online_link=session.online_link,
            capacity=session.capacity,
            capacity_online=session.capacity_online,
            for_whom=session.for_whom,
            is_dialogue=session.is_dialogue,
        )
    )
    deadline = session.registration_deadline
    if deadline and session.starts_at and deadline > session.starts_at:
        raise SessionRefused(_("Registration must close before the session starts."), field="registration_deadline")


def _live_registrations(session: Session) -> list[Registration]:
    return list(session.registrations.live().select_related("person"))


def _withdraw_reminders(session: Session) -> None:
    mail.withdraw(f"session:{session.pk}:reminder:")


def close_past_deadline(*, now: datetime) -> int:
    """End registration where the deadline or the start has passed; gives the number. One transaction a session."""
    return sum(close_if_past_deadline(session=session, now=now) for session in Session.objects.past_deadline(now))


@transaction.atomic
def close_if_past_deadline(*, session: Session, now: datetime) -> bool:
    """End registration, unless staff gave it a later deadline or closed it meanwhile; tells whether it did."""
    session = Session.objects.locked(session.pk)
    if not Session.objects.past_deadline(now).filter(pk=session.pk).exists():
        return False
    close(session=session, actor=None, now=now)
    return True
