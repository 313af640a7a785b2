"""What someone needs to be able to come. It leaves no trail: that there is a note tells of a person already."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core.moves import Refused
from members.models import User
from sessions_app.models import NeedsNote, Registration, Session
from sessions_app.rules import WITH_A_PLACE


class NeedsRefused(Refused):
    """The note stays as it is, and why."""


@transaction.atomic
def write(*, registration: Registration, text: str, actor: User, now: datetime) -> None:
    """Keep `text` with one's own registration, in place of what was there; an empty one deletes the note.

    Raises NeedsRefused for a registration of somebody else or that has ended, and once the session has started; it can
    be emptied after that too.
    """
    session = Session.objects.locked(registration.session_id)
    registration = session.registrations.get(pk=registration.pk)
    if registration.person_id != actor.pk:
        raise NeedsRefused(_("Only the person concerned can write this."))
    if not text.strip():
        NeedsNote.objects.of(registration).delete()
        return
    if registration.state not in WITH_A_PLACE:
        raise NeedsRefused(_("You are not registered any more; nobody reads this."))
    if session.starts_at and session.starts_at <= now:
        raise NeedsRefused(_("This session has started; nobody reads this any more."))
    NeedsNote.objects.update_or_create(registration=registration, defaults={"text": text.strip(), "changed_at": now})
