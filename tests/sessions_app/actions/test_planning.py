from dataclasses import replace
from datetime import timedelta

import pytest

from core.dates import local
from core.mail import Letter, queue
from core.models import AuditEntry, MailState, OutgoingMail
from core.moves import Refused
from leerlijnen.rules import TrackCode
from members.rules import OrganisationKind
from sessions_app.actions import curation, planning
from sessions_app.actions.planning import Schedule
from sessions_app.models import Hosting, Session
from sessions_app.rules import (
    SESSION_MOVES,
    UPCOMING,
    Admission,
    Audience,
    Confidentiality,
    Form,
    HostingPart,
    InvitationState,
    RegistrationState,
    SessionState,
)
from tests.factories.leerlijnen import TrackFactory
from tests.factories.members import OrganisationFactory
from tests.factories.sessions import (
    DialogueFactory,
    InvitationFactory,
    ProposerFactory,
    RegistrationFactory,
    SessionFactory,
)

pytestmark = pytest.mark.django_db
S = SessionState
WHY = {"reason": "De spreker is ziek."}


@pytest.fixture
def schedule(now):
    start = now + timedelta(days=30)
    return Schedule(
        starts_at=start,
        ends_at=start + timedelta(hours=2),
        form=Form.ON_SITE,
        place="Zaal 2 (fictief)",
        capacity=12,
        registration_deadline=start - timedelta(days=2),
    )


def accepted(**fields):
    return SessionFactory(state=S.ACCEPTED, starts_at=None, capacity=None, place="", **fields)


def plan(session, schedule, staff, now, **fields):
    fields = {"for_whom": "Programmamedewerkers", "audience": "members", "admission": "direct",
              "confidentiality": "internal"} | fields  # fmt: skip
    return planning.plan(session=session, schedule=schedule, actor=staff, now=now, **fields)


def kinds_of_mail():
    return list(OutgoingMail.objects.order_by("pk").values_list("kind", flat=True))


def test_a_session_gets_its_date_opens_closes_and_is_held(staff, schedule, now):
    session = plan(accepted(), schedule, staff, now)
    assert (session.state, session.starts_at, session.dated_at) == (S.PLANNED, schedule.starts_at, now)
    planning.open_registration(session=session, actor=staff, now=now)
    planning.close(session=session, actor=staff, now=now)
    held = planning.mark_held(session=session, actor=staff, now=schedule.ends_at)
    assert held.state == S.HELD
    assert kinds_of_mail() == []


WRONG = {
    "starts_at": {"starts_at": None},
    "ends_at": {"ends_at": None},
    "form": {"form": ""},
    "place": {"place": " "},
    "online_link": {"form": Form.ONLINE},
    "capacity": {"capacity": 0},
    "capacity_online": {"form": Form.HYBRID, "online_link": "https://bellen.example/1", "capacity_online": 10**9},
}


@pytest.mark.parametrize(("field", "wrong"), WRONG.items(), ids=WRONG)
def test_what_a_date_lacks_is_named_at_its_field(staff, schedule, now, field, wrong):
    session = accepted()
    with pytest.raises(Refused) as refused:
        plan(session, replace(schedule, **wrong), staff, now)
    assert refused.value.field == field
    assert Session.objects.get(pk=session.pk).state == S.ACCEPTED


def test_the_end_comes_after_the_start(staff, schedule, now):
    with pytest.raises(Refused) as refused:
        plan(accepted(), replace(schedule, ends_at=schedule.starts_at), staff, now)
    assert refused.value.field == "ends_at"


def test_registration_closes_before_the_start(staff, schedule, now):
    late = replace(schedule, registration_deadline=schedule.starts_at + timedelta(minutes=1))
    with pytest.raises(Refused) as refused:
        plan(accepted(), late, staff, now)
    assert refused.value.field == "registration_deadline"


