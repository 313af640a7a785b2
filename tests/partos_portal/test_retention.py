"""What has been kept long enough goes, and nothing else (domain.md 5.5)."""

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session as BrowserSession
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from core import refusals
from core.delivery import send_again
from core.models import Act, MailState, OutgoingMail, RefusedAddress
from leerlijnen.models import GroupMembership
from leerlijnen.rules import ActivityKind, MembershipState
from members.models import Affiliation, User
from members.rules import AffiliationState
from partos_portal import retention
from partos_portal.models import RetentionRun
from quality import reminders as quality_reminders
from quality.models import Certificate
from sessions_app.models import (
    CurationNote,
    Guest,
    Invitation,
    NeedsNote,
    Registration,
    RegistrationCount,
    SeriesMembership,
    Session,
    SessionChange,
)
from sessions_app.rules import Confidentiality, Form, RegistrationState, SessionState
from tests.core.test_outbox import put
from tests.factories.leerlijnen import ActivityFactory, GroupMembershipFactory
from tests.factories.members import AffiliationFactory, OrganisationFactory, UserFactory
from tests.factories.quality import CertificateFactory
from tests.factories.sessions import (
    DialogueFactory,
    InvitationFactory,
    RegistrationFactory,
    SeriesFactory,
    SessionFactory,
)
from tests.harness.waiting import eventually

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def held_session(ended, **fields):
    return SessionFactory(state=SessionState.HELD, starts_at=ended - timedelta(minutes=90), ends_at=ended, **fields)


def plant_browser_session(at):
    return BrowserSession.objects.create(session_key=f"s{at:%Y%m%d%H%M%S}", session_data="", expire_date=at)


def plant_mail(at):
    return put(f"mail:{OutgoingMail.objects.count()}", state=MailState.SENT, queued_at=at)


def plant_last_mail(at):
    return put(f"account:{OutgoingMail.objects.count()}:closed", state=MailState.SENT, queued_at=at)


def plant_log_entry(at):
    entry = LogEntry.objects.create(
        user=UserFactory(), object_repr="x", action_flag=CHANGE, content_type=ContentType.objects.first()
    )
    LogEntry.objects.filter(pk=entry.pk).update(action_time=at)
    return entry


def plant_sign_in(at):
    row = UserSession.objects.create(
        user=UserFactory(last_login=at), ip="192.0.2.1", session_key=f"k{at:%Y%m%d%H%M%S}", user_agent="x", data={}
    )
    UserSession.objects.filter(pk=row.pk).update(last_seen_at=at)
    return row


def plant_unused_account(at):
    return UserFactory(date_joined=at)


def plant_affiliation(at):
    return AffiliationFactory(state=AffiliationState.ENDED, ended_at=at)


def plant_membership(at):
    return GroupMembershipFactory(state=MembershipState.REFUSED, decided_at=at)


def plant_dialogue(at):
    dialogue = DialogueFactory(state=SessionState.CLOSED, starts_at=at - timedelta(hours=1), ends_at=at)
    return InvitationFactory(session=dialogue)


def plant_registration(at):
    return RegistrationFactory(session=held_session(at))


def plant_closed_space(at):
    return RegistrationFactory(session=held_session(at, confidentiality=Confidentiality.CLOSED_SPACE))


def plant_closed_space_guest(at):
    session = held_session(at, confidentiality=Confidentiality.CLOSED_SPACE)
    return Guest.objects.create(session=session, email=f"gast{at:%Y%m%d%H%M%S}@elders.example", invited_at=at)


def plant_needs(at):
    return needs_of(plant_registration(at))


def needs_of(registration):
    return NeedsNote.objects.create(registration=registration, text="Een lift.", changed_at=registration.changed_at)


def plant_series(at):
    series = held_session(at, series=SeriesFactory()).series
    return SeriesMembership.objects.create(series=series, person=UserFactory(), since=at)


def plant_guest(at):
    return Guest.objects.create(session=held_session(at), email=f"gast{at:%Y%m%d%H%M%S}@elders.example", invited_at=at)


def plant_note(at):
    return CurationNote.objects.create(
        session=held_session(at), kind="answer", state="submitted", text="x", author=UserFactory(), at=at
    )


def plant_change(at):
    return SessionChange.objects.create(session=held_session(at), verb="session.changed", author=UserFactory(), at=at)


def plant_draft(at):
    return SessionFactory(state=SessionState.DRAFT, starts_at=None, changed_at=at)


def plant_thrown_away(at):
    return SessionFactory(state=SessionState.WITHDRAWN, starts_at=None, changed_at=at)


def plant_certificate(at):
    return CertificateFactory(organisation=OrganisationFactory(membership_ended_on=at.date()))


