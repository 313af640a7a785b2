"""Mail that waits while the session changes: what must never happen is that it leaves with what no longer holds."""

from datetime import UTC, datetime, timedelta

import pytest

from core import delivery, digest, refusals
from core.models import MailState, OutgoingMail, RefusedAddress
from core.moves import Refused
from sessions_app import reminders
from sessions_app.actions import (
    guests,
    planning,
    registrations,
    rooms,
    series_registrations,
    session_reminders,
    waitlist,
)
from sessions_app.actions.planning import Schedule
from sessions_app.admin.moves import moves_of
from sessions_app.models import Session
from sessions_app.rules import Form, RegistrationState, SessionState
from tests.factories.sessions import RegistrationFactory, SeriesFactory, SessionFactory
from tests.harness.days import NEXT_YEAR

pytestmark = pytest.mark.django_db
WHY = {"reason": "De spreker is ziek."}


def later(now, **fields):
    day = now + timedelta(days=40)
    given = {
        "starts_at": day, "ends_at": day + timedelta(hours=2), "form": "on_site", "place": "Zaal Nieuw (fictief)",
        "capacity": 20, "registration_deadline": day - timedelta(days=1),
    }  # fmt: skip
    return Schedule(**given | fields)


def change(act, session, *, staff, now):
    session = Session.objects.get(pk=session.pk)
    asked = {"schedule": later(now)} if act == "move" else WHY
    return getattr(planning, act)(session=session, **asked, actor=staff, now=now)


def plan_anew(session, schedule, *, staff, now, **fields):
    audience = {"for_whom": "Leden", "audience": "members", "admission": "direct", "confidentiality": "internal"}
    return planning.plan(session=session, schedule=schedule, **audience, **fields, actor=staff, now=now)


def states(kind):
    return list(OutgoingMail.objects.filter(kind=f"sessions_app.{kind}").order_by("pk").values_list("state", flat=True))


@pytest.fixture(params=["move", "postpone", "cancel"])
def act(request):
    return request.param


def test_an_offer_and_its_last_call_do_not_leave_after_a_change(act, staff, now):
    session = SessionFactory(capacity=1, registered=1, waiting=1)
    planning.change(session=session, changes={"capacity": 2}, actor=staff, now=now)
    reminders.queue_last_calls(now=now + timedelta(hours=30))
    assert (states("seat_offered"), states("seat_last_call")) == ([MailState.QUEUED], [MailState.QUEUED])
    change(act, session, staff=staff, now=now + timedelta(hours=31))
    assert (states("seat_offered"), states("seat_last_call")) == ([MailState.WITHDRAWN], [MailState.WITHDRAWN])


def test_a_confirmation_that_is_tried_again_does_not_leave_after_a_change(
    act, practitioner, member_organisation, staff, now
):
    session = SessionFactory()
    registrations.register(
        session=session, person=practitioner, organisation=member_organisation, form="on_site", actor=practitioner,
        now=now,
    )  # fmt: skip
    OutgoingMail.objects.update(next_attempt_at=now + timedelta(minutes=15), attempts=2)
    change(act, session, staff=staff, now=now)
    assert states("registration_confirmed") == [MailState.WITHDRAWN]
    assert OutgoingMail.objects.waiting().filter(recipient=practitioner).count() == 1


def test_who_gave_up_the_seat_before_hears_so_all_the_same(act, practitioner, staff, now):
    row = RegistrationFactory(person=practitioner)
    registrations.cancel(registration=row, actor=practitioner, now=now)
    change(act, row.session, staff=staff, now=now)
    assert states("registration_cancelled") == [MailState.QUEUED]


def test_an_invitation_by_address_does_not_leave_once_the_session_is_off(staff, now):
    for act in ("postpone", "cancel"):
        session = SessionFactory()
        guests.invite(session=session, addresses=["iemand@elders.example"], actor=staff, now=now)
        change(act, session, staff=staff, now=now)
    assert states("guest_invited") == [MailState.WITHDRAWN] * 2


def test_an_invitation_that_still_waits_goes_out_with_the_new_date(staff, now):
    session = SessionFactory()
    guests.invite(session=session, addresses=["iemand@elders.example"], actor=staff, now=now)
    change("move", session, staff=staff, now=now)
    [mail] = OutgoingMail.objects.waiting().filter(to="iemand@elders.example")
    assert mail.kind == "sessions_app.guest_invited"
    assert "Zaal Nieuw (fictief)" in mail.text