def test_a_past_date_is_recorded_only_when_it_is_meant(staff, schedule, now):
    past = replace(schedule, starts_at=now - timedelta(days=3), ends_at=now - timedelta(days=2),
                   registration_deadline=None)  # fmt: skip
    session = accepted()
    with pytest.raises(Refused) as refused:
        plan(session, past, staff, now)
    assert refused.value.field == "starts_at"
    session = plan(session, past, staff, now, past_is_meant=True)
    assert planning.mark_held(session=session, actor=staff, now=now).state == S.HELD


def test_a_session_is_not_held_before_it_has_ended(staff, now):
    session = SessionFactory(state=S.CLOSED)
    with pytest.raises(Refused):
        planning.mark_held(session=session, actor=staff, now=now)


def lead_by(session, *kinds):
    session.hostings.filter(part=HostingPart.CONTENT_LEAD).delete()
    for kind in kinds:
        Hosting.objects.create(
            session=session, organisation=OrganisationFactory(kind=kind), part=HostingPart.CONTENT_LEAD
        )


K = OrganisationKind


@pytest.mark.parametrize(
    "kinds", [[], [K.ASSOCIATION], [K.MINISTRY], [K.OTHER], [K.MEMBER, K.ASSOCIATION], [K.PARTNER, K.MINISTRY]]
)
@pytest.mark.parametrize("state", [S.PLANNED, S.CLOSED])
def test_nothing_opens_unless_a_member_or_partner_leads_the_content(staff, now, kinds, state):
    session = SessionFactory(state=state)
    lead_by(session, *kinds)
    with pytest.raises(Refused, match="Een lid of partner moet de inhoud trekken") as refused:
        planning.open_registration(session=session, actor=staff, now=now)
    assert refused.value.field == "content_lead"
    assert Session.objects.get(pk=session.pk).state == state


@pytest.mark.parametrize("kind", [K.MEMBER, K.PARTNER])
def test_a_session_opens_when_a_member_or_partner_leads_the_content(staff, now, kind):
    session = SessionFactory(state=S.PLANNED)
    lead_by(session, kind)
    assert planning.open_registration(session=session, actor=staff, now=now).state == S.OPEN


def test_a_past_session_without_content_lead_is_not_held_either(staff, now):
    session = SessionFactory(state=S.PLANNED, starts_at=now - timedelta(days=2))
    lead_by(session)
    with pytest.raises(Refused) as refused:
        planning.mark_held(session=session, actor=staff, now=now)
    assert refused.value.field == "content_lead"


@pytest.mark.parametrize(
    ("field", "missing"),
    {
        "hostings": {},
        "audience": {"audience": ""},
        "admission": {"admission": ""},
        "confidentiality": {"confidentiality": ""},
        "registration_deadline": {"registration_deadline": None},
    }.items(),
)
def test_what_is_missing_to_open_is_named(staff, now, field, missing):
    session = SessionFactory(state=S.PLANNED, **missing)
    if field == "hostings":
        session.hostings.filter(part=HostingPart.FACILITATE).delete()
    with pytest.raises(Refused) as refused:
        planning.open_registration(session=session, actor=staff, now=now)
    assert refused.value.field == field


def test_a_session_does_not_open_after_its_deadline(staff, now):
    session = SessionFactory(state=S.CLOSED, registration_deadline=now - timedelta(hours=1))
    with pytest.raises(Refused) as refused:
        planning.open_registration(session=session, actor=staff, now=now)
    assert refused.value.field == "registration_deadline"


def test_a_dialogue_is_by_invitation_and_under_the_chatham_house_rule(staff, schedule, now):
    session = accepted(track=TrackFactory(code=TrackCode.LEADERSHIP))
    session = plan(session, schedule, staff, now, audience="public", admission="direct", confidentiality="")
    assert (session.audience, session.admission, session.confidentiality) == (
        Audience.INVITED, Admission.INVITATION, Confidentiality.CHATHAM_HOUSE
    )  # fmt: skip
    with pytest.raises(Refused):
        planning.open_registration(session=session, actor=staff, now=now)
    assert planning.start_inviting(session=session, actor=staff, now=now).state == S.INVITING
    assert AuditEntry.objects.filter(actor__isnull=False).count() == 0


