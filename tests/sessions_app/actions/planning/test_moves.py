"""Moving, postponing and cancelling what is to come, and who hears of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.dates import local
from core.mail import Letter, queue
from core.models import MailState, OutgoingMail
from core.moves import Refused
from sessions_app.actions import planning, resuming
from sessions_app.actions.planning import Schedule
from sessions_app.rules import Form, InvitationState, RegistrationState, Resume
from tests.factories.sessions import (
    DialogueFactory,
    InvitationFactory,
    ProposerFactory,
    RegistrationFactory,
    SessionFactory,
)
from tests.sessions_app.actions.planning.common import WHY, S, accepted, kinds_of_mail, plan

pytestmark = pytest.mark.django_db


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


def test_who_was_invited_hears_the_new_date_of_a_postponed_dialogue(staff, schedule, now):
    session = DialogueFactory()
    InvitationFactory(session=session, state=InvitationState.ACCEPTED, email="imane@horizonhulp.example")
    postponed = planning.postpone(session=session, **WHY, actor=staff, now=now)
    plan(postponed, schedule, staff, now)
    assert (
        list(OutgoingMail.objects.values_list("to", "kind"))
        == [("imane@horizonhulp.example", "sessions_app.invitation_changed")] * 2
    )


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
        session = resuming.resume(session=session, how=Resume.EMPTY, **WHY, actor=staff, now=now)
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
