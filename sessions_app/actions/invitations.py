"""Inviting directors to a leadership dialogue, their answers, and forgetting their names.

The audit trail has nothing of one invitation or answer, because its moment could tell whose it was.
"""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from core import addresses, audit, links, mail
from core.models import OutgoingMail
from core.moves import Refused
from leerlijnen.rules import TrackCode
from members.models import Organisation, User
from sessions_app import permissions
from sessions_app.actions.session_state import (
    SessionRefused,
    check_gaps,
    check_move,
    locked,
    opening_gaps,
    write_move,
)
from sessions_app.mails import invitations as mails
from sessions_app.models import Invitation, Session
from sessions_app.rules import (
    INVITATION_MOVES,
    NAMES_KEPT,
    InvitationState,
    LinkOpens,
    SessionState,
    invitation_is_open,
)

NEW_LINK_EVERY = timedelta(minutes=5)  # so that nobody can fill another's mailbox
MOST_LINKS_A_DAY = 3


class InvitationRefused(Refused):
    """No invitation, or no answer to one, and why."""


@transaction.atomic
def start_inviting(*, session: Session, actor: User | None, now: datetime) -> Session:
    """Let the invitations of a planned leadership dialogue go out.

    Raises SessionRefused for any other session, and as opening does, but for the deadline: each answers until the end.
    """
    session = locked(session, actor)
    check_move(session, SessionState.INVITING)
    if not session.is_dialogue:
        raise SessionRefused(_("Only a leadership dialogue is by invitation."))
    check_gaps([gap for gap in opening_gaps(session, now=now) if gap.field != "registration_deadline"])
    write_move(session, SessionState.INVITING, actor=actor, now=now)
    return session


@transaction.atomic
def invite(
    *,
    session: Session,
    name: str,
    email: str,
    organisation: Organisation,
    function: str = "",
    language: str = "nl",
    actor: User,
    now: datetime,
) -> Invitation:
    """Mail one person a personal link to one dialogue; a dialogue that has its date begins to invite.

    Raises InvitationRefused for anyone but programme staff, for a session that is no dialogue, has no date yet, has
    closed or has started, for what is no address, and for one that has a live invitation to it; SessionRefused when
    the dialogue lacks what it needs before it may invite.
    """
    session = Session.objects.locked(session.pk)
    _check_staff(actor)
    if not session.is_dialogue:
        raise InvitationRefused(_("Only a leadership dialogue is by invitation."), field="session")
    if session.state not in (SessionState.PLANNED, SessionState.INVITING):
        raise InvitationRefused(_("You can invite people once the dialogue has a date, until it closes."))
    if session.starts_at is None or session.starts_at <= now:
        raise InvitationRefused(_("This dialogue has started already."))
    try:
        email = addresses.read(email)
    except ValidationError as error:
        raise InvitationRefused(error.messages[0], field="email") from None
    if session.invitations.live().filter(email=email).exists():
        raise InvitationRefused(_("Someone with this address has been invited already."), field="email")
    if session.state == SessionState.PLANNED:
        session = start_inviting(session=session, actor=actor, now=now)
    INVITATION_MOVES.check(InvitationState.PREPARED, InvitationState.SENT, _("That is not possible any more."))
    invitation = Invitation.objects.create(
        session=session,
        name=name,
        email=email,
        organisation=organisation,
        function=function,
        language=language,
        state=InvitationState.SENT,
        sent_at=now,
    )
    mails.send_link(invitation, now=now)
    return invitation


def behind(token: str, *, now: datetime) -> tuple[Invitation, str] | None:
    """The invitation of a mailed link and the link's nonce.

    None for a link that was not made here, and for an invitation that is revoked or over: nobody can tell these apart.
    """
    try:
        row, nonce = links.read(token, purpose="invitation")
    except links.BadLink:
        return None
    invitation = Invitation.objects.with_dialogue().filter(pk=row).first()
    if invitation is None or not _is_open(invitation, now=now):
        return None
    return invitation, nonce


def opened(*, invitation: Invitation, now: datetime) -> None:
    """Note when the link was first opened: a hint, because a mail scanner opens links as well."""
    Invitation.objects.filter(pk=invitation.pk, first_opened_at=None).update(first_opened_at=now)