def test_only_dialogues_invite(staff, now):
    with pytest.raises(Refused):
        planning.start_inviting(session=SessionFactory(state=S.PLANNED), actor=staff, now=now)


def test_moving_tells_everyone_registered_or_waiting_and_keeps_the_state(staff, schedule, now):
    session = SessionFactory(registered=2, waiting=1, capacity=2)
    RegistrationFactory(session=session, state=RegistrationState.CANCELLED)
    reminded = RegistrationFactory(session=session)
    key = f"session:{session.pk}:reminder:{reminded.person.pk}:T-7d:x"
    mail_of = {"session": session, "registration": reminded, "person": reminded.person}
    queue(Letter(key=key, to=reminded.person, template="sessions_app/mail/reminder", context=mail_of), now=now)
    moved = planning.move(session=session, schedule=replace(schedule, capacity=2), actor=staff, now=now)
    assert (moved.state, moved.starts_at, moved.sequence) == (S.OPEN, schedule.starts_at, 1)
    told = OutgoingMail.objects.filter(kind="sessions_app.session_moved")
    assert set(told.values_list("recipient", flat=True)) == set(
        session.registrations.live().values_list("person", flat=True)
    )
    assert OutgoingMail.objects.get(key=key).state == MailState.WITHDRAWN
    assert "SEQUENCE:1" in told.first().attachments[0]["content"]


def test_moving_to_the_same_date_is_no_move(staff, now):
    session = SessionFactory()
    same = Schedule(**{name: getattr(session, name) for name in Schedule.__dataclass_fields__})
    with pytest.raises(Refused):
        planning.move(session=session, schedule=same, actor=staff, now=now)


def test_a_session_is_not_moved_into_the_past(staff, schedule, now):
    past = replace(schedule, starts_at=now - timedelta(hours=1))
    with pytest.raises(Refused) as refused:
        planning.move(session=SessionFactory(), schedule=past, actor=staff, now=now)
    assert refused.value.field == "starts_at"


def test_moving_online_takes_everyone_along(staff, schedule, now):
    session = SessionFactory(registered=1)
    online = replace(schedule, form=Form.ONLINE, online_link="https://bellen.example/1")
    planning.move(session=session, schedule=online, actor=staff, now=now)
    assert session.registrations.get().form == Form.ONLINE


def test_postponing_drops_the_date_and_keeps_the_seats(staff, schedule, now):
    session = SessionFactory(registered=1, waiting=1)
    postponed = planning.postpone(session=session, **WHY, actor=staff, now=now)
    assert (postponed.state, postponed.starts_at, postponed.sequence) == (S.ACCEPTED, None, 1)
    assert kinds_of_mail() == ["sessions_app.session_postponed"] * 2
    assert all(WHY["reason"] in mail.text for mail in OutgoingMail.objects.all())
    assert session.registrations.live().count() == 2
    again = plan(postponed, schedule, staff, now)
    assert again.sequence == 2
    assert kinds_of_mail()[2:] == ["sessions_app.session_moved"] * 2


def test_cancelling_ends_every_registration_and_tells_why(staff, now):
    session = SessionFactory(registered=1, waiting=1)
    cancelled = planning.cancel(session=session, **WHY, actor=staff, now=now)
    assert (cancelled.state, cancelled.sequence) == (S.CANCELLED, 1)
    assert set(session.registrations.values_list("state", flat=True)) == {RegistrationState.CANCELLED}
    mails = OutgoingMail.objects.filter(kind="sessions_app.session_cancelled")
    assert mails.count() == 2
    assert all(WHY["reason"] in mail.text for mail in mails)


@pytest.mark.parametrize("act", [planning.postpone, planning.cancel])
def test_without_a_reason_nobody_is_sent_home(staff, now, act):
    session = SessionFactory(registered=1)
    with pytest.raises(Refused) as refused:
        act(session=session, reason="", actor=staff, now=now)
    assert refused.value.field == "reason"
    assert kinds_of_mail() == []


