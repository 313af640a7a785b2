import pytest
from django.db import DatabaseError, connection, transaction

from core import audit
from core.models import AuditEntry
from leerlijnen.rules import ActivityKind
from sessions_app.rules import Confidentiality
from tests.factories.leerlijnen import ActivityFactory
from tests.factories.members import UserFactory
from tests.factories.sessions import DialogueFactory, SessionFactory

pytestmark = pytest.mark.django_db


def test_an_entry_tells_who_did_what_to_which_row(member_organisation, contact, now):
    audit.record("organisation.changed", member_organisation, actor=contact, now=now, size="d")
    [entry] = audit.trail_of(member_organisation)
    assert (entry.verb, entry.actor, entry.at, entry.codes) == ("organisation.changed", contact, now, {"size": "d"})


@pytest.mark.parametrize("text", ["Noor Voorbeeld", "noor@leden.example", "a\nb"])
def test_names_addresses_and_free_text_are_refused(member_organisation, now, text):
    with pytest.raises(ValueError, match="holds text"):
        audit.record("organisation.changed", member_organisation, actor=None, now=now, note=text)
    assert not AuditEntry.objects.exists()


def test_the_database_refuses_to_change_the_trail(member_organisation, now):
    entry = audit.record("organisation.changed", member_organisation, actor=None, now=now)
    if connection.vendor != "postgresql":
        return  # the trigger is PostgreSQL's; the admin of both offers no change
    for change in (entry.delete, lambda: AuditEntry.objects.update(verb="y")):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


def test_a_verb_that_nobody_declared_is_refused(member_organisation, now):
    with pytest.raises(ValueError, match="not declared"):
        audit.record("organisation.painted", member_organisation, actor=None, now=now)


def test_a_verb_of_one_person_is_not_about_her_own_row(practitioner, now):
    affiliation = practitioner.affiliations.get()
    with pytest.raises(ValueError, match=r"not about a members\.Affiliation"):
        audit.record("affiliation.confirmed", affiliation, about=practitioner.pk, actor=None, now=now)


def test_a_verb_of_one_person_asks_whom_it_is_about(member_organisation, staff, now):
    with pytest.raises(ValueError, match="give her key"):
        audit.record("affiliation.confirmed", member_organisation, actor=staff, now=now)


def test_staff_are_named_and_the_person_is_not(practitioner, staff, now):
    session = SessionFactory()
    audit.record("registration.promoted", session, about=practitioner.pk, actor=staff, now=now)
    [entry] = AuditEntry.objects.values("actor", "target_type", "target_id", "codes")
    assert entry == {
        "actor": staff.pk, "target_type": "sessions_app.session", "target_id": session.pk, "codes": {},
    }  # fmt: skip


def test_who_acts_on_herself_is_not_named_though_she_is_staff(staff, now):
    audit.record("registration.promoted", SessionFactory(), about=staff.pk, actor=staff, now=now)
    assert AuditEntry.objects.get().actor is None


@pytest.mark.parametrize("room", ["dialogue", "closed space", "peer space", "group"])
def test_of_one_person_in_a_closed_room_there_is_no_entry_at_all(room, practitioner, staff, now):
    peer_space = ActivityFactory(kind=ActivityKind.PEER_SPACE)
    row = {
        "dialogue": DialogueFactory,
        "closed space": lambda: SessionFactory(confidentiality=Confidentiality.CLOSED_SPACE),
        "peer space": lambda: SessionFactory(activity=peer_space),
        "group": lambda: peer_space,
    }[room]()
    verb = "membership.admitted" if room == "group" else "registration.promoted"
    assert audit.record(verb, row, about=practitioner.pk, actor=staff, now=now) is None
    assert not AuditEntry.objects.exists()


def test_an_account_is_named_only_when_it_is_of_the_team(practitioner, staff, functional_administrator, now):
    for person in (practitioner, staff):
        audit.record("account.changed", person, actor=person, now=now)
    audit.record("account.role_given", practitioner, actor=functional_administrator, now=now, role="programme_staff")
    assert list(AuditEntry.objects.order_by("pk").values_list("actor", "target_id")) == [
        (None, None),
        (staff.pk, staff.pk),
        (functional_administrator.pk, practitioner.pk),
    ]


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        ("staff", {"sessions_app.session", "members.organisation", "members.user"}),
        ("functional_administrator", {"members.organisation", "members.user"}),
        ("quality_coordinator", set()),
    ],
)
def test_staff_read_only_of_the_kinds_of_rows_that_they_may_see(role, seen, request, member_organisation, now):
    person = request.getfixturevalue(role)
    audit.record("session.moved", SessionFactory(), actor=person, now=now)
    audit.record("organisation.changed", member_organisation, actor=person, now=now)
    audit.record("account.changed", UserFactory(), actor=person, now=now)
    assert set(audit.visible_to(person).values_list("target_type", flat=True)) == seen