@transaction.atomic
def answer(*, invitation: Invitation, accepts: bool, link_nonce: str, device: str, now: datetime) -> Invitation:
    """Keep the answer and bind the invitation to the device it came from; a yes, and a yes undone, are mailed.

    Answering the same twice changes nothing. Raises InvitationRefused when the dialogue is over, the invitation is
    revoked, or this device may not open it.
    """
    state = InvitationState.ACCEPTED if accepts else InvitationState.DECLINED
    invitation = _locked(invitation)
    _check_opens(invitation, {LinkOpens.FULLY}, link_nonce=link_nonce, device=device, now=now)
    if invitation.state != state:
        INVITATION_MOVES.check(invitation.state, state, _("That is not possible any more."))
        if invitation.state == InvitationState.ACCEPTED:
            invitation.times_undone += 1
        invitation.state = state
        invitation.answered_at = now
        mails.answered(invitation, now=now)
    invitation.bind(link_nonce=link_nonce, device=device)
    invitation.save(update_fields=["state", "answered_at", "device", "link_is_spent", "times_undone"])
    return invitation


@transaction.atomic
def open_on_device(*, invitation: Invitation, link_nonce: str, device: str, now: datetime) -> Invitation:
    """Let a link that was mailed after the answer open the invitation on this device, and on no other any more.

    Raises InvitationRefused as answering does.
    """
    invitation = _locked(invitation)
    _check_opens(invitation, {LinkOpens.FULLY, LinkOpens.AFTER_ASKING}, link_nonce=link_nonce, device=device, now=now)
    invitation.bind(link_nonce=link_nonce, device=device)
    invitation.save(update_fields=["device", "link_is_spent"])
    return invitation


@transaction.atomic
def mail_new_link(*, token: str, now: datetime) -> None:
    """Mail a link to the invitee's own address; what works by now, works until that link is used.

    Only the newest link may ask, so that one which was forwarded long ago does nothing to its owner. While it opens the
    invitation itself, it is that link which is mailed. Does nothing, and tells nobody so, for a link that was not made
    here, an invitation that is revoked or over, within five minutes of the last link, and after three in 24 hours.
    """
    found = behind(token, now=now)
    if found is None:
        return
    try:
        invitation = _locked(found[0])
    except InvitationRefused:
        return  # forgotten meanwhile
    is_recent = invitation.sent_at is not None and now < invitation.sent_at + NEW_LINK_EVERY
    may_ask = found[1] == invitation.nonce
    too_many = mails.number_asked_for(invitation, since=now - timedelta(days=1)) >= MOST_LINKS_A_DAY
    if not _is_open(invitation, now=now) or not may_ask or is_recent or too_many:
        return
    if invitation.link_is_spent:
        invitation.nonce, invitation.link_is_spent = links.new_nonce(), False
    _send_link(invitation, is_asked_for=True, now=now)


@transaction.atomic
def send_again(*, invitation: Invitation, actor: User, now: datetime) -> None:
    """Staff mail the invitee a new link; the older one opens nothing any more. The answer and its device stay.

    Raises InvitationRefused for anyone but programme staff, and when the invitation is revoked or the dialogue over.
    """
    _check_staff(actor)
    invitation = _locked(invitation)
    if not _is_open(invitation, now=now):
        raise InvitationRefused(_("This invitation is no longer open."))
    invitation.nonce, invitation.link_is_spent = links.new_nonce(), False
    _send_link(invitation, now=now)


@transaction.atomic
def revoke(*, invitation: Invitation, actor: User, now: datetime) -> None:
    """Take an invitation back: its link opens nothing any more, and a mail that still waits does not go out.

    Who had accepted, while the dialogue is still to come, gets a mail that takes it out of the calendar.

    Raises InvitationRefused for anyone but programme staff, MoveRefused when it has ended already.
    """
    _check_staff(actor)
    invitation = _locked(invitation)
    INVITATION_MOVES.check(invitation.state, InvitationState.REVOKED, _("This invitation has ended already."))
    was_coming = invitation.state == InvitationState.ACCEPTED and _is_open(invitation, now=now)
    invitation.state = InvitationState.REVOKED
    invitation.nonce, invitation.device = links.new_nonce(), ""
    invitation.times_undone += was_coming
    invitation.save(update_fields=["state", "nonce", "device", "times_undone"])
    mail.withdraw(mails.prefix(invitation))
    mail.withdraw(mails.answer_prefix(invitation))
    if was_coming:
        mails.revoked(invitation, now=now)


