import pytest

from core import audit
from core.moves import MoveRefused
from integrity.actions import agenda
from integrity.actions.agenda import AgendaRefused
from integrity.rules import ItemState
from tests.factories.integrity import IntegrityAgendaItemFactory

pytestmark = pytest.mark.django_db


def test_an_item_goes_its_way_and_leaves_a_trail(integrity_coordinator, now):
    item = IntegrityAgendaItemFactory()
    for state in (ItemState.AGENDISED, ItemState.IN_PROGRESS):
        agenda.move(item, state, actor=integrity_coordinator, now=now)
    item.refresh_from_db()
    assert (item.state, item.changed_at) == (ItemState.IN_PROGRESS, now)
    assert audit.trail_of(item).count() == 2


def test_a_step_cannot_be_skipped(integrity_coordinator, now):
    item = IntegrityAgendaItemFactory()
    with pytest.raises(MoveRefused):
        agenda.move(item, ItemState.AGREED, actor=integrity_coordinator, now=now)


@pytest.mark.parametrize(("lacks", "field"), [({"next_step": ""}, "next_step"), ({"next_date": None}, "next_date")])
def test_an_item_without_a_next_step_and_date_stays_but_can_be_parked(integrity_coordinator, now, lacks, field):
    item = IntegrityAgendaItemFactory(**lacks)
    with pytest.raises(AgendaRefused) as refused:
        agenda.move(item, ItemState.AGENDISED, actor=integrity_coordinator, now=now)
    assert refused.value.field == field
    agenda.move(item, ItemState.PARKED, actor=integrity_coordinator, now=now)


@pytest.mark.parametrize("name", ["practitioner", "director", "staff", "quality_coordinator"])
def test_nobody_but_the_integrity_coordinator_moves_an_item(request, name, now):
    item = IntegrityAgendaItemFactory()
    with pytest.raises(AgendaRefused):
        agenda.move(item, ItemState.AGENDISED, actor=request.getfixturevalue(name), now=now)
