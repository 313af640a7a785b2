"""The migration that makes the trail clean: rows as they were written while it still said who takes part."""

import importlib
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from core.models import AuditEntry
from leerlijnen.rules import ActivityKind
from sessions_app.rules import Confidentiality
from tests.factories.leerlijnen import ActivityFactory, GroupMembershipFactory
from tests.factories.sessions import DialogueFactory, RegistrationFactory, SessionFactory

pytestmark = pytest.mark.django_db


def run():
    def execute(sql):
        with connection.cursor() as cursor:
            cursor.execute(sql)

    module = importlib.import_module("partos_portal.migrations.0002_trail_without_people")
    module.clean(apps, SimpleNamespace(connection=connection, execute=execute))


@pytest.fixture
def write(now):
    def entry(verb, label, pk, actor=None, **codes):
        return AuditEntry.objects.create(
            verb=verb, actor=actor, target_type=label, target_id=pk, codes=codes, at=now
        )  # as it was

    return entry


def left():
    return list(AuditEntry.objects.order_by("pk").values_list("verb", "actor", "target_type", "target_id", "codes"))


def test_what_somebody_did_for_herself_goes(write, practitioner):
    session = SessionFactory()
    row = RegistrationFactory(session=session, person=practitioner)
    write("registration.created", "sessions_app.registration", row.pk, practitioner, session=session.pk)
    write("series.joined", "sessions_app.series", 1, practitioner, person=practitioner.pk)
    write("account.follows", "members.user", practitioner.pk, practitioner, number=2)
    write("account.mail_chosen", "members.user", practitioner.pk, practitioner)
    write("dialogue.accepted", "sessions_app.session", DialogueFactory().pk)
    run()
    assert left() == []


def test_what_staff_did_about_a_place_stays_without_whose_it_was(write, staff):
    session = SessionFactory()
    row = RegistrationFactory(session=session)
    write("registration.ended", "sessions_app.registration", row.pk, staff, session=session.pk, old="confirmed")
    run()
    assert left() == [("registration.ended", staff.pk, "sessions_app.session", session.pk, {"old": "confirmed"})]


@pytest.mark.parametrize("room", ["dialogue", "closed space", "peer space"])
def test_of_a_closed_room_not_even_that_stays(write, staff, room):
    session = {
        "dialogue": DialogueFactory,
        "closed space": lambda: SessionFactory(confidentiality=Confidentiality.CLOSED_SPACE),
        "peer space": lambda: SessionFactory(activity=ActivityFactory(kind=ActivityKind.PEER_SPACE)),
    }[room]()
    write("registration.ended", "sessions_app.registration", 5, staff, session=session.pk)
    run()
    assert left() == []


def test_groups_and_organisations_are_named_and_their_people_are_not(write, practitioner, contact, staff):
    membership = GroupMembershipFactory(person=practitioner)
    affiliation = practitioner.affiliations.get()
    group, organisation = membership.activity_id, affiliation.organisation_id
    write("membership.requested", "leerlijnen.groupmembership", membership.pk, practitioner, group=group)
    write("membership.admitted", "leerlijnen.groupmembership", membership.pk, staff, group=group)
    write("affiliation.requested", "members.affiliation", affiliation.pk, practitioner, organisation=organisation)
    write("affiliation.confirmed", "members.affiliation", affiliation.pk, contact, at_once=False)
    write("affiliation.ended", "members.affiliation", affiliation.pk, practitioner)
    write("affiliation.ended", "members.affiliation", 987654321, staff)
    run()
    assert left() == [
        ("membership.requested", None, "leerlijnen.activity", group, {}),
        ("membership.admitted", staff.pk, "leerlijnen.activity", group, {}),
        ("affiliation.requested", None, "members.organisation", organisation, {}),
        ("affiliation.confirmed", contact.pk, "members.organisation", organisation, {"at_once": False}),
        ("affiliation.ended", None, "members.organisation", organisation, {}),
    ]


def test_accounts_and_mails_lose_their_key_unless_they_are_of_the_team(write, practitioner, staff):
    write("account.changed", "members.user", practitioner.pk, practitioner, fields="name")
    write("account.changed", "members.user", staff.pk, staff, fields="name")
    write("calendar_address.made", "sessions_app.calendaraddress", 1, practitioner)
    write("mail.sent_again", "core.outgoingmail", 7, staff)
    run()
    assert [(actor, pk) for _verb, actor, _label, pk, _codes in left()] == [
        (None, None),
        (staff.pk, staff.pk),
        (None, None),
        (staff.pk, None),
    ]


def test_the_acts_of_hosts_and_contacts_keep_who_did_them_and_those_of_a_proposer_do_not(write, host, contact):
    session = SessionFactory(host=host)
    write("session.attendance_noted", "sessions_app.session", session.pk, host)
    write("session.submitted", "sessions_app.session", session.pk, host)
    write("organisation.changed", "members.organisation", 1, contact)
    run()
    assert [actor for _verb, actor, *_rest in left()] == [host.pk, None, contact.pk]


def test_afterwards_the_trail_is_append_only_again(write, staff):
    write("mail.sent_again", "core.outgoingmail", 7, staff)
    run()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT tgenabled FROM pg_trigger WHERE tgname = 'core_audit_is_append_only'")
            assert cursor.fetchall() == [("O",)]