@transaction.atomic
def forget(*, session: Session, now: datetime) -> None:
    """Delete all that tells who was invited to a dialogue or was there, mails included; one total remains.

    Twice is as once. Of a dialogue whose date was dropped the invitations go, and it can invite anew. Who proposed the
    topic stays credited: that tells nothing of who came. Raises InvitationRefused for what is no dialogue, and until
    24 hours after its planned end, or after its date was dropped (domain.md 4.3).
    """
    session = Session.objects.locked(session.pk)
    if not session.is_dialogue:
        raise InvitationRefused(_("Only the names of a leadership dialogue are forgotten."))
    kept_from = session.ends_at or session.date_dropped_at
    if kept_from is None or now < kept_from + NAMES_KEPT:
        raise InvitationRefused(_("The names are kept until 24 hours after the planned end."))
    invitations = session.invitations.all()
    is_over = session.ends_at is not None or session.state == SessionState.CANCELLED
    if is_over and (session.accepted_total is None or invitations):
        session.accepted_total = invitations.accepted().count()
        session.save(update_fields=["accepted_total"])
        audit.record("dialogue.forgotten", session, actor=None, now=now)
    invitations.delete()
    OutgoingMail.objects.filter(key__startswith=mails.dialogue_prefix(session)).delete()
    if is_over:
        OutgoingMail.objects.filter(key__startswith=f"session:{session.pk}:").delete()
        session.registrations.all().delete()
        session.notes.all().delete()
        session.hostings.update(person=None)


def due_to_be_forgotten(limit: datetime) -> QuerySet[Session]:
    """Dialogues that ended, or lost their date, by `limit` and still hold names; cancelled ones too."""
    invited = Exists(Invitation.objects.filter(session=OuterRef("pk")))
    ended = Q(ends_at__lte=limit) & (Q(accepted_total=None) | invited)
    cancelled = Q(state=SessionState.CANCELLED, accepted_total=None)
    dropped = Q(ends_at=None, date_dropped_at__lte=limit) & (invited | cancelled)
    return Session.objects.filter(ended | dropped, track__code=TrackCode.LEADERSHIP)


def forget_due(*, now: datetime) -> int:
    """Forget every dialogue whose time has come; gives their number."""
    for session in (dialogues := list(due_to_be_forgotten(now - NAMES_KEPT))):
        forget(session=session, now=now)
    return len(dialogues)


def _locked(invitation: Invitation) -> Invitation:
    """The row as it is now; answers need no lock on the dialogue, because they share nothing scarce.

    Raises InvitationRefused when it was forgotten meanwhile.
    """
    row = Invitation.objects.with_dialogue().select_for_update(of=("self",)).filter(pk=invitation.pk).first()
    if row is None:
        raise InvitationRefused(_("This invitation is no longer open."))
    return row


def _is_open(invitation: Invitation, *, now: datetime) -> bool:
    session = invitation.session
    return invitation_is_open(state=invitation.state, session_state=session.state, ends_at=session.ends_at, now=now)


def _check_opens(
    invitation: Invitation, enough: set[LinkOpens], *, link_nonce: str, device: str, now: datetime
) -> None:
    if invitation.opens(link_nonce=link_nonce, device=device) not in enough or not _is_open(invitation, now=now):
        raise InvitationRefused(_("This invitation is no longer open."))


def _check_staff(actor: User) -> None:
    if not permissions.can_invite(actor):
        raise InvitationRefused(_("Only programme staff can invite people."))


def _send_link(invitation: Invitation, *, is_asked_for: bool = False, now: datetime) -> None:
    invitation.sent_at = now
    invitation.save(update_fields=["nonce", "link_is_spent", "sent_at"])
    mails.send_link(invitation, is_asked_for=is_asked_for, now=now)
