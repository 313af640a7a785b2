"""The history of a session: what was done, by whom, and what it changed into what."""

import importlib
from datetime import timedelta

import pytest
from django.apps import apps

from core.models import AuditEntry
from sessions_app.actions import planning, proposals, session_state
from sessions_app.models import Hosting, SessionChange
from sessions_app.rules import HostingPart, SessionState
from tests.factories.sessions import DialogueFactory, ProposerFactory, SessionFactory

pytestmark = pytest.mark.django_db


def told(session):
    return {(row.verb, row.field): (row.old, row.new) for row in session.history.all()}


def test_a_correction_says_what_each_field_was_and_became(staff, now):
    session = SessionFactory(title="Samen inkopen", description="", capacity=10)
    changes = {"title": "Samen kopen", "description": "Met zijn allen.", "capacity": 12}
    planning.change(session=session, changes=changes, actor=staff, now=now)
    assert told(session) == {
        ("session.changed", "title"): ("Samen inkopen", "Samen kopen"),
        ("session.changed", "description"): ("", "Met zijn allen."),
        ("session.changed", "capacity"): ("10", "12"),
    }
    assert {row.author for row in session.history.all()} == {staff}


def test_the_trail_has_the_names_of_the_fields_alone(staff, now):
    session = SessionFactory(title="Samen inkopen")
    planning.change(session=session, changes={"title": "Samen kopen"}, actor=staff, now=now)
    assert AuditEntry.objects.get().codes == {"fields": "title"}


def test_a_postponed_session_tells_the_date_that_it_had(staff, now):
    session = SessionFactory()
    was = session.starts_at
    planning.postpone(session=session, reason="De zaal is dicht.", actor=staff, now=now)
    rows = told(session)
    assert rows["session.accepted", "starts_at"] == (was.isoformat(), "")
    assert rows["session.accepted", "state"] == ("open", "accepted")


def test_the_history_of_a_dialogue_names_nobody(staff, now):
    dialogue = DialogueFactory(title="Over macht")
    planning.change(session=dialogue, changes={"title": "Over geld"}, actor=staff, now=now)
    [row] = dialogue.history.all()
    assert (row.author, row.old, row.new) == (None, "Over macht", "Over geld")


def test_what_a_proposer_rewrites_after_a_question_is_told_as_well(practitioner, now):
    session = ProposerFactory(
        person=practitioner,
        organisation=practitioner.affiliations.get().organisation,
        session__state=SessionState.NEEDS_INFO,
        session__submitted_at=now,
        session__starts_at=None,
        session__question="Wie doet mee?",
    ).session
    proposals.save_draft(session=session, changes={"question": "Wie betaalt?"}, actor=practitioner, now=now)
    assert told(session) == {("session.changed", "question"): ("Wie doet mee?", "Wie betaalt?")}


@pytest.mark.parametrize(("language", "words"), [("", ("titel", "Werd")), ("/en", ("title", "Became"))])
def test_staff_read_who_changed_what_into_what(client, staff, now, language, words):
    session = SessionFactory(title="Samen inkopen", capacity=10)
    planning.change(session=session, changes={"title": "Samen kopen", "capacity": 12}, actor=staff, now=now)
    client.force_login(staff)
    page = client.get(f"{language}/admin/sessions_app/session/{session.pk}/change/").content.decode()
    history = page.partition('id="history"')[2]
    for word in ("Samen inkopen", "Samen kopen", "10</div>", "12</div>", str(staff), *words):
        assert word in history, word


def test_a_proposer_reads_what_staff_corrected_and_not_the_link_of_who_comes(client, practitioner, staff, now):
    session = ProposerFactory(person=practitioner, session__title="Samen inkopen").session
    session_state.record("session.submitted", session, actor=practitioner, now=now)
    planning.change(session=session, changes={"title": "Samen kopen"}, actor=staff, now=now)
    SessionChange.objects.create(
        session=session, verb="session.moved", field="online_link", old="https://geheim.example/", new="x", at=now
    )
    client.force_login(practitioner)
    history = client.get(f"/agenderen/{session.pk}/").content.decode().partition('id="history"')[2]
    assert "“Samen inkopen” werd “Samen kopen”" in history
    assert "ingestuurd" in history
    assert "geheim" not in history
    assert str(staff) not in history


def test_the_hosts_of_a_session_are_told_by_organisation_and_never_by_person(client, staff, host, now):
    session = SessionFactory(host=host)
    hosting = session.hostings.filter(person=host).first()
    session_state.record(
        "session.hostings_changed", session, also={"hostings": ("", str(hosting.organisation))}, actor=staff, now=now
    )
    assert host.name not in str(list(session.history.values_list("old", "new")))
    assert Hosting.objects.filter(part=HostingPart.CONTENT_LEAD).exists()


def test_the_history_is_filled_from_what_the_trail_had(practitioner, now):
    session = SessionFactory()
    for pk, verb in ((session.pk, "session.submitted"), (session.pk, "registration.created"), (987, "session.moved")):
        AuditEntry.objects.create(
            verb=verb, actor=practitioner, target_type="sessions_app.session", target_id=pk, at=now - timedelta(days=1)
        )
    importlib.import_module("sessions_app.migrations.0021_history_from_the_trail").fill(apps, None)
    [row] = SessionChange.objects.all()
    assert (row.session, row.verb, row.author, row.at) == (
        session, "session.submitted", practitioner, now - timedelta(days=1),
    )  # fmt: skip
