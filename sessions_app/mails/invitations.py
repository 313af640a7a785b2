"""Mails to those who are invited to a leadership dialogue. Keys start with `dialogue:<id>:invitation:<id>:`.

They go when the dialogue is forgotten, by that prefix.
"""

from datetime import datetime

from core import links, mail
from core.mail import Letter
from sessions_app.models import Invitation, Session
from sessions_app.rules import reply_by


def dialogue_prefix(session: Session) -> str:
    return f"dialogue:{session.pk}:"


def prefix(invitation: Invitation) -> str:
    return f"dialogue:{invitation.session_id}:invitation:{invitation.pk}:"


def invited(invitation: Invitation, *, now: datetime) -> Letter:
    """The personal link; its subject names no subject, because staff's list of outgoing mail shows it."""
    session = invitation.session
    assert session.track and session.starts_at, "only a dialogue with a date invites"
    return Letter(
        key=f"{prefix(invitation)}{invitation.nonce}",
        to=invitation.email,
        language=invitation.language,
        template="sessions_app/mail/invitation",
        context={
            "invitation": invitation,
            "session": session,
            "goals": session.track.goals.all(),
            "reply_by": reply_by(starts_at=session.starts_at, now=now),
            "link": links.mark(
                view="sessions:invitation", purpose="invitation", row=invitation.pk, nonce=invitation.nonce
            ),
        },
        urgent=True,
        expires_at=session.ends_at,
    )


def send_link(invitation: Invitation, *, now: datetime) -> None:
    """Queue the mail with the current link; one that still waits with an older link is taken back."""
    mail.withdraw(prefix(invitation))
    mail.queue(invited(invitation, now=now), now=now)