def test_more_seats_are_held_for_the_first_in_line(staff, now):
    session = SessionFactory(registered=2, waiting=2, capacity=2)
    first, second = session.registrations.waiting()
    planning.change(session=session, changes={"capacity": 3}, actor=staff, now=now)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (RegistrationState.OFFERED, RegistrationState.WAITLISTED)


def test_fewer_seats_throw_nobody_out(staff, now):
    session = SessionFactory(registered=3, capacity=3)
    planning.change(session=session, changes={"capacity": 1}, actor=staff, now=now)
    assert session.registrations.holding_seat().count() == 3


def test_a_correction_cannot_take_away_what_the_session_needs(staff, now):
    session = SessionFactory()
    with pytest.raises(Refused) as refused:
        planning.change(session=session, changes={"capacity": None}, actor=staff, now=now)
    assert refused.value.field == "capacity"


@pytest.mark.parametrize("field", ["state", "starts_at", "place", "sequence"])
def test_date_place_and_state_are_no_corrections(staff, now, field):
    with pytest.raises(ValueError, match=field):
        planning.change(session=SessionFactory(), changes={field: "x"}, actor=staff, now=now)


def make(state, now):
    """Ended, so that time refuses nothing that the table allows."""
    if state in (S.PLANNED, S.OPEN, S.CLOSED, S.HELD, S.FOLLOWED_UP, S.ARCHIVED, S.CANCELLED):
        return SessionFactory(state=state)
    if state == S.INVITING:
        return DialogueFactory(state=state)
    return accepted() if state == S.ACCEPTED else SessionFactory(state=state, starts_at=None)


ACTS = {
    "plan": S.PLANNED,
    "open_registration": S.OPEN,
    "close": S.CLOSED,
    "cancel": S.CANCELLED,
    "mark_held": S.HELD,
}


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("name", ACTS)
def test_every_pair_of_states_follows_the_table(staff, schedule, now, name, state):
    session = make(state, now)
    asked = WHY if name == "cancel" else {}
    at = now
    if name == "plan":
        asked = {"schedule": schedule, "for_whom": "Allen"}
    if name == "mark_held" and session.ends_at:
        at = session.ends_at
    act = getattr(planning, name)
    if SESSION_MOVES.allows(state, ACTS[name]):
        assert act(session=session, **asked, actor=staff, now=at).state == ACTS[name]
        return
    with pytest.raises(Refused):
        act(session=session, **asked, actor=staff, now=at)
    assert Session.objects.get(pk=session.pk).state == state


@pytest.mark.parametrize("state", S)
def test_only_what_is_to_come_is_moved_or_postponed(staff, schedule, now, state):
    if state in UPCOMING:
        assert planning.move(session=make(state, now), schedule=schedule, actor=staff, now=now).state == state
        assert planning.postpone(session=make(state, now), **WHY, actor=staff, now=now).state == S.ACCEPTED
        return
    with pytest.raises(Refused):
        planning.move(session=make(state, now), schedule=schedule, actor=staff, now=now)
    with pytest.raises(Refused):
        planning.postpone(session=make(state, now), **WHY, actor=staff, now=now)


@pytest.mark.parametrize("who", ["practitioner", "host", "quality_coordinator", "functional_administrator"])
def test_nobody_but_programme_staff_plans(request, schedule, now, who):
    person = request.getfixturevalue(who)
    session = SessionFactory(state=S.PLANNED)
    for act, asked in [
        (planning.open_registration, {}),
        (planning.cancel, WHY),
        (planning.postpone, WHY),
        (planning.move, {"schedule": schedule}),
        (planning.change, {"changes": {"title": "Gekaapt"}}),
        (planning.mark_held, {}),
    ]:
        with pytest.raises(Refused):
            act(session=session, **asked, actor=person, now=now)


def test_the_portal_itself_closes_registration(now):
    assert planning.close(session=SessionFactory(), actor=None, now=now).state == S.CLOSED


