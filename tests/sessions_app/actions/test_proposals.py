import pytest

from core.models import AuditEntry, OutgoingMail
from core.moves import MoveRefused, Refused
from leerlijnen.rules import TrackCode
from members.rules import OrganisationKind
from sessions_app.actions import proposals
from sessions_app.models import CurationNote, Hosting, Session
from sessions_app.rules import EDITABLE_BY_PROPOSER, SESSION_MOVES, HostingPart, SessionState
from tests.factories.leerlijnen import (
    ActivityFactory,
    LearningLineFactory,
    PartosRoleFactory,
    ProgrammeFactory,
    TrackFactory,
    WorkstreamFactory,
)
from tests.factories.members import OrganisationFactory, member_person
from tests.factories.sessions import partos
from tests.sessions_app.proposing import credit, proposal

pytestmark = pytest.mark.django_db
S = SessionState


def start(person, now, **fields):
    organisation = fields.pop("organisation", None) or person.affiliations.get().organisation
    return proposals.start_draft(
        person=person, organisation=organisation, programme=ProgrammeFactory(), actor=person, now=now
    )


def save(session, person, now, **fields):
    changes = {key: fields.pop(key) for key in list(fields) if key not in ("content_lead", "partos_roles")}
    return proposals.save_draft(session=session, changes=changes, **fields, actor=person, now=now)


def test_a_member_starts_a_draft_that_credits_person_and_organisation(practitioner, now):
    session = start(practitioner, now)
    assert session.state == S.DRAFT
    assert [(p.person, p.organisation) for p in session.proposers.all()] == [
        (practitioner, practitioner.affiliations.get().organisation)
    ]
    assert AuditEntry.objects.get(verb="session.draft").actor is None
    assert not OutgoingMail.objects.exists()


def test_a_double_click_starts_one_draft(practitioner, now):
    assert start(practitioner, now) == start(practitioner, now)


def test_a_second_draft_starts_when_the_first_has_words_in_it(practitioner, now):
    first = save(start(practitioner, now), practitioner, now, title="Eerste")
    assert start(practitioner, now) != first


@pytest.mark.parametrize("kind", [OrganisationKind.ASSOCIATION, OrganisationKind.MINISTRY, OrganisationKind.OTHER])
def test_only_members_and_partners_put_something_on_the_agenda(kind, now):
    with pytest.raises(Refused):
        start(member_person(kind=kind), now)
    assert not Session.objects.exists()


def test_nobody_starts_for_an_organisation_of_others(practitioner, now):
    with pytest.raises(Refused):
        start(practitioner, now, organisation=OrganisationFactory())


def test_who_asked_for_an_affiliation_and_was_not_confirmed_yet_starts_nothing(practitioner, now):
    practitioner.affiliations.update(state="requested")
    with pytest.raises(Refused):
        start(practitioner, now)


def test_a_draft_is_kept_however_incomplete(practitioner, now):
    session = save(start(practitioner, now), practitioner, now, title="Alleen een titel")
    assert Session.objects.get(pk=session.pk).title == "Alleen een titel"


def test_emoji_and_text_from_right_to_left_are_kept_as_typed(practitioner, now):
    title = "Samen 🌍 تعاون دولي"
    assert save(start(practitioner, now), practitioner, now, title=title).title == title


def test_a_workstream_takes_no_track(practitioner, now):
    session = start(practitioner, now)
    line, track = LearningLineFactory(), TrackFactory()
    save(session, practitioner, now, learning_line=line, track=track)
    session = save(session, practitioner, now, workstream=WorkstreamFactory())
    assert (session.learning_line, session.track) == (None, None)


def test_an_activity_of_another_track_is_refused_at_its_field(practitioner, now):
    activity = ActivityFactory()
    leadership = TrackFactory(code=TrackCode.LEADERSHIP)
    with pytest.raises(Refused) as refused:
        save(
            start(practitioner, now), practitioner, now,
            learning_line=activity.learning_line, track=leadership, activity=activity,
        )  # fmt: skip
    assert refused.value.field == "activity"


@pytest.mark.parametrize("kind", [OrganisationKind.ASSOCIATION, OrganisationKind.MINISTRY, OrganisationKind.OTHER])
def test_partos_or_a_ministry_cannot_lead_the_content(practitioner, now, kind):
    with pytest.raises(Refused, match="Een lid of partner moet de inhoud trekken") as refused:
        save(start(practitioner, now), practitioner, now, content_lead=OrganisationFactory(kind=kind))
    assert refused.value.field == "content_lead"
    assert not Hosting.objects.exists()