def plant_run(at):
    return RetentionRun.objects.create(kind="mails", at=at, number=1)


def plant_act(at):
    return Act.objects.create(verb="cancel", target_type="x.y", target_id=1, at=at, waits_until=at)


PLANTS = {
    "acts": plant_act,
    "browser_sessions": plant_browser_session,
    "mail_texts": plant_mail,
    "mails": plant_mail,
    "admin_log": plant_log_entry,
    "last_mails": plant_last_mail,
    "sign_ins": plant_sign_in,
    "unused_accounts": plant_unused_account,
    "affiliations": plant_affiliation,
    "memberships": plant_membership,
    "dialogues": plant_dialogue,
    "needs": plant_needs,
    "closed_spaces": plant_closed_space,
    "closed_space_guests": plant_closed_space_guest,
    "registrations": plant_registration,
    "series": plant_series,
    "guests": plant_guest,
    "notes": plant_note,
    "changes": plant_change,
    "drafts": plant_draft,
    "thrown_away_drafts": plant_thrown_away,
    "certificates": plant_certificate,
    "runs": plant_run,
}
BY_KIND = {period.kind: period for period in retention.PERIODS}


@pytest.fixture
def now():
    """Noon, so that a day more or less is the same day in Amsterdam."""
    return datetime(2027, 11, 23, 12, tzinfo=UTC)


def numbers(runs):
    return {run.kind: run.number for run in runs if run.number}


def everything():
    return {
        model._meta.label: sorted(map(str, model._base_manager.values_list()))
        for model in apps.get_models(include_auto_created=True)
        if model is not RetentionRun
    }


def test_every_period_has_a_row_here():
    assert set(PLANTS) == set(BY_KIND)


@pytest.mark.parametrize("kind", PLANTS)
def test_what_is_a_day_over_goes_and_what_has_a_day_left_stays(kind, now):
    period, plant = BY_KIND[kind], PLANTS[kind]
    kept, gone = plant(now - period.keep + DAY), plant(now - period.keep - DAY)
    [run] = retention.retain(now=now, periods=[period])
    assert (run.number, run.has_failed) == (1, False)
    rows = type(kept)._base_manager
    if kind == "mail_texts":
        assert [rows.get(pk=row.pk).text for row in (kept, gone)] == [kept.text, ""]
    else:
        assert [rows.filter(pk=row.pk).exists() for row in (kept, gone)] == [True, False]
    before = everything()
    assert numbers(retention.retain(now=now, periods=[period])) == {}
    assert everything() == before


def plant_all(now):
    for kind, plant in PLANTS.items():
        plant(now - BY_KIND[kind].keep - timedelta(days=2))


def test_a_dry_run_tells_what_would_go_and_changes_nothing(now):
    plant_all(now - timedelta(days=400 * 3))  # the command reads the clock
    before = everything()
    told = StringIO()
    call_command("retain", "--dry-run", stdout=told)
    assert everything() == before
    assert not RetentionRun.objects.filter(at__gte=now - DAY).exists()
    lines = {line.split()[1]: int(line.split()[0]) for line in told.getvalue().splitlines()}
    assert set(lines) == set(BY_KIND)
    assert all(lines.values()), lines

    call_command("retain", stdout=StringIO())
    assert not OutgoingMail.objects.exists()
    assert not any(number for _, number in retention.numbers_due(now=datetime.now(UTC)))


def test_all_of_them_together_leave_nothing_for_a_second_run(now):
    plant_all(now)
    assert numbers(retention.retain(now=now))
    before = everything()
    assert numbers(retention.retain(now=now)) == {}
    assert everything() == before


def test_a_kind_that_fails_is_noted_and_holds_up_no_other(now, caplog):
    def refuse(rows, now):
        raise ValueError("Noor Voorbeeld")

    plant_draft(now - timedelta(days=400))
    plant_registration(now - timedelta(days=400))
    periods = [replace(BY_KIND["drafts"], act=refuse), BY_KIND["registrations"]]
    with caplog.at_level(logging.ERROR):
        runs = retention.retain(now=now, periods=periods)
    assert [(run.number, run.has_failed) for run in runs] == [(0, True), (1, False)]
    assert "retention of drafts failed: ValueError" in caplog.text
    assert "Noor" not in caplog.text


# Each dialogue is forgotten under its own lock; there are a few a year.
@pytest.mark.parametrize("kind", [kind for kind in PLANTS if kind != "dialogues"])
def test_a_batch_costs_as_many_queries_for_two_rows_as_for_twelve(kind, now):
    period, plant, counted = BY_KIND[kind], PLANTS[kind], []
    for rows in (2, 12):
        for number in range(rows):
            plant(now - period.keep - DAY * (2 + number))
        with CaptureQueriesContext(connection) as queries:
            [run] = retention.retain(now=now, periods=[period])
        assert run.number == rows
        counted.append(len(queries))
    assert counted[0] == counted[1]


