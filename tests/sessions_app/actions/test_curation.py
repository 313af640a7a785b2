import pytest

from core.models import AuditEntry, OutgoingMail
from core.moves import Refused
from members.rules import OrganisationKind
from sessions_app.actions import curation, planning, proposals, resuming
from sessions_app.models import CurationNote, Session
from sessions_app.rules import SESSION_MOVES, HostingPart, Language, Resume, SessionState
from tests.factories.leerlijnen import (
    ActivityFactory,
    LearningLineFactory,
    PartosRoleFactory,
    TrackFactory,
    WorkstreamFactory,
)
from tests.factories.members import OrganisationFactory
from tests.factories.sessions import DialogueFactory, RegistrationFactory, SessionFactory, partos
from tests.sessions_app.proposing import credit, proposal

pytestmark = pytest.mark.django_db
S = SessionState
WHY = {"reason": "Past niet bij de leerlijn."}


def mails_to(person):
    return list(OutgoingMail.objects.filter(recipient=person).order_by("pk").values_list("kind", flat=True))


def test_curation_walks_from_sent_in_to_accepted(practitioner, staff, now):
    session = proposal(practitioner, state=S.SUBMITTED)
    curation.take_into_curation(session=session, actor=staff, now=now)
    curation.ask(session=session, question="Voor hoeveel mensen?", actor=staff, now=now)
    curation.take_into_curation(session=session, actor=staff, now=now)
    accepted = curation.accept(session=session, actor=staff, now=now)
    assert accepted.state == S.ACCEPTED
    assert mails_to(practitioner) == ["sessions_app.proposal_question", "sessions_app.proposal_decided"]
    assert list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True)) == [
        "session.in_curation", "session.needs_info", "session.in_curation", "session.accepted"
    ]  # fmt: skip


def test_the_question_is_in_the_mail_and_not_in_the_trail(practitioner, staff, now):
    session = proposal(practitioner, state=S.IN_CURATION)
    curation.ask(session=session, question="Voor hoeveel mensen?", actor=staff, now=now)
    assert "Voor hoeveel mensen?" in OutgoingMail.objects.get().text
    assert session.notes.get().kind == CurationNote.Kind.QUESTION
    assert not any("hoeveel" in str(entry.codes) for entry in AuditEntry.objects.all())


def test_accepting_into_an_activity_takes_its_line_and_track(practitioner, staff, now):
    activity = ActivityFactory(learning_line=LearningLineFactory(slug="equitable-partnerships"))
    session = proposal(practitioner, state=S.IN_CURATION)
    session = curation.accept(session=session, activity=activity, actor=staff, now=now)
    assert (session.activity, session.learning_line, session.track) == (
        activity, activity.learning_line, activity.track
    )  # fmt: skip


def test_a_workstream_session_belongs_to_no_activity(practitioner, staff, now):
    session = proposal(
        practitioner, state=S.IN_CURATION, learning_line=None, track=None, workstream=WorkstreamFactory()
    )
    with pytest.raises(Refused) as refused:
        curation.accept(session=session, activity=ActivityFactory(), actor=staff, now=now)
    assert refused.value.field == "activity"


def test_partos_facilitates_what_is_accepted(practitioner, staff, now):
    session = proposal(practitioner, state=S.IN_CURATION)
    session.hostings.filter(part=HostingPart.FACILITATE).delete()
    curation.accept(session=session, actor=staff, now=now)
    assert session.hostings.get(part=HostingPart.FACILITATE).organisation == partos()


def test_an_incomplete_proposal_is_not_accepted(practitioner, staff, now):
    session = proposal(practitioner, state=S.IN_CURATION, question="")
    with pytest.raises(Refused) as refused:
        curation.accept(session=session, actor=staff, now=now)
    assert refused.value.field == "question"


def test_merging_credits_both_proposers_and_tells_each_once(practitioner, host, staff, now):
    one, other = proposal(practitioner, state=S.IN_CURATION), proposal(host, state=S.ACCEPTED)
    credit(one, host)
    into = curation.merge(session=one, into=other, actor=staff, now=now)
    assert {row.person for row in into.proposers.all()} == {practitioner, host}
    one.refresh_from_db()
    assert (one.state, one.merged_into) == (S.MERGED, other)
    assert mails_to(practitioner) == mails_to(host) == ["sessions_app.proposal_merged"]


def test_a_proposal_does_not_merge_into_itself_or_into_what_is_over(practitioner, staff, now):
    session = proposal(practitioner, state=S.IN_CURATION)
    for other in [session, *(proposal(practitioner, state=s) for s in (S.HELD, S.DECLINED, S.DRAFT, S.MERGED))]:
        with pytest.raises(Refused) as refused:
            curation.merge(session=session, into=other, actor=staff, now=now)
        assert refused.value.field == "into"


@pytest.mark.parametrize("act", [curation.park, curation.decline])
def test_a_no_needs_a_reason_that_the_proposer_reads(practitioner, staff, now, act):
    session = proposal(practitioner, state=S.IN_CURATION)
    with pytest.raises(Refused) as refused:
        act(session=session, reason="  ", actor=staff, now=now)
    assert refused.value.field == "reason"
    act(session=session, **WHY, actor=staff, now=now)
    assert WHY["reason"] in OutgoingMail.objects.get().text


def test_deciding_again_after_reopening_mails_again(practitioner, staff, now):
    session = proposal(practitioner, state=S.IN_CURATION)
    for minutes, act in enumerate([curation.decline, curation.reopen, curation.decline]):
        act(session=session, **WHY, actor=staff, now=now.replace(minute=minutes))
    assert mails_to(practitioner) == ["sessions_app.proposal_decided"] * 3