def test_who_was_invited_hears_the_new_date_of_a_postponed_dialogue(staff, schedule, now):
    session = DialogueFactory()
    InvitationFactory(session=session, state=InvitationState.ACCEPTED, email="imane@horizonhulp.example")
    postponed = planning.postpone(session=session, **WHY, actor=staff, now=now)
    plan(postponed, schedule, staff, now)
    assert (
        list(OutgoingMail.objects.values_list("to", "kind"))
        == [("imane@horizonhulp.example", "sessions_app.invitation_changed")] * 2
    )


@pytest.mark.parametrize("field", ["audience", "admission", "confidentiality", "registration_deadline"])
@pytest.mark.parametrize("state", [S.OPEN, S.CLOSED])
def test_a_correction_cannot_undo_what_opening_asked(staff, now, state, field):
    session = SessionFactory(state=state)
    nothing = None if field == "registration_deadline" else ""
    with pytest.raises(Refused) as refused:
        planning.change(session=session, changes={field: nothing}, actor=staff, now=now)
    assert refused.value.field == field


def test_an_open_session_gets_no_deadline_that_has_passed(staff, now):
    passed = {"registration_deadline": now - timedelta(hours=1)}
    with pytest.raises(Refused):
        planning.change(session=SessionFactory(), changes=passed, actor=staff, now=now)
    planning.change(session=SessionFactory(state=S.CLOSED), changes=passed, actor=staff, now=now)


def test_a_session_keeps_at_least_one_role_of_partos(staff, now):
    with pytest.raises(Refused) as refused:
        planning.change(session=SessionFactory(), changes={}, partos_roles=[], actor=staff, now=now)
    assert refused.value.field == "partos_roles"


def test_a_dialogue_stays_by_invitation_whatever_is_asked(staff, now):
    asked = {"audience": Audience.PUBLIC, "admission": Admission.DIRECT, "confidentiality": ""}
    changed = planning.change(session=DialogueFactory(), changes=asked, actor=staff, now=now)
    assert (changed.audience, changed.admission) == (Audience.INVITED, Admission.INVITATION)
    assert changed.confidentiality == Confidentiality.CHATHAM_HOUSE


@pytest.mark.parametrize(
    "name", ["programme", "learning_line", "workstream", "track", "activity", "state", "starts_at"]
)
def test_no_correction_gives_a_session_another_place_in_the_programme(staff, now, name):
    """Also not one that is postponed: who is registered would read of a dialogue."""
    session = SessionFactory(registered=1)
    planning.postpone(session=session, reason="De spreker is ziek.", actor=staff, now=now)
    with pytest.raises(ValueError, match=name):
        planning.change(session=session, changes={name: None}, actor=staff, now=now)


def test_a_deadline_that_staff_put_off_meanwhile_closes_nothing(staff, now):
    session = SessionFactory(registration_deadline=now - timedelta(minutes=1))
    found = Session.objects.past_deadline(now).get()
    later = {"registration_deadline": now + timedelta(days=3)}
    planning.change(session=session, changes=later, actor=staff, now=now)
    assert not planning.close_if_past_deadline(session=found, now=now)
    assert Session.objects.get(pk=session.pk).state == S.OPEN


def test_postponing_takes_the_old_date_out_of_the_calendars_of_who_has_a_seat(staff, now):
    session = SessionFactory(registered=1, waiting=1, place="Zaal Oud (fictief)")
    planning.postpone(session=session, **WHY, actor=staff, now=now)
    seat, waits = OutgoingMail.objects.filter(kind="sessions_app.session_postponed").order_by("pk")
    [file] = seat.attachments
    for line in ("METHOD:CANCEL", "STATUS:CANCELLED", "SEQUENCE:1", "Zaal Oud", f"UID:{session.uid}"):
        assert line in file["content"]
    assert f"{local(session.starts_at):%Y%m%dT%H%M%S}" in file["content"]
    assert waits.attachments == []
    assert "Je houdt je plek in de rij" in waits.text
    assert "Je houdt je plek in de rij" not in seat.text