def test_the_proposer_is_the_face_of_the_own_organisation_and_of_no_other(practitioner, now):
    session = start(practitioner, now)
    own, other = practitioner.affiliations.get().organisation, OrganisationFactory()
    save(session, practitioner, now, content_lead=own)
    assert session.hostings.get().person == practitioner
    save(session, practitioner, now, content_lead=other)
    lead = session.hostings.get()
    assert (lead.organisation, lead.person, lead.part) == (other, None, HostingPart.CONTENT_LEAD)


def test_a_proposer_cannot_write_what_is_the_portals(practitioner, now):
    with pytest.raises(ValueError, match="state"):
        save(start(practitioner, now), practitioner, now, state="open")


def test_sending_in_tells_the_proposer_and_the_staff(practitioner, staff, now):
    session = proposals.submit(session=proposal(practitioner), actor=practitioner, now=now)
    assert (session.state, session.submitted_at) == (S.SUBMITTED, now)
    mails = {mail.recipient: mail for mail in OutgoingMail.objects.all()}
    assert {person: mail.kind for person, mail in mails.items()} == {
        practitioner: "sessions_app.proposal_submitted",
        staff: "sessions_app.proposal_received",
    }
    assert mails[practitioner].key == f"proposal:{session.pk}:submitted:{practitioner.pk}"
    assert session.title in mails[staff].subject


GAPS = {
    "title": {"title": " "},
    "subject": {"learning_line": None, "track": None},
    "track": {"track": None},
    "question": {"question": ""},
    "language": {"language": ""},
}


@pytest.mark.parametrize(("field", "missing"), GAPS.items(), ids=GAPS)
def test_what_is_missing_is_named_at_its_field(practitioner, now, field, missing):
    session = proposal(practitioner, **missing)
    with pytest.raises(Refused) as refused:
        proposals.submit(session=session, actor=practitioner, now=now)
    assert refused.value.field == field
    session.refresh_from_db()
    assert (session.state, session.submitted_at) == (S.DRAFT, None)
    assert not OutgoingMail.objects.exists()


def test_without_content_lead_or_role_nothing_is_sent_in(practitioner, now):
    session = proposal(practitioner)
    session.hostings.filter(part=HostingPart.CONTENT_LEAD).delete()
    with pytest.raises(Refused) as refused:
        proposals.submit(session=session, actor=practitioner, now=now)
    assert refused.value.field == "content_lead"
    session = proposal(practitioner)
    session.partos_roles.clear()
    with pytest.raises(Refused) as refused:
        proposals.submit(session=session, actor=practitioner, now=now)
    assert refused.value.field == "partos_roles"


def test_a_workstream_proposal_needs_no_track(practitioner, now):
    session = proposal(practitioner, learning_line=None, track=None, workstream=WorkstreamFactory())
    assert proposals.submit(session=session, actor=practitioner, now=now).state == S.SUBMITTED


def test_sending_twice_mails_once(practitioner, now):
    session = proposal(practitioner)
    proposals.submit(session=session, actor=practitioner, now=now)
    with pytest.raises(MoveRefused):
        proposals.submit(session=session, actor=practitioner, now=now)
    assert OutgoingMail.objects.filter(recipient=practitioner).count() == 1


def test_who_left_the_organisation_sends_nothing_in(practitioner, now):
    session = proposal(practitioner)
    practitioner.affiliations.update(state="ended")
    with pytest.raises(Refused):
        proposals.submit(session=session, actor=practitioner, now=now)


ERRANDS = {
    "save": lambda session, person, now: save(session, person, now, title="Gekaapt"),
    "submit": lambda session, person, now: proposals.submit(session=session, actor=person, now=now),
    "answer": lambda session, person, now: proposals.answer(session=session, text="Ja", actor=person, now=now),
    "withdraw": lambda session, person, now: proposals.withdraw(session=session, actor=person, now=now),
}


@pytest.mark.parametrize("errand", ERRANDS)
@pytest.mark.parametrize("state", [S.DRAFT, S.NEEDS_INFO])
def test_nobody_touches_the_proposal_of_someone_else(practitioner, host, staff, now, errand, state):
    session = proposal(practitioner, state=state)
    for person in (host, staff):
        with pytest.raises(Refused):
            ERRANDS[errand](session, person, now)
    unchanged = Session.objects.get(pk=session.pk)
    assert (unchanged.state, unchanged.title) == (state, session.title)


