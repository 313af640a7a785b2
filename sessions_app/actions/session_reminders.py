"""What a session's reminders are: when they go, and what the host adds (domain.md 4.8)."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from members.models import User
from sessions_app import permissions
from sessions_app.actions.session_state import SessionRefused, record
from sessions_app.mails import registrations as mails
from sessions_app.models import Session
from sessions_app.reminder_steps import LONGEST_REMINDER_TEXT, written
from sessions_app.rules import UPCOMING


@transaction.atomic
def set_reminders(*, session: Session, steps: Iterable[str], text: str, actor: User, now: datetime) -> Session:
    """Choose the steps, none at all to send no reminders, and the text that they carry.

    What was sent is not sent again: a reminder's key names its step and not this choice. A step that has passed is not
    made up for, and one that still waits is written anew as it is now. Raises SessionRefused for who neither hosts nor
    curates, for a dialogue, for a session that is over, for a step that there is not, and for a text that is too long.
    """
    session = Session.objects.locked(session.pk)
    if not permissions.may_set_reminders(actor, session):
        raise SessionRefused(_("Only who hosts this session, and programme staff, can change its reminders."))
    if session.state not in UPCOMING or (session.starts_at and session.starts_at <= now):
        raise SessionRefused(_("This session is not to come any more; there is nobody left to remind."))
    if len(text) > LONGEST_REMINDER_TEXT:
        raise SessionRefused(
            gettext("Keep it to %(limit_value)s characters.") % {"limit_value": LONGEST_REMINDER_TEXT}, field="text"
        )
    try:
        session.reminder_steps = written(steps)
    except ValueError as error:
        raise SessionRefused(_("Choose from the moments that are offered."), field="steps") from error
    session.reminder_text = text.strip()
    session.save(update_fields=["reminder_steps", "reminder_text"])
    mails.withdraw_reminders(session)
    record("session.reminders_set", session, actor=actor, now=now, steps=session.reminder_steps.replace(" ", "+"))
    return session
