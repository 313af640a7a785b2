"""Mails to those who are invited to a leadership dialogue. Keys start with `dialogue:<id>:invitation:<id>:`.

They go when the dialogue is forgotten, by that prefix.
"""

from datetime import datetime

from core import mail
from core.links import SecretLink
from core.mail import Letter
from core.models import MailState, OutgoingMail
from sessions_app.mails import calendars
from sessions_app.models import Invitation, Session
from sessions_app.rules import InvitationState, reply_by

RIGHT = "sessions_app.view_invitation"  # who is invited is seen by programme staff alone


def dialogue_prefix(session: Session) -> str:
    return f"dialogue:{session.pk}:"


def prefix(invitation: Invitation) -> str:
    return f"dialogue:{invitation.session_id}:invitation:{invitation.pk}:"


def answer_prefix(invitation: Invitation) -> str:
    return f"dialogue:{invitation.session_id}:answer:{invitation.pk}:"


def number_asked_for(invitation: Invitation, *, since: datetime) -> int:
    """How many links the invitee, or who holds the link, asked for after `since`; of staff's none."""
    return OutgoingMail.objects.filter(key__startswith=f"{prefix(invitation)}asked:", queued_at__gt=since).count()


def invited(invitation: Invitation, *, is_asked_for: bool = False, now: datetime) -> Letter:
    """The personal link; its subject names no subject, because staff's list of outgoing mail shows it."""
    session = invitation.session
    assert session.track, "a dialogue has a track"
    assert session.starts_at, "only a dialogue with a date invites"
    return Letter(
        key=f"{prefix(invitation)}{'asked:' if is_asked_for else ''}{now:%Y-%m-%dT%H:%M:%S.%fZ}",
        to=invitation.email,
        language=invitation.language,
        template="sessions_app/mail/invitation",
        context={
            "invitation": invitation,
            "session": session,
            "goals": session.track.goals.all(),
            "reply_by": reply_by(starts_at=session.starts_at, now=now),
        },
        secret_link=SecretLink(
            view="sessions:invitation", purpose="invitation", row=invitation.pk, nonce=invitation.nonce
        ),
        urgent=True,
        needs_right=RIGHT,
        expires_at=session.ends_at,
    )


def send_link(invitation: Invitation, *, is_asked_for: bool = False, now: datetime) -> None:
    """Queue the mail with the current link; one that still waits with an older link is taken back."""
    mail.withdraw(prefix(invitation))
    mail.queue(invited(invitation, is_asked_for=is_asked_for, now=now), now=now)


def answered(invitation: Invitation, *, now: datetime) -> None:
    """What was answered, with the date for the calendar, or to take it out of it again. A mail that waits gives way.

    Who says no at once has nothing to put right, and gets no mail.
    """
    accepts = invitation.state == InvitationState.ACCEPTED
    mail.withdraw(answer_prefix(invitation))
    if not accepts and not invitation.times_undone:
        return
    session = invitation.session
    letter = Letter(
        key=f"{answer_prefix(invitation)}{invitation.state}:{invitation.times_undone}",
        to=invitation.email,
        language=invitation.language,
        template="sessions_app/mail/invitation_answered",
        context={"invitation": invitation, "session": session, "accepts": accepts},
        attachments=calendars.of_invitation(invitation, now=now),
        urgent=True,
        needs_right=RIGHT,
        expires_at=session.ends_at,
    )
    mail.queue(letter, now=now)


def revoked(invitation: Invitation, *, now: datetime) -> None:
    """To who had accepted: the place is gone, and the calendar takes the date out."""
    mail.queue(changed(invitation, "revoked", key=f"{answer_prefix(invitation)}revoked", now=now), now=now)


def changed(invitation: Invitation, change: str, *, key: str, before: Session | None = None, now: datetime) -> Letter:
    """The dialogue is `moved`, `postponed`, `cancelled` or `resumed`, or this invitation `revoked`.

    The mail carries no link: the one that was mailed before still holds.
    """
    session = invitation.session
    is_off = change not in ("moved", "resumed")
    called_off = before if change == "postponed" and before else session
    return Letter(
        key=key,
        to=invitation.email,
        language=invitation.language,
        template="sessions_app/mail/invitation_changed",
        context={"invitation": invitation, "session": session, "change": change, "before": before},
        attachments=calendars.of_invitation(invitation, session=called_off, called_off=is_off, now=now),
        urgent=True,
        needs_right=RIGHT,
    )


def dialogue_changed(session: Session, change: str, *, before: Session | None = None, now: datetime) -> None:
    """Tell who is invited that the dialogue is `moved`, `postponed`, `cancelled` or, after that, `resumed`.

    Who declined hears of a move only.

    What still waits with the old date does not go out. Whose invitation was among it gets it with the new date, and
    hears nothing of a dialogue that is off. Other sessions have nobody to tell here. `before` is the dialogue with the
    date that it had.
    """
    if not session.is_dialogue:
        return
    states = [InvitationState.SENT, InvitationState.ACCEPTED]
    if change == "moved":
        states.append(InvitationState.DECLINED)
    mail.withdraw(dialogue_prefix(session))
    unreached = _never_reached(session)
    mail.queue_all(
        [
            invited(invitation, now=now)
            if invitation.pk in unreached and session.starts_at
            else changed(
                invitation,
                change,
                key=f"{dialogue_prefix(session)}{change}:{session.sequence}:{invitation.pk}",
                before=before,
                now=now,
            )
            for invitation in session.invitations.with_dialogue().filter(state__in=states)
            if change in ("moved", "resumed") or invitation.pk not in unreached
        ],
        now=now,
    )


def _never_reached(session: Session) -> set[int]:
    """The invitations whose latest link was taken back before it went out. One query."""
    latest = {}
    rows = OutgoingMail.objects.filter(key__startswith=f"{dialogue_prefix(session)}invitation:").order_by("pk")
    for key, state in rows.values_list("key", "state"):
        latest[int(key.split(":")[3])] = state
    return {invitation for invitation, state in latest.items() if state == MailState.WITHDRAWN}
