"""Handing out the list of who is coming as a file."""

from datetime import datetime

from django.db import transaction
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_lazy

from core.moves import Refused
from members.models import User
from sessions_app import permissions
from sessions_app.actions.session_state import record
from sessions_app.models import Registration, Session
from sessions_app.rules import RegistrationState, state_as_told


class ListRefused(Refused):
    """No list leaves the portal, and why."""


@transaction.atomic
def hand_out(
    *,
    session: Session,
    file_format: str,
    with_addresses: bool = False,
    with_needs: bool = False,
    actor: User,
    now: datetime,
) -> list[list[str]]:
    """The list as a table in the active language, its header first, in the order of the page; it leaves a trail.

    A host gets what stands on the page. Addresses and needs go to staff who keep registrations, when they ask, and so
    does who was there: a file goes further than a page. Raises ListRefused for who may not see the list, and of a
    closed space, of which none leaves the portal.
    """
    if not permissions.may_see_participants(actor, session, now=now):
        raise ListRefused(gettext_lazy("Only hosts of this session and programme staff can do this."))
    if session.is_closed_space:
        raise ListRefused(gettext_lazy("This is a closed space: its list does not leave the portal."))
    keeps = permissions.can_keep_registrations(actor)
    with_addresses, with_needs = with_addresses and keeps, with_needs and permissions.reads_needs(actor)
    rows = session.registrations.order_by().on_the_list(session, with_needs=with_needs)
    header = [gettext("Name"), gettext("Organisation"), gettext("Function"), gettext("Attends"), gettext("Language")]
    header.append(capfirst(gettext("state")))
    table = [
        [
            *header,
            *([gettext("E-mail")] if with_addresses else []),
            *([gettext("Accessibility or diet")] if with_needs else []),
        ]
    ]
    for row in rows:
        cells = [str(row.person), str(row.organisation or ""), row.function, row.get_form_display()]
        cells += [row.get_needs_language_display(), state_in_words(row, keeps=keeps)]
        cells += [row.person.email] if with_addresses else []
        cells += [row.needs_text] if with_needs else []
        table.append(cells)
    record(
        "session.list_handed_out", session, actor=actor, now=now, format=file_format, number=len(rows),
        addresses=with_addresses, needs=with_needs,
    )  # fmt: skip
    return table


def state_in_words(registration: Registration, *, keeps: bool) -> str:
    """As on the page; whether someone came is for staff alone."""
    state = registration.state if keeps else state_as_told(registration.state)
    return str(RegistrationState(state).label)
