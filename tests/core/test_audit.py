import pytest
from django.db import DatabaseError, connection, transaction

from core import audit
from core.models import AuditEntry

pytestmark = pytest.mark.django_db


def test_an_entry_tells_who_did_what_to_which_row(member_organisation, contact, now):
    audit.record("organisation.changed", member_organisation, actor=contact, now=now, size="d")
    [entry] = audit.trail_of(member_organisation)
    assert (entry.verb, entry.actor, entry.at, entry.codes) == ("organisation.changed", contact, now, {"size": "d"})


@pytest.mark.parametrize("text", ["Noor Voorbeeld", "noor@leden.example", "a\nb"])
def test_names_addresses_and_free_text_are_refused(member_organisation, now, text):
    with pytest.raises(ValueError, match="holds text"):
        audit.record("x", member_organisation, actor=None, now=now, note=text)
    assert not AuditEntry.objects.exists()


def test_the_database_refuses_to_change_the_trail(member_organisation, now):
    entry = audit.record("x", member_organisation, actor=None, now=now)
    if connection.vendor != "postgresql":
        return  # the trigger is PostgreSQL's; the admin of both offers no change
    for change in (entry.delete, lambda: AuditEntry.objects.update(verb="y")):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()