def test_a_cancelled_session_that_is_reopened_has_no_date(practitioner, staff, now):
    session = proposal(practitioner, state=S.CANCELLED)
    session = resuming.resume(session=session, how=Resume.EMPTY, **WHY, actor=staff, now=now)
    assert (session.state, session.starts_at, session.ends_at) == (S.ACCEPTED, None, None)


def test_a_draft_that_was_thrown_away_is_not_reopened(practitioner, staff, now):
    session = proposal(practitioner, state=S.WITHDRAWN, submitted_at=None)
    with pytest.raises(Refused):
        curation.reopen(session=session, **WHY, actor=staff, now=now)


MOVES = {
    "take_into_curation": (S.IN_CURATION, {}, {S.PARKED, S.DECLINED, S.WITHDRAWN}),
    "ask": (S.NEEDS_INFO, {"question": "Wie?"}, set()),
    # Postponing and reopening lead to accepted as well, by actions of their own.
    "accept": (S.ACCEPTED, {}, {S.PLANNED, S.INVITING, S.OPEN, S.CLOSED, S.CANCELLED}),
    "park": (S.PARKED, WHY, set()),
    "decline": (S.DECLINED, WHY, set()),
}


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("name", MOVES)
def test_every_pair_of_states_follows_the_table(practitioner, staff, now, name, state):
    new, asked, by_other_ways = MOVES[name]
    session = proposal(practitioner, state=state)
    act = getattr(curation, name)
    if SESSION_MOVES.allows(state, new) and state not in by_other_ways:
        assert act(session=session, **asked, actor=staff, now=now).state == new
        return
    with pytest.raises(Refused):
        act(session=session, **asked, actor=staff, now=now)
    assert Session.objects.get(pk=session.pk).state == state
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize("state", S)
def test_only_what_ended_is_reopened(practitioner, staff, now, state):
    session = proposal(practitioner, state=state)
    if state in (S.PARKED, S.DECLINED, S.WITHDRAWN):
        assert curation.reopen(session=session, **WHY, actor=staff, now=now).state == S.IN_CURATION
    else:
        with pytest.raises(Refused):
            curation.reopen(session=session, **WHY, actor=staff, now=now)


@pytest.mark.parametrize("name", MOVES)
@pytest.mark.parametrize("who", ["practitioner", "host", "integrity_coordinator", "functional_administrator"])
def test_nobody_but_programme_staff_curates(request, practitioner, now, name, who):
    session = proposal(practitioner, state=S.SUBMITTED if name == "take_into_curation" else S.IN_CURATION)
    with pytest.raises(Refused):
        getattr(curation, name)(session=session, **MOVES[name][1], actor=request.getfixturevalue(who), now=now)


def prepare(staff, now, **fields):
    line = LearningLineFactory()
    given = {"learning_line": line, "track": TrackFactory(), "title": "Gebeld", "question": "Hoe?",
             "language": Language.NL}  # fmt: skip
    lead = fields.pop("content_lead", None) or OrganisationFactory()
    return curation.prepare(
        programme=line.programme,
        fields=given | fields,
        content_lead=lead,
        partos_roles=[PartosRoleFactory(programme=line.programme)],
        actor=staff,
        now=now,
    )


def test_staff_prepare_a_session_for_a_member(staff, now):
    partos()
    session = prepare(staff, now)
    assert session.state == S.ACCEPTED
    assert {row.part for row in session.hostings.all()} == {HostingPart.CONTENT_LEAD, HostingPart.FACILITATE}


def test_staff_cannot_prepare_a_session_that_partos_leads(staff, now):
    with pytest.raises(Refused) as refused:
        prepare(staff, now, content_lead=OrganisationFactory(kind=OrganisationKind.ASSOCIATION))
    assert refused.value.field == "content_lead"
    with pytest.raises(Refused):
        prepare(staff, now, question="")
    assert not Session.objects.exists()


def test_nobody_parks_a_postponed_session_that_people_wait_for(staff, now):
    session = planning.postpone(session=SessionFactory(registered=1), reason="Ziek.", actor=staff, now=now)
    with pytest.raises(Refused):
        curation.park(session=session, reason="Later.", actor=staff, now=now)
    assert session.registrations.live().count() == 1
    session.registrations.all().delete()
    assert curation.park(session=session, reason="Later.", actor=staff, now=now).state == S.PARKED


def test_a_practitioner_learns_nothing_of_a_dialogue_that_took_in_the_proposal(practitioner, staff, now):
    dialogue = DialogueFactory(title="Stille dialoog")
    offered = proposal(practitioner, state=S.IN_CURATION)
    curation.merge(session=offered, into=dialogue, actor=staff, now=now)
    assert dialogue not in Session.objects.visible_to(practitioner)
    told = OutgoingMail.objects.get(recipient=practitioner)
    assert "Stille dialoog" not in told.subject + told.text + told.html


def test_a_merged_in_proposer_withdraws_nothing_that_people_wait_for(practitioner, host, staff, now):
    session = proposal(host, state=S.OPEN)
    RegistrationFactory(session=session)
    curation.merge(session=proposal(practitioner, state=S.IN_CURATION), into=session, actor=staff, now=now)
    planning.postpone(session=session, reason="Ziek.", actor=staff, now=now)
    with pytest.raises(Refused):
        proposals.withdraw(session=session, actor=practitioner, now=now)
