"""Agenderen: a member puts a session on the agenda (domain.md 0.3, 4.1). Every change locks the session row first."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from leerlijnen.models import PartosRole, Programme
from members.models import Organisation, User
from members.permissions import standing_of
from sessions_app.actions.session_state import (
    SessionRefused,
    check_gaps,
    check_move,
    check_nobody_waits,
    record,
    write_history,
    write_move,
    write_note,
)
from sessions_app.mails import proposals as mails
from sessions_app.models import CurationNote, Hosting, Proposer, Session
from sessions_app.permissions import is_proposer, may_edit_proposal, may_propose
from sessions_app.rules import Gap, HostingPart, SessionState, submit_gaps

# What a proposer writes; all other fields are staff's, or the portal's own.
PROPOSER_FIELDS = frozenset(
    {"learning_line", "track", "workstream", "activity", "title", "question", "language", "form", "period_wished"}
)


@transaction.atomic
def start_draft(
    *, person: User, organisation: Organisation, programme: Programme, actor: User, now: datetime
) -> Session:
    """Begin a proposal on behalf of `organisation`; an empty draft that is there already is given again.

    Raises SessionRefused when the person does not act for that organisation, or it is no member or partner.
    """
    if not organisation.may_lead_content or organisation not in standing_of(person).organisations:
        raise SessionRefused(_("Only people of a member or partner organisation can put a session on the agenda."))
    User.objects.select_for_update().get(pk=person.pk)  # a double click waits here, and finds the draft of the first
    empty = Session.objects.proposed_by(person).filter(
        state=SessionState.DRAFT, title="", question="", learning_line=None, workstream=None
    )
    if draft := empty.first():
        return draft
    session = Session.objects.create(programme=programme, created_at=now, changed_at=now)
    Proposer.objects.create(session=session, person=person, organisation=organisation)
    record("session.draft", session, actor=actor, now=now)
    return session


@transaction.atomic
def save_draft(
    *,
    session: Session,
    changes: dict[str, Any],
    content_lead: Organisation | None = None,
    partos_roles: Iterable[PartosRole] | None = None,
    actor: User,
    now: datetime,
) -> Session:
    """Keep what is typed so far, complete or not. `changes` holds values of PROPOSER_FIELDS.

    Raises SessionRefused when the proposal is not the actor's or not theirs to change now, when the organisation is
    no member or partner, and when an activity is of another line or track than the session.
    """
    session = Session.objects.locked(session.pk)
    _check_may_edit(session, actor)
    if unknown := set(changes) - PROPOSER_FIELDS:
        raise ValueError(f"not a proposer's: {sorted(unknown)}")
    for field, value in changes.items():
        setattr(session, field, value)
    if session.workstream:
        session.learning_line = session.track = session.activity = None  # a workstream has no tracks (domain.md 0.5)
    _check_activity(session)
    if content_lead is not None:
        _set_content_lead(session, content_lead, actor)
    if partos_roles is not None:
        session.partos_roles.set(partos_roles)
    session.changed_at = now
    session.save()
    if session.submitted_at and session.changed_since():  # a draft has no history; what staff have read has
        write_history("session.changed", session, actor=actor, now=now)
    return session


@transaction.atomic
def submit(*, session: Session, actor: User, now: datetime) -> Session:
    """Send a draft in to staff, who are told; the proposer hears when the first answer comes.

    Raises SessionRefused naming the first field that is missing, and MoveRefused when it has been sent in already.
    """
    session = Session.objects.locked(session.pk)
    _check_proposer(session, actor)
    check_move(session, SessionState.SUBMITTED)
    if not may_propose(actor):
        raise SessionRefused(_("Only people of a member or partner organisation can put a session on the agenda."))
    check_gaps(gaps_of(session))
    session.submitted_at = now
    write_move(session, SessionState.SUBMITTED, actor=actor, now=now)
    mails.submitted(session, now=now)
    return session


@transaction.atomic
def answer(*, session: Session, text: str, actor: User, now: datetime) -> CurationNote:
    """Answer the question of staff, who are told; the proposal goes back to them.

    Raises SessionRefused for an empty answer, or when the proposal lost something that it needs.
    """
    session = Session.objects.locked(session.pk)
    _check_proposer(session, actor)
    if session.state != SessionState.NEEDS_INFO:
        raise SessionRefused(_("Nothing is asked about this proposal at the moment."))
    if not text.strip():
        raise SessionRefused(_("Write down your answer."), field="text")
    check_gaps(gaps_of(session))
    note = write_note(session, CurationNote.Kind.ANSWER, text, actor=actor, now=now)
    write_move(session, SessionState.IN_CURATION, actor=actor, now=now)
    mails.withdraw_waiting(session)
    mails.answered(session, note, now=now)
    return note


@transaction.atomic
def withdraw(*, session: Session, actor: User, now: datetime, reason: str = "") -> Session:
    """Take a proposal back, until it has a date, and staff are told; a draft is thrown away and seen by nobody else.

    Raises MoveRefused once there is a date or a decision, and SessionRefused while people are registered or invited,
    as after postponing.
    """
    session = Session.objects.locked(session.pk)
    _check_proposer(session, actor)
    check_move(session, SessionState.WITHDRAWN)
    check_nobody_waits(session)
    if reason.strip():
        write_note(session, CurationNote.Kind.REASON, reason, actor=actor, now=now)
    write_move(session, SessionState.WITHDRAWN, actor=actor, now=now)
    mails.withdraw_waiting(session)
    if session.submitted_at:
        mails.withdrawn(session, reason=reason.strip(), now=now)
    return session


def gaps_of(session: Session) -> list[Gap]:
    """What the proposal lacks before it can be sent in; refuses nothing itself. Three queries."""
    return submit_gaps(
        has_line=session.learning_line_id is not None,
        has_workstream=session.workstream_id is not None,
        has_track=session.track_id is not None,
        question=session.question,
        title=session.title,
        has_content_lead=session.hostings.filter(part=HostingPart.CONTENT_LEAD).exists(),
        role_count=session.partos_roles.count(),
        language=session.language,
    )


def _check_proposer(session: Session, actor: User) -> None:
    if not is_proposer(actor, session):
        raise SessionRefused(_("This is a proposal of someone else."))


def _check_may_edit(session: Session, actor: User) -> None:
    _check_proposer(session, actor)
    if not may_edit_proposal(actor, session):
        raise SessionRefused(_("This proposal has been sent in; you can no longer change it."))


def _check_activity(session: Session) -> None:
    activity = session.activity
    if activity and (activity.learning_line_id, activity.track_id) != (session.learning_line_id, session.track_id):
        raise SessionRefused(_("This activity is of another learning line or track."), field="activity")


def _set_content_lead(session: Session, organisation: Organisation, actor: User) -> None:
    """One organisation leads the content of a proposal; its person is the proposer when it is their own."""
    if not organisation.may_lead_content:
        raise SessionRefused(_("A member or partner must lead the content."), field="content_lead")
    own = organisation in standing_of(actor).organisations
    session.hostings.filter(part=HostingPart.CONTENT_LEAD).exclude(organisation=organisation).delete()
    Hosting.objects.update_or_create(
        session=session,
        organisation=organisation,
        part=HostingPart.CONTENT_LEAD,
        defaults={"person": actor if own else None},
    )
