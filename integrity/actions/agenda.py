"""Moving the items of the joint integrity agenda."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import audit
from core.moves import Refused
from integrity import permissions
from integrity.models import IntegrityAgendaItem
from integrity.rules import ITEM_MOVES, ItemState, item_gaps
from members.models import User


class AgendaRefused(Refused):
    """The item stays where it is, and why."""


@transaction.atomic
def move(item: IntegrityAgendaItem, state: ItemState, *, actor: User, now: datetime) -> None:
    """Bring an item to its next state.

    Raises AgendaRefused for anyone but the integrity coordinator, and when the item lacks a next step or its date;
    MoveRefused when `state` may not follow.
    """
    if not permissions.can_keep(actor, IntegrityAgendaItem):
        raise AgendaRefused(_("Only the integrity coordinator can do this."))
    item = IntegrityAgendaItem.objects.select_for_update().get(pk=item.pk)
    old = ItemState(item.state)
    ITEM_MOVES.check(
        old, state, gettext("This cannot be done with an item that is “%(state)s”.") % {"state": old.label}
    )
    if gaps := item_gaps(state=state, next_step=item.next_step, next_date=item.next_date):
        raise AgendaRefused(gaps[0].reason, field=gaps[0].field)
    item.state = state
    item.changed_at = now
    item.save(update_fields=["state", "changed_at"])
    audit.record(f"integrity_agenda.{state}", item, actor=actor, now=now, old=str(old))
