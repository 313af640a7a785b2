"""A session gets a date, moves, is postponed or called off, and was held (domain.md 4.1)."""

from collections import Counter
from copy import copy
from dataclasses import asdict
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from members.models import User
from sessions_app.actions import attendance, waitlist
from sessions_app.actions.planning.deadlines import moved_along, with_deadline
from sessions_app.actions.planning.schedules import Schedule
from sessions_app.actions.session_state import (
    SessionRefused,
    check_gaps,
    check_move,
    check_reason,
    check_years,
    content_lead_kinds,
    drop_date,
    locked,
    record,
    write_move,
    write_note,
)
from sessions_app.mails import guests as guest_mails
from sessions_app.mails import invitations as invitation_mails
from sessions_app.mails import news, organisers
from sessions_app.mails import registrations as mails
from sessions_app.mails import series as series_mails
from sessions_app.models import CurationNote, Registration, Session
from sessions_app.rules import (
    LIVE,
    UPCOMING,
    Admission,
    Audience,
    Confidentiality,
    Form,
    RegistrationState,
    SessionState,
    has_member_content_lead,
    plan_gaps,
)

# What makes it a move: a change of one of these raises the number of the calendar files and is mailed to all.
TOLD = ("starts_at", "ends_at", "form", "place", "online_link", "doors_open_at")


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

    A leadership dialogue is for who is invited, whatever was asked. Without a deadline in `schedule` one can register
    until the working day before. Raises SessionRefused naming the field: something
    that domain.md 4.1 asks is missing, or the date has passed and `past_is_meant` does not say that this is recorded
    afterwards.
    """
    session = locked(session, actor)
    check_move(session, SessionState.PLANNED)
    check_years(now, **schedule.moments())
    check_not_past(schedule, past_is_meant=past_is_meant, now=now)
    schedule = with_deadline(session, schedule, now=now)
    switched = _set_schedule(session, schedule, now=now)
    session.for_whom = for_whom
    session.audience, session.admission, session.confidentiality = audience, admission, confidentiality
    keep_by_invitation(session)
    check_plan(session)
    # A calendar that got an earlier date, or heard that it was off, takes only a higher number (RFC 5546).
    session.sequence += 1 if session.date_dropped_at else 0
    session.date_dropped_at = None
    write_move(session, SessionState.PLANNED, actor=actor, now=now)
    if session.ends_at and session.ends_at > now:  # of what is recorded afterwards nobody needs to hear
        mails.withdraw_outdated(session)
        waitlist.renew_offers(session, now=now)
        told = _live_registrations(session)
        mails.session_moved(session, told, switched, now=now)
        invitation_mails.dialogue_changed(session, "moved", now=now)  # invited before it was postponed
        guest_mails.changed(session, "planned", now=now)  # as well
        series_mails.renew(session, now=now)
        organisers.told(session, "planned", but=told, now=now)
    return session


@transaction.atomic
def move(*, session: Session, schedule: Schedule, actor: User, now: datetime) -> Session:
    """Give a session another date, form or place; its state stays, and everyone concerned is told.

    The deadline and the hour of the doors move along when `schedule` leaves them as they were. Nobody loses a seat,
    also when the new form has fewer of them (`overfull` tells). Raises SessionRefused for a date that has passed, when
    something is missing, and when none of TOLD changed: the rest is corrected by `change`.
    """
    session = locked(session, actor)
    if not is_to_come(session, now=now):
        raise SessionRefused(_("Only a session that is still to come can be moved."))
    check_years(now, **schedule.moments())
    if all(getattr(session, field) == getattr(schedule, field) for field in TOLD):
        raise SessionRefused(_("Nothing has changed; choose another date, time or place."))
    check_not_past(schedule, past_is_meant=False, now=now)
    schedule = with_deadline(session, moved_along(session, schedule, now=now), now=now)
    before = copy(session)
    attendance.forget(session)
    switched = _set_schedule(session, schedule, now=now)
    check_plan(session)
    session.sequence += 1
    session.changed_at = now
    session.save()
    mails.withdraw_outdated(session)
    organisers.withdraw_not_open_yet(session)
    waitlist.renew_offers(session, now=now)
    record("session.moved", session, actor=actor, now=now, sequence=session.sequence)
    told = _live_registrations(session)
    mails.session_moved(session, told, switched, before=before, now=now)
    invitation_mails.dialogue_changed(session, "moved", before=before, now=now)
    guest_mails.changed(session, "moved", before=before, now=now)
    series_mails.renew(session, now=now)
    organisers.told(session, "moved", but=told, before=before, now=now)
    news.renew(session, now=now)
    waitlist.fill_seats(session, actor=actor, now=now)
    return session


@transaction.atomic
def postpone(*, session: Session, reason: str, actor: User, now: datetime) -> Session:
    """Drop the date, back to accepted. Who registered or waits keeps the place; everyone concerned is told."""
    session = locked(session, actor)
    if not is_to_come(session, now=now):
        raise SessionRefused(_("Only a session that is still to come can be postponed."))
    check_reason(reason)
    note = write_note(session, CurationNote.Kind.REASON, reason, actor=actor, now=now)
    session.sequence += 1
    session.changed_at = now
    before = copy(session)
    attendance.forget(session)
    drop_date(session, now=now)
    write_move(session, SessionState.ACCEPTED, actor=actor, now=now)
    mails.withdraw_outdated(session)
    organisers.withdraw_not_open_yet(session)
    news.withdraw(session)
    told = _live_registrations(session)
    mails.session_postponed(session, told, before, note.text, now=now)
    invitation_mails.dialogue_changed(session, "postponed", before=before, now=now)
    guest_mails.changed(session, "postponed", before=before, reason=note.text, now=now)
    series_mails.renew(session, now=now)
    organisers.told(session, "postponed", but=told, before=before, reason=note.text, now=now)
    return session


@transaction.atomic
def cancel(*, session: Session, reason: str, actor: User, now: datetime) -> Session:
    """Call a session off for good: every registration ends, and everyone concerned is told why.

    What was postponed is called off in the same way. Raises MoveRefused once it was held or has ended otherwise, and
    SessionRefused after its planned end.
    """
    session = locked(session, actor)
    if session.ends_at and session.ends_at <= now:
        raise SessionRefused(_("This session has ended already; nobody is waiting for it any more."))
    told, note = _call_off(session, reason, actor=actor, now=now)
    mails.session_cancelled(session, told, note.text, now=now)
    invitation_mails.dialogue_changed(session, "cancelled", now=now)
    guest_mails.changed(session, "cancelled", reason=note.text, now=now)
    series_mails.renew(session, now=now)
    organisers.told(session, "cancelled", but=told, before=session, reason=note.text, now=now)
    return session


@transaction.atomic
def mark_not_held(*, session: Session, reason: str, actor: User, now: datetime) -> Session:
    """Write down, after its planned end, that a session did not take place; nobody is told of what has passed.

    Raises MoveRefused as `cancel` does, and SessionRefused before its end and while it is noted that people were there.
    """
    session = locked(session, actor)
    _check_has_ended(session, now=now)
    if session.registrations.filter(state=RegistrationState.ATTENDED).exists():
        raise SessionRefused(_("It is noted who was there, so this session took place. Mark it as held."))
    _call_off(session, reason, actor=actor, now=now)
    return session


def _call_off(session: Session, reason: str, *, actor: User, now: datetime) -> tuple[list[Registration], CurationNote]:
    """Gives the registrations that end by it, as they were, and the reason."""
    check_move(session, SessionState.CANCELLED)
    check_reason(reason)
    note = write_note(session, CurationNote.Kind.REASON, reason, actor=actor, now=now)
    session.sequence += 1
    session.cancelled_at, session.ended_from = now, session.state
    write_move(session, SessionState.CANCELLED, actor=actor, now=now)
    mails.withdraw_outdated(session)
    organisers.withdraw_not_open_yet(session)
    attendance.forget(session)
    news.withdraw(session)
    ended = _live_registrations(session)
    session.registrations.filter(state__in=LIVE).update(
        state=RegistrationState.CANCELLED, ended_from=F("state"), changed_at=now
    )
    record("session.registrations_cancelled", session, actor=actor, now=now, number=len(ended))
    return ended, note


@transaction.atomic
def mark_held(*, session: Session, actor: User, now: datetime) -> Session:
    """Say that a session took place; straight from planned it records a past one.

    Raises SessionRefused before its end, and without a content lead from a member or partner.
    """
    session = locked(session, actor)
    check_move(session, SessionState.HELD)
    _check_has_ended(session, now=now)
    if not has_member_content_lead(content_lead_kinds(session)):
        raise SessionRefused(_("A member or partner must lead the content."), field="content_lead")
    write_move(session, SessionState.HELD, actor=actor, now=now)
    return session


def _check_has_ended(session: Session, *, now: datetime) -> None:
    if session.ends_at is None or session.ends_at > now:
        raise SessionRefused(_("This session has not ended yet."))


def is_to_come(session: Session, *, now: datetime) -> bool:
    """Whether it can still be moved or postponed: it has a date, and its planned end has not passed."""
    return session.state in UPCOMING and session.ends_at is not None and now < session.ends_at


def check_not_past(schedule: Schedule, *, past_is_meant: bool, now: datetime) -> None:
    """Raise SessionRefused for a date that has passed, unless staff say that they record it afterwards."""
    if schedule.starts_at and schedule.starts_at <= now and not past_is_meant:
        raise SessionRefused(_("This date has passed. Choose a date that is still to come."), field="starts_at")


def overfull(session: Session, schedule: Schedule | Session) -> list[tuple[int, int]]:
    """Where `schedule` has fewer seats than people hold, in a room: pairs of seats held and seats. One query."""
    held = Counter(session.registrations.holding_seat().values_list("form", flat=True))
    rooms = [(held.total(), schedule.capacity)]
    if schedule.form == Form.HYBRID:
        rooms = [(held[Form.ON_SITE], schedule.capacity), (held[Form.ONLINE], schedule.capacity_online)]
    return [(taken, seats) for taken, seats in rooms if seats is not None and taken > seats]


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


def keep_by_invitation(session: Session) -> None:
    """A leadership dialogue is for who is invited, whatever is asked (domain.md 4.1)."""
    if session.is_dialogue:
        session.audience, session.admission = Audience.INVITED, Admission.INVITATION
        session.confidentiality = session.confidentiality or Confidentiality.CHATHAM_HOUSE


def check_plan(session: Session) -> None:
    """Raise SessionRefused, at its field, when a session lacks something that it needs once it has a date."""
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
