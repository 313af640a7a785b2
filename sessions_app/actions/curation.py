"""Cureren: staff weigh, ask, accept, combine, park and decline proposals; they do not write them (domain.md 1, 4.1).

Every change locks the session row first; merging locks two, the lower number first.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from leerlijnen.models import Activity, PartosRole, Programme
from members.models import Organisation, User
from members.rules import OrganisationKind
from sessions_app.actions.proposals import gaps_of
from sessions_app.actions.session_state import (
    SessionRefused,
    check_curates,
    check_gaps,
    check_move,
    check_nobody_waits,
    check_reason,
    locked,
    record,
    write_move,
    write_note,
)
from sessions_app.mails import proposals as mails
from sessions_app.models import CurationNote, Hosting, Proposer, Session
from sessions_app.rules import PROPOSAL_STATES, UPCOMING, HostingPart, SessionState

# Another proposal can be merged into these: whatever is still to come.
TAKING_IN = (*PROPOSAL_STATES, SessionState.ACCEPTED, *UPCOMING)


@transaction.atomic
def take_into_curation(*, session: Session, actor: User, now: datetime) -> Session:
    """Begin to weigh a proposal that came in, or go on without the answer that was asked for.

    The proposer sees it on the page and gets no mail. What is parked, declined or withdrawn needs `reopen`.
    """
    session = _locked(session, SessionState.IN_CURATION, actor)
    if session.state not in (SessionState.SUBMITTED, SessionState.NEEDS_INFO):
        raise SessionRefused(_("Reopen it first, and tell why."))
    write_move(session, SessionState.IN_CURATION, actor=actor, now=now)
    return session


@transaction.atomic
def ask(*, session: Session, question: str, actor: User, now: datetime) -> Session:
    """Ask the proposers something; the proposal waits for their answer, and they can change it."""
    session = _locked(session, SessionState.NEEDS_INFO, actor)
    check_reason(question, field="question")
    note = write_note(session, CurationNote.Kind.QUESTION, question, actor=actor, now=now)
    write_move(session, SessionState.NEEDS_INFO, actor=actor, now=now)
    mails.question_asked(session, note, now=now)
    return session


@transaction.atomic
def accept(*, session: Session, activity: Activity | None = None, actor: User, now: datetime) -> Session:
    """Take a proposal into the programme, into an activity where one is given; it has no date yet.

    The session takes the line and track of the activity; Partos becomes its facilitator where nobody is. Raises
    SessionRefused when the proposal is not complete, or of a workstream, which has no activities.
    """
    session = _locked(session, SessionState.ACCEPTED, actor)
    if session.state != SessionState.IN_CURATION:
        raise SessionRefused(_("Take the proposal into curation first."))
    if activity:
        if session.workstream_id:
            raise SessionRefused(_("A session of a workstream belongs to no activity."), field="activity")
        session.activity, session.learning_line, session.track = activity, activity.learning_line, activity.track
    check_gaps(gaps_of(session))
    _ensure_facilitator(session)
    write_move(session, SessionState.ACCEPTED, actor=actor, now=now)
    mails.decided(session, now=now)
    return session


@transaction.atomic
def merge(*, session: Session, into: Session, actor: User, now: datetime) -> Session:
    """Combine a proposal with another session; the proposers of both are credited there, and all are told.

    Raises SessionRefused for a session that is over, in its end state or the same one.
    """
    check_curates(actor)
    if session.pk == into.pk:
        raise SessionRefused(_("Choose another session than this one."), field="into")
    rows = {pk: Session.objects.locked(pk) for pk in sorted([session.pk, into.pk])}
    session, into = rows[session.pk], rows[into.pk]
    check_move(session, SessionState.MERGED)
    if into.state not in TAKING_IN:
        raise SessionRefused(_("Nothing can be merged into that session any more."), field="into")
    credited = set(into.proposers.values_list("person_id", flat=True))
    Proposer.objects.bulk_create(
        Proposer(session=into, person_id=row.person_id, organisation_id=row.organisation_id)
        for row in session.proposers.all()
        if row.person_id not in credited
    )
    session.merged_into = into
    write_move(session, SessionState.MERGED, actor=actor, now=now)
    record("session.took_in", into, actor=actor, now=now, merged=session.pk)
    mails.merged(session, into, now=now)
    return into


@transaction.atomic
def park(*, session: Session, reason: str, actor: User, now: datetime) -> Session:
    """Put a proposal aside for later; the proposers read the reason.

    Raises SessionRefused while people are registered or invited, as after postponing: then it is cancelled instead.
    """
    return _decide(Session.objects.locked(session.pk), SessionState.PARKED, reason, actor=actor, now=now)


@transaction.atomic
def decline(*, session: Session, reason: str, actor: User, now: datetime) -> Session:
    """Say no to a proposal; the proposers read the reason."""
    return _decide(Session.objects.locked(session.pk), SessionState.DECLINED, reason, actor=actor, now=now)


@transaction.atomic
def reopen(*, session: Session, reason: str, actor: User, now: datetime) -> Session:
    """Take up again what was parked, declined or withdrawn; a cancelled session is for `resuming`.

    Raises SessionRefused for a draft that its writer threw away.
    """
    session = Session.objects.locked(session.pk)
    if session.state not in (SessionState.PARKED, SessionState.DECLINED, SessionState.WITHDRAWN):
        raise SessionRefused(_("Only what is parked, declined or withdrawn can be reopened."))
    if session.submitted_at is None and session.state == SessionState.WITHDRAWN:
        raise SessionRefused(_("This draft was never sent in."))
    return _decide(session, SessionState.IN_CURATION, reason, actor=actor, now=now)


@transaction.atomic
def prepare(
    *,
    programme: Programme,
    fields: dict[str, Any],
    content_lead: Organisation,
    partos_roles: Iterable[PartosRole],
    actor: User,
    now: datetime,
) -> Session:
    """Put an accepted session, without a date, on the agenda for members who asked staff by phone or in a meeting.

    It asks all that a proposal asks; Partos can not lead its content. Raises SessionRefused naming the field.
    """
    check_curates(actor)
    if not content_lead.may_lead_content:
        raise SessionRefused(_("A member or partner must lead the content."), field="content_lead")
    if fields.get("workstream"):
        fields = fields | {"learning_line": None, "track": None, "activity": None}
    session = Session.objects.create(
        programme=programme, **fields, state=SessionState.ACCEPTED, created_at=now, submitted_at=now, changed_at=now
    )
    session.partos_roles.set(partos_roles)
    Hosting.objects.create(session=session, organisation=content_lead, part=HostingPart.CONTENT_LEAD)
    check_gaps(gaps_of(session))
    _ensure_facilitator(session)
    record("session.prepared", session, actor=actor, now=now)
    return session


def _locked(session: Session, state: SessionState, actor: User) -> Session:
    session = locked(session, actor)
    check_move(session, state)
    return session


def _decide(session: Session, state: SessionState, reason: str, *, actor: User, now: datetime) -> Session:
    """A move of a locked row with a reason that the proposers read."""
    check_curates(actor)
    check_move(session, state)
    if state == SessionState.PARKED:
        check_nobody_waits(session)
    check_reason(reason)
    note = write_note(session, CurationNote.Kind.REASON, reason, actor=actor, now=now)
    write_move(session, state, actor=actor, now=now)
    mails.decided(session, now=now, reason=note.text)
    return session


def _ensure_facilitator(session: Session) -> None:
    """The association facilitates, where the team has not named another (the document: "gefaciliteerd door Partos")."""
    if session.hostings.filter(part=HostingPart.FACILITATE).exists():
        return
    associations = Organisation.objects.filter(kind=OrganisationKind.ASSOCIATION)[:2]
    if len(associations) == 1:
        Hosting.objects.create(session=session, organisation=associations[0], part=HostingPart.FACILITATE)