def test_more_rows_than_fit_in_one_batch_go_as_well(now, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    for number in range(5):
        plant_draft(now - timedelta(days=400 + number))
    assert numbers(retention.retain(now=now)) == {"drafts": 5}


@pytest.mark.django_db(transaction=True)
def test_a_draft_that_is_sent_in_as_it_would_go_stays(now):
    draft = plant_draft(now - timedelta(days=400))
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Session.objects.filter(pk=draft.pk).update(state=SessionState.SUBMITTED, submitted_at=now)
            run = pool.submit(retain_drafts, now)
            eventually(somebody_waits, within=10)
        run.result()
    assert Session.objects.get(pk=draft.pk).state == SessionState.SUBMITTED


def retain_drafts(now):
    try:
        retention.retain(now=now, periods=[BY_KIND["drafts"]])
    finally:
        connection.close()


def somebody_waits():
    """For a lock of PostgreSQL's; SQLite has one writer at a time, who may come before or after."""
    if connection.vendor == "sqlite":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0]


# Registrations


def seats_of(session):
    row = Session.objects.with_seats().get(pk=session.pk)
    return row.held, row.waiting, row.held_online, row.waiting_online


def test_the_numbers_of_a_session_are_the_same_before_and_after(client, staff, now):
    session = held_session(now - timedelta(days=400), registered=3, waiting=2, form=Form.HYBRID, capacity_online=4)
    RegistrationFactory(session=session, form=Form.ONLINE)
    RegistrationFactory(session=session, form=Form.ONLINE, state=RegistrationState.WAITLISTED)
    for state in (RegistrationState.CANCELLED, RegistrationState.ATTENDED, RegistrationState.NO_SHOW):
        RegistrationFactory(session=session, state=state)
    client.force_login(staff)
    pages = ["/admin/sessions_app/session/", session.get_absolute_url()]
    before = seats_of(session)
    shown = [client.get(page).content.decode().count("6 / 24") for page in pages]
    states = dict(session.registrations.values_list("state", "pk"))

    assert numbers(retention.retain(now=now, periods=[BY_KIND["registrations"]])) == {"registrations": 10}

    assert not Registration.objects.exists()
    assert seats_of(session) == before == (6, 3, 1, 1)  # who came and who did not had a seat as well
    assert [client.get(page).content.decode().count("6 / 24") for page in pages] == shown
    assert shown[0]
    assert {count.state for count in RegistrationCount.objects.all()} == set(states)


def test_a_closed_space_to_which_only_guests_were_invited_keeps_no_mail_to_them(now):
    guest = plant_closed_space_guest(now - timedelta(hours=25))
    refused_on = put(f"session:{guest.session_id}:guest:{guest.pk}:nl", to=guest.email, queued_at=now)
    refusals.note(refused_on, "550 no", now=now)

    retention.retain(now=now)

    assert not Guest.objects.exists()
    assert not OutgoingMail.objects.exists()
    assert not RefusedAddress.objects.exists()


@pytest.mark.parametrize("kind", ["closed space", "peer space"])
def test_a_closed_space_leaves_no_history(kind, now):
    session = held_session(now - timedelta(hours=25), capacity=5)
    if kind == "closed space":
        session.confidentiality = Confidentiality.CLOSED_SPACE
    else:
        where = {"learning_line": session.learning_line, "track": session.track}
        session.activity = ActivityFactory(kind=ActivityKind.PEER_SPACE, **where)
    session.save()
    needs_of(RegistrationFactory(session=session))
    RegistrationFactory(session=session, state=RegistrationState.CANCELLED)
    Guest.objects.create(session=session, email="gast@elders.example", invited_at=now)
    put(f"session:{session.pk}:registration:1:confirmed", state=MailState.SENT, queued_at=now)
    other = put(f"session:{session.pk}9:registration:1:confirmed", state=MailState.SENT, queued_at=now)
    before = seats_of(session)

    retention.retain(now=now)

    assert not Registration.objects.exists()
    assert not Guest.objects.exists()
    assert not NeedsNote.objects.exists()
    assert list(OutgoingMail.objects.all()) == [other]
    assert seats_of(session) == before == (1, 0, 0, 0)


def test_numbers_add_up_when_a_later_run_finds_more(now):
    session = held_session(now - timedelta(days=400), registered=2)
    retention.retain(now=now)
    RegistrationFactory(session=session)
    before = seats_of(session)
    retention.retain(now=now)
    assert seats_of(session) == before == (3, 0, 0, 0)
    assert RegistrationCount.objects.count() == 1