@pytest.mark.parametrize("state", S)
def test_a_proposal_is_changed_only_as_draft_or_when_asked(practitioner, now, state):
    session = proposal(practitioner, state=state)
    if state in EDITABLE_BY_PROPOSER:
        assert save(session, practitioner, now, title="Beter").title == "Beter"
    else:
        with pytest.raises(Refused):
            save(session, practitioner, now, title="Beter")


@pytest.mark.parametrize("state", S)
def test_a_proposal_is_withdrawn_as_the_table_of_moves_says(practitioner, now, state):
    session = proposal(practitioner, state=state)
    if SESSION_MOVES.allows(state, S.WITHDRAWN):
        assert proposals.withdraw(session=session, actor=practitioner, now=now).state == S.WITHDRAWN
    else:
        with pytest.raises(MoveRefused):
            proposals.withdraw(session=session, actor=practitioner, now=now)


def test_an_answer_goes_back_to_staff(practitioner, now):
    session = proposal(practitioner, state=S.NEEDS_INFO)
    proposals.answer(session=session, text=" Voor iedereen. ", actor=practitioner, now=now)
    session.refresh_from_db()
    note = session.notes.get()
    assert (session.state, note.kind, note.text) == (S.IN_CURATION, CurationNote.Kind.ANSWER, "Voor iedereen.")


def test_an_empty_answer_is_refused_at_its_field(practitioner, now):
    session = proposal(practitioner, state=S.NEEDS_INFO)
    with pytest.raises(Refused) as refused:
        proposals.answer(session=session, text="  ", actor=practitioner, now=now)
    assert refused.value.field == "text"


def test_an_answer_is_refused_when_the_proposal_lost_its_question(practitioner, now):
    session = proposal(practitioner, state=S.NEEDS_INFO, question="")
    with pytest.raises(Refused) as refused:
        proposals.answer(session=session, text="Ja", actor=practitioner, now=now)
    assert refused.value.field == "question"


def test_a_draft_thrown_away_stays_out_of_the_sight_of_staff(practitioner, staff, now):
    session = proposal(practitioner)
    proposals.withdraw(session=session, actor=practitioner, now=now)
    sent_in = proposal(practitioner, state=S.SUBMITTED)
    proposals.withdraw(session=sent_in, actor=practitioner, now=now)
    assert list(Session.objects.visible_to(staff)) == [sent_in]


def test_both_credited_people_may_answer(practitioner, host, now):
    session = proposal(practitioner, state=S.NEEDS_INFO)
    credit(session, host)
    proposals.answer(session=session, text="Ja", actor=host, now=now)
    assert Session.objects.get(pk=session.pk).state == S.IN_CURATION


def test_the_trail_names_no_person_for_a_leadership_dialogue(practitioner, now):
    session = proposal(practitioner, track=TrackFactory(code=TrackCode.LEADERSHIP))
    proposals.submit(session=session, actor=practitioner, now=now)
    assert AuditEntry.objects.get(verb="session.submitted").actor is None


def test_roles_are_kept(practitioner, now):
    session = start(practitioner, now)
    role = PartosRoleFactory(programme=session.programme)
    save(session, practitioner, now, partos_roles=[role])
    assert list(session.partos_roles.all()) == [role]
    assert partos().may_lead_content is False


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_mail_shows_a_title_as_typed_and_runs_nothing_in_it(practitioner, staff, now, language):
    for person in (practitioner, staff):
        person.language = language
        person.save()
    title = "<b>Wie & wat</b>"
    proposals.submit(session=proposal(practitioner, title=title), actor=practitioner, now=now)
    for mail in OutgoingMail.objects.all():
        assert title in mail.subject
        assert title in mail.text
        assert "&lt;b&gt;Wie &amp; wat&lt;/b&gt;" in mail.html
        assert title not in mail.html


def test_staff_hear_that_a_proposer_answered_or_withdrew(practitioner, staff, now):
    session = proposal(practitioner, state=S.NEEDS_INFO)
    proposals.answer(session=session, text="Voor dertig mensen.", actor=practitioner, now=now)
    proposals.withdraw(session=session, actor=practitioner, now=now, reason="Te druk.")
    answered, withdrawn = OutgoingMail.objects.filter(recipient=staff).order_by("pk")
    assert "Voor dertig mensen." in answered.text
    assert "Te druk." in withdrawn.text


def test_staff_hear_nothing_of_a_draft_that_is_thrown_away(practitioner, staff, now):
    proposals.withdraw(session=proposal(practitioner), actor=practitioner, now=now)
    assert not OutgoingMail.objects.exists()
