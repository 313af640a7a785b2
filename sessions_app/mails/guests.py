"""The mail to who is invited to a session by address. Its key starts with `session:<id>:guest:`."""

from datetime import datetime

from core import mail
from core.mail import Letter
from members.models import User
from sessions_app.models import Guest


def invited(guest: Guest, person: User | None, *, now: datetime) -> None:
    """`person` is who has an account with that address, if anybody does; the mail is in her language."""
    session = guest.session
    mail.queue(
        Letter(
            key=f"session:{session.pk}:guest:{guest.pk}:",
            to=person or guest.email,
            template="sessions_app/mail/guest_invited",
            context={"session": session, "has_account": person is not None},
            needs_right="sessions_app.view_registration",
            expires_at=session.starts_at,
        ),
        now=now,
    )