def test_the_list_of_participants_tells_how_many_there_were(client, staff, now):
    session = held_session(now - timedelta(days=400), registered=2)
    retention.retain(now=now)
    client.force_login(staff)
    page = client.get(f"{session.get_absolute_url()}deelnemers/").content.decode()
    assert "2 people had a seat." in page or "2 mensen hadden een plek." in page


def test_who_has_a_place_at_a_postponed_session_keeps_it(now):
    old = now - timedelta(days=800)
    session = SessionFactory(state=SessionState.ACCEPTED, starts_at=None, date_dropped_at=old)
    waits = RegistrationFactory(session=session, changed_at=old)
    RegistrationFactory(session=session, changed_at=old, state=RegistrationState.CANCELLED)
    retention.retain(now=now)
    assert list(session.registrations.all()) == [waits]


def test_the_total_of_a_dialogue_is_kept(now):
    invitation = plant_dialogue(now - timedelta(hours=25))
    Invitation.objects.update(state="accepted")
    retention.retain(now=now)
    assert not Invitation.objects.exists()
    assert Session.objects.get(pk=invitation.session_id).accepted_total == 1


# Mail


def test_mail_that_waits_is_left_alone_however_old(now):
    put("old", queued_at=now - timedelta(days=900))
    assert numbers(retention.retain(now=now)) == {}
    assert OutgoingMail.objects.get().text


def test_an_emptied_mail_is_not_sent_again(now):
    failed = put("failed", state=MailState.FAILED, queued_at=now - timedelta(days=31))
    retention.retain(now=now)
    assert send_again(OutgoingMail.objects.all(), now=now) == 0
    failed.refresh_from_db()
    assert (failed.state, failed.text) == (MailState.FAILED, "")


def test_a_reminder_that_was_sent_is_not_written_anew_while_its_key_can_come_due(contact, now):
    """The text goes after a month, though the step is the latest one for three."""
    CertificateFactory(organisation=contact.affiliations.first().organisation, expires_on=(now + 260 * DAY).date())
    assert quality_reminders.queue_due(now=now)
    OutgoingMail.objects.update(state=MailState.SENT)
    later = now + 60 * DAY
    assert numbers(retention.retain(now=later))["mail_texts"]
    assert quality_reminders.queue_due(now=later) == 0


def test_no_key_of_a_certificate_comes_due_when_its_mail_has_gone(contact, now):
    """Suspended or not: the certificate has expired long before."""
    own = {"organisation": contact.affiliations.first().organisation, "expires_on": (now + 269 * DAY).date()}
    CertificateFactory(**own)
    CertificateFactory(**own, suspended_on=now.date())
    assert quality_reminders.queue_due(now=now) == 2
    OutgoingMail.objects.update(state=MailState.SENT)
    later = now + 367 * DAY
    retention.retain(now=later)
    assert not OutgoingMail.objects.exists()
    assert quality_reminders.queue_due(now=later) == 0


# What stays


def test_an_account_that_takes_part_in_something_stays_though_nobody_signed_in(now):
    old = now - timedelta(days=900)
    invited = AffiliationFactory(person__date_joined=old).person
    verified = UserFactory(date_joined=old)
    EmailAddress.objects.create(user=verified, email=verified.email, verified=True)
    signed_in = UserFactory(date_joined=old, last_login=old)
    closed = UserFactory(date_joined=old, closed_at=old)
    retention.retain(now=now)
    assert set(User.objects.all()) == {invited, verified, signed_in, closed}


def test_a_sign_in_whose_session_still_runs_stays(now):
    row = plant_sign_in(now - timedelta(days=300))
    BrowserSession.objects.create(session_key=row.session_key, session_data="", expire_date=now + DAY)
    retention.retain(now=now)
    assert UserSession.objects.get() == row


def test_certificates_of_a_member_stay(now):
    CertificateFactory(expires_in=-3000)
    retention.retain(now=now)
    assert Certificate.objects.exists()


def test_confirmed_affiliations_and_members_of_groups_stay(now):
    AffiliationFactory()
    GroupMembershipFactory()
    retention.retain(now=now)
    assert Affiliation.objects.count() == 1
    assert GroupMembership.objects.count() == 1


def test_staff_read_the_runs_in_the_admin(client, staff, now):
    RetentionRun.objects.create(kind="registrations", at=now, number=17)
    RetentionRun.objects.create(kind="of_an_earlier_version", at=now, number=1)
    client.force_login(staff)
    page = client.get("/admin/partos_portal/retentionrun/").content.decode()
    assert "of_an_earlier_version" in page
    assert "17" in page