def test_of_two_moves_the_latest_is_mailed(practitioner, staff, now):
    row = RegistrationFactory(person=practitioner)
    change("move", row.session, staff=staff, now=now)
    planning.move(session=row.session, schedule=later(now, place="Elders (fictief)"), actor=staff, now=now)
    assert states("session_moved") == [MailState.WITHDRAWN, MailState.QUEUED]


def test_a_mail_about_a_whole_series_is_written_anew_when_one_of_its_dates_changes(
    act, practitioner, member_organisation, staff, now
):
    whole = SeriesFactory()
    first, _second = (
        SessionFactory(series=whole, starts_at=now + timedelta(days=days), place=f"Zaal {days} (fictief)")
        for days in (20, 27)
    )
    series_registrations.register(
        series=whole, person=practitioner, organisation=member_organisation, form="on_site", actor=practitioner, now=now
    )
    change(act, first, staff=staff, now=now)
    assert states("series_registered") == [MailState.WITHDRAWN, MailState.QUEUED]
    mail = OutgoingMail.objects.get(kind="sessions_app.series_registered", state=MailState.QUEUED)
    assert "Zaal 20 (fictief)" not in mail.text or act == "postpone"
    assert "Zaal 27 (fictief)" in mail.text
    assert ("Zaal Nieuw (fictief)" in mail.text) == (act == "move")


def test_a_mail_that_takes_the_date_out_leaves_though_the_session_is_cancelled_after(practitioner, staff, now):
    row = RegistrationFactory(person=practitioner)
    change("postpone", row.session, staff=staff, now=now)
    change("cancel", row.session, staff=staff, now=now)
    [mail] = OutgoingMail.objects.waiting().filter(kind="sessions_app.session_postponed")
    assert mail.attachments[0]["method"] == "CANCEL"


def test_after_a_stop_an_earlier_reminder_that_has_not_left_is_taken_back(now):
    RegistrationFactory(session=SessionFactory(starts_at=now + timedelta(days=7)))
    assert reminders.queue_due(now=now) == 1
    assert reminders.queue_due(now=now + timedelta(days=6, hours=1)) == 1
    assert states("reminder") == [MailState.WITHDRAWN, MailState.QUEUED]
    assert reminders.queue_due(now=now + timedelta(days=6, hours=1)) == 0


def test_a_reminder_that_waits_is_written_anew_with_what_was_corrected(staff, now):
    session = SessionFactory(starts_at=now + timedelta(days=7), title="Shift teh Power")
    RegistrationFactory(session=session)
    reminders.queue_due(now=now)
    planning.change(session=session, changes={"title": "Shift the Power"}, actor=staff, now=now)
    assert reminders.queue_due(now=now) == 1
    [mail] = OutgoingMail.objects.waiting()
    assert "Shift the Power" in mail.text


def test_a_reminder_that_left_is_not_written_anew_by_a_correction(staff, now):
    session = SessionFactory(starts_at=now + timedelta(days=7))
    RegistrationFactory(session=session)
    reminders.queue_due(now=now)
    OutgoingMail.objects.update(state=MailState.SENT)
    planning.change(session=session, changes={"title": "Anders"}, actor=staff, now=now)
    session_reminders.set_reminders(session=session, steps=["T-7d"], text="Lees dit.", actor=staff, now=now)
    assert reminders.queue_due(now=now) == 0


def test_reminders_that_are_switched_off_do_not_leave(staff, now):
    session = SessionFactory(starts_at=now + timedelta(days=7))
    RegistrationFactory(session=session)
    reminders.queue_due(now=now)
    session_reminders.set_reminders(session=session, steps=[], text="", actor=staff, now=now)
    assert (states("reminder"), reminders.queue_due(now=now)) == ([MailState.WITHDRAWN], 0)


