"""Reminders: one for each step and date, none lost, none doubled (domain.md 4.8)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from core import delivery
from core.models import MailState, OutgoingMail
from core.moves import Refused
from members.models import User
from sessions_app import reminders
from sessions_app.actions import planning, registrations, session_reminders, waitlist
from sessions_app.models import CurationNote, Hosting, Session
from sessions_app.reminder_steps import DEFAULT_STEPS, Step
from sessions_app.rules import UPCOMING, HostingPart, RegistrationState, SessionState
from tests.factories.sessions import DialogueFactory, ProposerFactory, RegistrationFactory, SessionFactory

pytestmark = pytest.mark.django_db


def session_in(now, **fields):
    """A session that starts after `timedelta(**fields)`, with one person who registered long ago."""
    return SessionFactory(starts_at=now + timedelta(**fields), registered=1)


def keys():
    return sorted(OutgoingMail.objects.values_list("key", flat=True))


@pytest.mark.parametrize(
    ("start", "step"),
    [
        ({"days": 8}, None),
        ({"days": 7, "minutes": 1}, None),
        ({"days": 7}, "T-7d"),
        ({"days": 3}, "T-7d"),  # the worker was down for days: the latest due step goes out
        ({"days": 1, "minutes": 1}, "T-7d"),
        ({"days": 1}, "T-1d"),  # and only the latest
        ({"minutes": 5}, "T-1d"),
        ({"minutes": 0}, None),
        ({"days": -1}, None),
    ],
)
def test_only_the_latest_due_step_goes_out(now, start, step):
    session = session_in(now, **start)
    assert reminders.queue_due(now=now) == (1 if step else 0)
    if step:
        person = session.registrations.get().person
        assert keys() == [f"session:{session.pk}:reminder:{person.pk}:{step}:{session.starts_at:%Y-%m-%dT%H:%MZ}"]


def test_an_account_that_is_off_is_not_reminded(now):
    session = session_in(now, days=6)
    User.objects.filter(pk=session.registrations.get().person_id).update(is_active=False)
    assert reminders.queue_due(now=now) == 0


def test_run_every_minute_for_ten_days_each_step_comes_once(now):
    session_in(now, days=9)
    for minute in range(0, 10 * 24 * 60, 31):
        reminders.queue_due(now=now + timedelta(minutes=minute))
    assert [key.split(":")[4] for key in keys()] == ["T-1d", "T-7d"]


def test_sent_and_asked_again_it_does_not_come_twice(now, smtp_server):
    session_in(now, days=1)
    for _ in range(3):
        reminders.queue_due(now=now)
        delivery.deliver(clock=timezone.now)
    assert len(smtp_server.messages) == 1


@pytest.mark.parametrize("state", [s for s in SessionState if s not in UPCOMING])
def test_nothing_goes_out_for_a_session_that_is_not_on(now, state):
    session_in(now, days=1)
    Session.objects.update(state=state)
    assert reminders.queue_due(now=now) == 0


@pytest.mark.parametrize("state", [s for s in RegistrationState if s != RegistrationState.CONFIRMED])
def test_only_who_has_a_seat_is_reminded(now, state):
    RegistrationFactory(session=SessionFactory(starts_at=now + timedelta(days=1)), state=state)
    assert reminders.queue_due(now=now) == 0


def test_who_registered_after_the_step_was_just_told_and_is_not_reminded_of_it(now):
    session = SessionFactory(starts_at=now + timedelta(days=3))
    RegistrationFactory(session=session, changed_at=now)
    assert reminders.queue_due(now=now) == 0
    assert reminders.queue_due(now=now + timedelta(days=2)) == 1


def test_who_wants_no_reminders_gets_none(now):
    session = session_in(now, days=1)
    session.registrations.get().person.__class__.objects.update(mail_choices={"reminders": "none"})
    assert reminders.queue_due(now=now) == 0


def test_cancelling_takes_the_waiting_reminder_back(now):
    session = session_in(now, days=1)
    reminders.queue_due(now=now)
    registration = session.registrations.get()
    registrations.cancel(registration=registration, actor=registration.person, now=now)
    states = dict(OutgoingMail.objects.values_list("kind", "state"))
    assert states == {"sessions_app.reminder": "withdrawn", "sessions_app.registration_cancelled": "queued"}


def test_a_reminder_is_of_no_use_once_the_session_has_started(now, smtp_server):
    session = session_in(now, minutes=30)
    reminders.queue_due(now=now)
    delivery.deliver(clock=lambda: session.starts_at)
    assert smtp_server.messages == []


@pytest.mark.parametrize("rows", [1, 30])
def test_looking_for_what_is_due_costs_the_same_for_many(now, rows, django_assert_num_queries):
    SessionFactory(starts_at=now + timedelta(days=1), registered=rows)
    reminders.queue_due(now=now)
    with django_assert_num_queries(2):
        reminders.queue_due(now=now)


def test_registration_closes_by_itself_at_the_deadline_and_not_before(now):
    session = SessionFactory(registration_deadline=now)
    other = SessionFactory()
    assert planning.close_past_deadline(now=now - timedelta(seconds=1)) == 0
    assert planning.close_past_deadline(now=now) == 1
    assert planning.close_past_deadline(now=now) == 0
    assert [s.state for s in (session, other) if not s.refresh_from_db()] == [SessionState.CLOSED, SessionState.OPEN]


def test_every_task_that_beat_names_exists():
    from partos_portal.celery import app

    app.loader.import_default_modules()
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)


def test_what_was_cancelled_between_looking_and_writing_is_not_reminded_of(now):
    session = session_in(now, days=1)
    assert [step for _row, step in reminders.missing(now=now)] == ["T-1d"]
    Session.objects.update(state=SessionState.CANCELLED)
    assert reminders.queue_due_of([session.pk], now=now) == 0


# Steps and words of one session


def online_in(now, steps="T-7d T-1d T-1h", **fields):
    session = SessionFactory(
        starts_at=now + timedelta(**fields), form="online", place="", online_link="https://v.example/x",
        reminder_steps=steps,
    )  # fmt: skip
    RegistrationFactory(session=session, form="online")
    return session


def steps_of(session):
    return {key.split(":")[4] for key in keys() if key.startswith(f"session:{session.pk}:")}


@pytest.mark.parametrize(
    ("steps", "start", "step"),
    [
        ("T-14d T-3d", {"days": 14}, "T-14d"),
        ("T-14d T-3d", {"days": 7}, "T-14d"),
        ("T-14d T-3d", {"days": 3}, "T-3d"),
        ("T-14d T-3d", {"hours": 1}, "T-3d"),
        ("T-1h", {"days": 1}, None),
        ("T-1h", {"hours": 1}, "T-1h"),
        ("T-7d T-1d T-1h", {"minutes": 59}, "T-1h"),
        ("", {"days": 1}, None),
    ],
)
def test_each_session_has_steps_of_its_own_and_only_the_latest_goes_out(now, steps, start, step):
    session = online_in(now, steps, **start)
    reminders.queue_due(now=now)
    assert steps_of(session) == ({step} if step else set())


def test_the_hour_before_is_for_who_attends_online_and_holds_up_nobody_else(now):
    session = SessionFactory(
        starts_at=now + timedelta(minutes=50), form="hybrid", capacity_online=5, online_link="https://v.example/x"
    )
    online = RegistrationFactory(session=session, form="online")
    here = RegistrationFactory(session=session)
    reminders.queue_due(now=now)
    found = {mail.recipient_id: mail for mail in OutgoingMail.objects.all()}
    assert found[online.person_id].key.split(":")[4] == "T-1h"
    assert (found[online.person_id].urgent, found[online.person_id].expires_at) == (True, session.starts_at)
    assert "v.example" in found[online.person_id].text
    assert found[here.person_id].key.split(":")[4] == "T-1d"
    assert "v.example" not in found[here.person_id].text


def test_a_reminder_of_an_hour_before_is_not_sent_once_the_session_has_begun(now, smtp_server):
    online_in(now, hours=1)
    reminders.queue_due(now=now)
    delivery.deliver(clock=lambda: now + timedelta(hours=1))
    assert smtp_server.messages == []


def test_run_every_ten_minutes_with_changing_choices_each_step_comes_once_and_never_backwards(now, staff):
    session = online_in(now, days=15)
    choices = ["T-14d T-1d", "T-7d T-3d T-1h", "T-14d T-7d T-3d T-1d T-1h", "", "T-7d T-1d T-1h"]
    order = []
    for tick in range(0, 15 * 24 * 6, 9):
        at = now + timedelta(minutes=10 * tick)
        if tick % 36 == 0 and at < session.starts_at:
            session_reminders.set_reminders(
                session=session, steps=choices[tick // 36 % 5].split(), text="", actor=staff, now=at
            )
        before = set(keys())
        reminders.queue_due(now=at)
        order += [key.split(":")[4] for key in set(keys()) - before]
    assert len(order) == len(set(order))
    assert order == [step for step in Step if step in order]
    assert order


def test_what_the_host_adds_stands_in_the_mail_and_is_no_markup(now, host):
    session = SessionFactory(starts_at=now + timedelta(days=1), host=host, registered=1)
    session_reminders.set_reminders(
        session=session, steps=["T-1d"], text="Lees <b>dit</b>.\nNeem pen mee.", actor=host, now=now
    )
    reminders.queue_due(now=now)
    mail = OutgoingMail.objects.get()
    assert "Lees <b>dit</b>.\nNeem pen mee." in mail.text
    assert "Lees &lt;b&gt;dit&lt;/b&gt;.<br>Neem pen mee." in mail.html


@pytest.mark.parametrize("who", ["practitioner", "contact", "cohost", "outsider"])
def test_nobody_else_changes_reminders(client, request, now, host, who):
    session = SessionFactory(host=host)
    person = request.getfixturevalue(who)
    with pytest.raises(Refused):
        session_reminders.set_reminders(session=session, steps=[], text="", actor=person, now=now)
    client.force_login(person)
    assert client.get(reverse("sessions:reminders", args=[session.pk])).status_code == 404


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"steps": ["T-2h"]}, "steps"), ({"steps": ["T-1d"], "text": "x" * 1001}, "text")],
)
def test_a_wrong_choice_is_refused_at_its_field_and_kept(client, host, typed, field):
    session = SessionFactory(host=host)
    client.force_login(host)
    response = client.post(reverse("sessions:reminders", args=[session.pk]), typed)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    session.refresh_from_db()
    assert (session.reminder_steps, session.reminder_text) == (DEFAULT_STEPS, "")


def test_a_host_sets_reminders_and_reads_the_mail_as_it_will_be(client, host):
    session = SessionFactory(host=host)
    client.force_login(host)
    url = reverse("sessions:reminders", args=[session.pk])
    assert url in client.get(session.get_absolute_url()).content.decode()
    page = client.post(url, {"steps": ["T-3d", "T-14d"], "text": "Lees het rapport."}, follow=True).content.decode()
    assert "Lees het rapport." in page.partition("Wat mensen lezen")[2]
    session.refresh_from_db()
    assert session.reminder_steps == "T-14d T-3d"
    assert "Voor deze bijeenkomst gaan geen herinneringen uit." in client.post(url, {}, follow=True).content.decode()


# Hosts, offers and proposals


def test_hosts_hear_once_two_weeks_before_that_few_registered(now, host):
    session = SessionFactory(starts_at=now + timedelta(days=14), registered=4, host=host)
    SessionFactory(starts_at=now + timedelta(days=14), registered=5, host=host)
    SessionFactory(starts_at=now + timedelta(days=15), host=host)
    SessionFactory(starts_at=now + timedelta(days=3), host=host)  # too late to do something about it
    SessionFactory(starts_at=now + timedelta(days=10), capacity=4, host=host)  # it is small
    SessionFactory(starts_at=now + timedelta(days=10), state=SessionState.CLOSED, host=host)
    DialogueFactory(starts_at=now + timedelta(days=10), host=host)
    assert reminders.queue_few_registrations(now=now) == 1
    assert reminders.queue_few_registrations(now=now + timedelta(days=1)) == 1  # the second of two weeks and a day
    assert reminders.queue_few_registrations(now=now + timedelta(days=1)) == 0
    mail = OutgoingMail.objects.order_by("pk").first()
    assert (mail.recipient, session.title in mail.text, "4 aanmeldingen" in mail.text) == (host, True, True)


@pytest.mark.parametrize("rows", [1, 30])
def test_finding_those_hosts_costs_the_same_for_many(now, host, rows, django_assert_num_queries):
    for _ in range(rows):
        SessionFactory(starts_at=now + timedelta(days=14), host=host)
    with django_assert_num_queries(4):  # sessions, hosts, what is in the outbox, the mails
        assert reminders.queue_few_registrations(now=now) == rows


def test_a_host_with_two_parts_hears_once_of_few_registrations(now, host):
    session = SessionFactory(starts_at=now + timedelta(days=14), host=host)
    [lead] = session.hostings.filter(person=host)
    Hosting.objects.create(session=session, organisation=lead.organisation, part=HostingPart.CO_HOST, person=host)
    assert reminders.queue_few_registrations(now=now) == 1


@pytest.mark.parametrize(("wish", "state"), [("digest", MailState.DIGEST), ("none", None)])
def test_a_host_hears_of_few_registrations_as_she_chose(now, host, wish, state):
    SessionFactory(starts_at=now + timedelta(days=14), host=host)
    host.mail_choices = {"hosting": wish}
    host.save()
    reminders.queue_few_registrations(now=now)
    assert list(OutgoingMail.objects.values_list("state", flat=True)) == ([state] if state else [])


def offered(now, *, hours, left):
    return RegistrationFactory(
        state=RegistrationState.OFFERED,
        changed_at=now - timedelta(hours=hours - left),
        offered_until=now + timedelta(hours=left),
    )


@pytest.mark.parametrize(
    ("hours", "left", "is_told"),
    [(48, 24, True), (48, 1, True), (48, 25, False), (24, 20, False), (4, 2, False), (48, 0, False)],
)
def test_a_day_before_an_offer_lapses_its_owner_is_reminded_once(now, hours, left, is_told):
    row = offered(now, hours=hours, left=left)
    assert reminders.queue_last_calls(now=now) == is_told
    assert reminders.queue_last_calls(now=now) == 0
    if is_told:
        mail = OutgoingMail.objects.get()
        assert (mail.recipient, mail.expires_at, mail.urgent) == (row.person, row.offered_until, True)


def test_an_offer_that_is_answered_takes_its_reminder_back(now):
    row = offered(now, hours=48, left=20)
    reminders.queue_last_calls(now=now)
    waitlist.accept(registration=row, actor=row.person, now=now)
    assert OutgoingMail.objects.get(kind="sessions_app.seat_last_call").state == "withdrawn"


def submitted(at, **fields):
    return ProposerFactory(session__submitted_at=at, **{f"session__{name}": value for name, value in fields.items()})


def test_staff_hear_after_seven_and_ten_working_days_and_the_proposer_once_when_it_is_late(staff):
    sent_in = datetime(2026, 3, 2, 12, tzinfo=UTC)  # a Monday
    proposer = submitted(sent_in).person
    told = {}
    for day in range(40):
        now = sent_in + timedelta(days=day)
        for _ in range(2):
            reminders.queue_waiting_proposals(now=now)
        for mail in OutgoingMail.objects.exclude(key__in=[key for keys in told.values() for key in keys]):
            told.setdefault((mail.recipient_id, mail.kind.partition(".")[2]), {})[mail.key] = day
    assert {who: list(days.values()) for who, days in told.items()} == {
        (staff.pk, "proposal_waits"): [9, 14],
        (proposer.pk, "proposal_late"): [15],
    }


@pytest.mark.parametrize("state", [SessionState.NEEDS_INFO, SessionState.ACCEPTED, SessionState.DECLINED])
def test_what_was_answered_waits_for_nothing(staff, now, state):
    submitted(now - timedelta(days=60), state=state)
    assert reminders.queue_waiting_proposals(now=now) == 0


def test_what_was_asked_about_was_answered(staff, now):
    session = submitted(now - timedelta(days=60), state=SessionState.IN_CURATION).session
    CurationNote.objects.create(session=session, kind="question", state=session.state, text="?", author=staff, at=now)
    assert reminders.queue_waiting_proposals(now=now) == 0


def unopened(now, **fields):
    return SessionFactory(**{"state": SessionState.PLANNED, "starts_at": now + timedelta(days=28), **fields})


def test_staff_hear_once_for_each_date_that_a_planned_session_is_not_open_four_weeks_before(staff, practitioner, now):
    session = unopened(now)
    assert reminders.queue_not_open_yet(now=now - timedelta(minutes=1)) == 0
    for hours in (0, 1, 24 * 20):
        reminders.queue_not_open_yet(now=now + timedelta(hours=hours))
    [told] = OutgoingMail.objects.all()
    assert (told.recipient, told.kind) == (staff, "sessions_app.not_open_yet")
    assert told.about["key"] == f"session:{session.pk}"
    start = session.starts_at + timedelta(days=40)
    schedule = planning.Schedule(
        starts_at=start, ends_at=start + timedelta(hours=1), form="on_site", place="Zaal", capacity=9
    )
    planning.move(session=session, schedule=schedule, actor=staff, now=now)
    told.refresh_from_db()
    assert told.state == MailState.WITHDRAWN
    assert reminders.queue_not_open_yet(now=start - timedelta(days=28)) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"state": SessionState.OPEN},
        {"state": SessionState.CANCELLED},
        {"starts_at": timedelta(days=-1)},
        {"dated_at": timedelta(hours=-2)},  # staff are at work on it
        {"track": "leadership"},
    ],
)
def test_of_nothing_else_staff_hear_that_it_is_not_open(staff, now, fields):
    fields = {name: now + value if isinstance(value, timedelta) else value for name, value in fields.items()}
    if fields.pop("track", ""):
        DialogueFactory(state=SessionState.PLANNED, starts_at=now + timedelta(days=20))
    else:
        unopened(now, **fields)
    assert reminders.queue_not_open_yet(now=now) == 0


def test_what_opens_takes_the_mail_back_that_has_not_left(staff, now):
    session = unopened(now)
    reminders.queue_not_open_yet(now=now)
    planning.open_registration(session=session, actor=staff, now=now)
    assert OutgoingMail.objects.get(kind="sessions_app.not_open_yet").state == MailState.WITHDRAWN


@pytest.mark.parametrize("rows", [1, 30])
def test_looking_for_what_is_not_open_costs_the_same_for_many(staff, now, rows, django_assert_num_queries):
    for _ in range(rows):
        unopened(now)
    reminders.queue_not_open_yet(now=now)
    with django_assert_num_queries(3):
        assert reminders.queue_not_open_yet(now=now) == 0