@pytest.mark.parametrize("act", ["move", "cancel"])
def test_who_waits_gets_no_calendar_file(staff, schedule, now, act):
    session = SessionFactory(registered=1, waiting=1, capacity=1)
    asked = {"schedule": replace(schedule, capacity=1)} if act == "move" else WHY
    getattr(planning, act)(session=session, **asked, actor=staff, now=now)
    seat, waits = OutgoingMail.objects.filter(kind__startswith="sessions_app.session_").order_by("pk")[:2]
    assert seat.attachments
    assert not waits.attachments
    assert "agendabestand" not in waits.text


@pytest.mark.parametrize("dropped_by", ["postpone", "cancel"])
def test_a_new_date_has_a_higher_number_for_calendars(staff, schedule, now, dropped_by):
    session = getattr(planning, dropped_by)(session=SessionFactory(), **WHY, actor=staff, now=now)
    if dropped_by == "cancel":
        session = curation.reopen(session=session, **WHY, actor=staff, now=now)
    assert (session.sequence, session.date_dropped_at) == (1, now)
    again = plan(session, schedule, staff, now)
    assert (again.sequence, again.date_dropped_at) == (2, None)


def test_what_was_postponed_can_be_cancelled_after_all(staff, now):
    session = planning.postpone(session=SessionFactory(registered=1), **WHY, actor=staff, now=now)
    planning.cancel(session=session, **WHY, actor=staff, now=now)
    told = OutgoingMail.objects.get(kind="sessions_app.session_cancelled")
    assert told.attachments == []
    assert not session.registrations.live().exists()


def test_who_came_online_reads_that_it_is_on_site_now(staff, schedule, now):
    session = SessionFactory(form=Form.HYBRID, capacity_online=5, online_link="https://bellen.example/1")
    online = RegistrationFactory(session=session, form=Form.ONLINE)
    here = RegistrationFactory(session=session)
    assert planning.overfull(session, replace(schedule, capacity=1)) == [(2, 1)]
    planning.move(session=session, schedule=schedule, actor=staff, now=now)
    texts = dict(OutgoingMail.objects.filter(kind="sessions_app.session_moved").values_list("recipient", "text"))
    assert "Je komt nu op locatie" in texts[online.person_id]
    assert "Je komt nu op locatie" not in texts[here.person_id]


def organisers_told():
    rows = OutgoingMail.objects.filter(kind="sessions_app.session_organisers")
    return sorted(rows.values_list("recipient__name", flat=True))


def test_hosts_and_proposers_hear_of_each_change_of_the_date(staff, host, practitioner, schedule, now):
    session = accepted(host=host)
    ProposerFactory(session=session, person=practitioner)
    ProposerFactory(session=session, person=host)
    both = sorted([host.name, practitioner.name])
    plan(session, schedule, staff, now)
    assert organisers_told() == both
    planning.move(session=session, schedule=replace(schedule, place="Elders"), actor=staff, now=now)
    planning.postpone(session=session, **WHY, actor=staff, now=now)
    planning.cancel(session=session, **WHY, actor=staff, now=now)
    assert organisers_told() == sorted(both * 4)


def test_who_proposed_the_topic_of_a_dialogue_hears_no_date(staff, host, practitioner, now):
    session = DialogueFactory(host=host)
    ProposerFactory(session=session, person=practitioner)
    planning.cancel(session=session, **WHY, actor=staff, now=now)
    assert organisers_told() == [host.name]


@pytest.mark.parametrize("act", ["move", "postpone", "cancel"])
def test_a_host_who_is_registered_hears_each_change_once(staff, host, schedule, now, act):
    session = SessionFactory(host=host)
    RegistrationFactory(session=session, person=host)
    asked = {"schedule": schedule} if act == "move" else WHY
    getattr(planning, act)(session=session, **asked, actor=staff, now=now)
    [mail] = OutgoingMail.objects.filter(recipient=host)
    assert mail.attachments