def test_who_moves_to_the_other_room_gets_no_reminder_for_the_old_one(practitioner, now):
    session = SessionFactory(
        form=Form.HYBRID, capacity=5, capacity_online=5, online_link="https://video.example/a",
        starts_at=now + timedelta(minutes=50), state=SessionState.CLOSED,
    )  # fmt: skip
    row = RegistrationFactory(session=session, person=practitioner, form=Form.ONLINE)
    RegistrationFactory(session=session, form=Form.ONLINE)
    assert reminders.queue_due(now=now) == 2
    rooms.attend_otherwise(registration=row, form=Form.ON_SITE, actor=practitioner, now=now)
    assert sorted(states("reminder")) == [MailState.QUEUED, MailState.WITHDRAWN]


def test_a_failed_mail_about_the_old_date_cannot_be_sent_again(staff, now):
    session = SessionFactory(starts_at=now + timedelta(days=7))
    RegistrationFactory(session=session)
    reminders.queue_due(now=now)
    OutgoingMail.objects.update(state=MailState.FAILED)
    change("move", session, staff=staff, now=now)
    assert delivery.send_again(OutgoingMail.objects.filter(kind="sessions_app.reminder"), now=now) == 0


def test_an_address_that_is_tried_again_later_gets_nothing_about_what_is_over(
    practitioner, member_organisation, staff, now
):
    session = SessionFactory()
    registrations.register(
        session=session, person=practitioner, organisation=member_organisation, form="on_site", actor=practitioner,
        now=now,
    )  # fmt: skip
    change("move", session, staff=staff, now=now)
    refusals.note(OutgoingMail.objects.waiting().get(recipient=practitioner), "550 no", now=now)
    refusals.try_again(refused=RefusedAddress.objects.get(), actor=staff, now=now + timedelta(days=60))
    assert not OutgoingMail.objects.filter(state=MailState.QUEUED, recipient=practitioner).exists()


@pytest.mark.parametrize(("weekday", "days"), [("Monday", 1), ("Friday", 3)])
def test_a_digest_is_of_no_use_once_the_next_has_come(weekday, days):
    moment = next(
        moment
        for moment in (datetime(NEXT_YEAR, 11, day, 6, 30, tzinfo=UTC) for day in range(20, 27))
        if f"{moment:%A}" == weekday
    )
    assert digest.moment_after(moment).date() == moment.date() + timedelta(days=days)


def test_who_kept_the_seat_is_reminded_of_the_new_date_before_registration_opens_again(practitioner, staff, now):
    row = RegistrationFactory(person=practitioner)
    session = change("postpone", row.session, staff=staff, now=now)
    plan_anew(session, later(now), staff=staff, now=now)
    assert reminders.queue_due(now=now + timedelta(days=33, hours=1)) == 1


# What is over


def test_what_is_over_is_neither_moved_nor_postponed_nor_called_off_with_mails(staff, now):
    session = SessionFactory(starts_at=now - timedelta(days=5), state=SessionState.CLOSED)
    row = RegistrationFactory(session=session)
    names = {move.name for move in moves_of(session, now)}
    assert names.isdisjoint({"move", "postpone", "cancel"})
    assert {"held", "not-held"} <= names
    for act in ("move", "postpone", "cancel"):
        with pytest.raises(Refused):
            change(act, session, staff=staff, now=now)
    change("mark_not_held", session, staff=staff, now=now)
    row.refresh_from_db()
    assert row.state == RegistrationState.CANCELLED
    assert not OutgoingMail.objects.exists()


def test_where_it_is_noted_who_was_there_the_session_was_held(staff, now):
    session = SessionFactory(starts_at=now - timedelta(days=5), state=SessionState.CLOSED)
    row = RegistrationFactory(session=session, state=RegistrationState.ATTENDED)
    with pytest.raises(Refused, match="ging door"):
        change("mark_not_held", session, staff=staff, now=now)
    row.refresh_from_db()
    assert row.state == RegistrationState.ATTENDED


def test_recording_a_date_afterwards_mails_nobody(staff, now):
    session = SessionFactory(capacity=1, registered=1, waiting=1)
    planning.change(session=session, changes={"capacity": 2}, actor=staff, now=now)
    session = change("postpone", session, staff=staff, now=now)
    OutgoingMail.objects.all().delete()
    after = now + timedelta(days=60)
    plan_anew(session, later(now), past_is_meant=True, staff=staff, now=after)
    assert waitlist.expire_offers(now=after) == 1
    assert not OutgoingMail.objects.exists()
