from datetime import UTC, datetime, time, timedelta

import pytest
import vobject

from core.dates import AMSTERDAM, local
from core.models import MailState, OutgoingMail
from members.rules import AffiliationState
from sessions_app.actions import guests, planning, registrations, series, series_registrations
from sessions_app.actions.planning import Schedule
from sessions_app.actions.registration_state import RegistrationRefused
from sessions_app.actions.session_state import SessionRefused
from sessions_app.mails import calendars
from sessions_app.models import Proposer, Registration, Series, Session
from sessions_app.repetition import Rule, RuleRefused, Span, Unit, spans_by_rule
from sessions_app.rules import Admission, Form, RegistrationState, SeriesRegistration, SessionState
from tests.factories.members import UserFactory, member_person
from tests.factories.sessions import DialogueFactory, RegistrationFactory, SeriesFactory, SessionFactory
from tests.harness.days import TUESDAY

pytestmark = pytest.mark.django_db
R = RegistrationState


@pytest.fixture
def first(now, host):
    """A planned session at 14.15 on a Tuesday in March, before the clock changes."""
    start = datetime.combine(TUESDAY, time(14, 15), AMSTERDAM)
    deadline = start - timedelta(days=3, hours=2)
    session = SessionFactory(state=SessionState.PLANNED, starts_at=start, registration_deadline=deadline, host=host)
    Proposer.objects.create(session=session, person=host, organisation=host.affiliations.get().organisation)
    return session


def weekly(session, times):
    return spans_by_rule(Span(session.starts_at, session.ends_at), Rule(Unit.WEEKS, 1, times=times))


def make(session, staff, now, times=3, registration=SeriesRegistration.WHOLE):
    return series.make(
        session=session, title="Reeks", registration=registration, spans=weekly(session, times), actor=staff, now=now
    )


def open_series(now, dates=3, **fields):
    one = SeriesFactory(**{name: fields.pop(name) for name in ("registration",) if name in fields})
    for number in range(dates):
        SessionFactory(series=one, starts_at=now + timedelta(days=7 * (number + 1)), **fields)
    return one


def sign_up(one, person, now, **fields):
    organisation = person.affiliations.first().organisation
    wish = {"organisation": organisation, "form": Form.ON_SITE} | fields
    return series_registrations.register(series=one, person=person, actor=person, now=now, **wish)


def states(one, person):
    return [row.state for row in Registration.objects.of_series(one).filter(person=person)]


# Making


def test_each_date_is_a_session_like_the_first_at_the_same_hour_on_the_clock(first, staff, host, now):
    one = make(first, staff, now)
    dates = list(one.sessions.order_by("starts_at"))
    days = [TUESDAY + timedelta(weeks=number) for number in range(3)]
    assert [f"{local(row.starts_at):%Y-%m-%d %H:%M}" for row in dates] == [f"{day} 14:15" for day in days]
    assert [row.starts_at.astimezone(UTC).hour for row in dates] == [13, 13, 12]
    assert [f"{local(row.registration_deadline):%Y-%m-%d %H:%M}" for row in dates] == [
        f"{day - timedelta(days=3)} 12:15" for day in days
    ]
    assert len({row.uid for row in dates}) == 3
    for row in dates:
        assert (row.state, row.title, row.place, row.capacity) == ("planned", first.title, first.place, first.capacity)
        assert {(h.organisation_id, h.part, h.person_id) for h in row.hostings.all()} == {
            (h.organisation_id, h.part, h.person_id) for h in first.hostings.all()
        }
        assert row.proposers.get().person == host
    told = OutgoingMail.objects.get(kind="sessions_app.series_planned")
    assert told.to == host.email


def test_every_date_that_was_made_can_open(first, staff, now):
    one = make(first, staff, now)
    done, refused = series.each(
        series=one, act=planning.open_registration, states=[SessionState.PLANNED], actor=staff, now=now
    )
    assert (len(done), refused) == (3, [])


def test_a_date_that_refuses_stops_no_other_and_tells_why(first, staff, now):
    one = make(first, staff, now)
    odd = one.sessions.order_by("starts_at")[1]
    odd.hostings.all().delete()
    done, refused = series.each(
        series=one, act=planning.open_registration, states=[SessionState.PLANNED], actor=staff, now=now
    )
    assert len(done) == 2
    [(session, reason)] = refused
    assert session == odd
    assert "lead the content" in str(reason.reason) or "inhoud" in str(reason.reason)


def test_what_can_be_no_series_is_refused_and_nothing_is_made(first, staff, practitioner, now):
    spans = weekly(first, 3)
    for session, changed, error in (
        (DialogueFactory(state=SessionState.PLANNED), {}, SessionRefused),
        (SessionFactory(state=SessionState.ACCEPTED, starts_at=None), {}, SessionRefused),
        (SessionFactory(series=SeriesFactory()), {}, SessionRefused),
        (first, {"title": " "}, SessionRefused),
        (first, {"actor": practitioner}, SessionRefused),
        (first, {"spans": []}, RuleRefused),
        (first, {"spans": [spans[0], spans[0]]}, RuleRefused),
        (first, {"spans": [Span(first.starts_at, first.ends_at)]}, RuleRefused),
        (first, {"spans": [Span(now - timedelta(days=1), now)]}, RuleRefused),
        (first, {"spans": spans * 40}, RuleRefused),
    ):
        before = Session.objects.count(), Series.objects.count()
        wish = {"title": "Reeks", "registration": "whole", "spans": spans, "actor": staff} | changed
        with pytest.raises(error):
            series.make(session=session, now=now, **wish)
        assert (Session.objects.count(), Series.objects.count()) == before


# Registering


def events_in(mail):
    """Method and event of each calendar file, read by a second parser."""
    calendars = [vobject.readOne(file["content"]) for file in mail.attachments]
    assert [calendar.method.value for calendar in calendars] == [file["method"] for file in mail.attachments]
    assert all(len(calendar.contents["vevent"]) == 1 for calendar in calendars)
    return [(calendar.method.value, calendar.vevent) for calendar in calendars]


def test_one_registration_holds_for_every_date_and_gives_one_mail_with_a_file_for_each_seat(practitioner, now):
    one = open_series(now)
    full = one.sessions.order_by("starts_at")[1]
    Session.objects.filter(pk=full.pk).update(capacity=1)
    RegistrationFactory(session=full)
    sign_up(one, practitioner, now)
    assert states(one, practitioner) == [R.CONFIRMED, R.WAITLISTED, R.CONFIRMED]
    sent = OutgoingMail.objects.get(to=practitioner.email)
    assert "wachtlijst" in sent.text
    assert sent.text.count("Je hebt een plaats.") == 2
    events = events_in(sent)
    assert [method for method, _event in events] == ["REQUEST"] * 2
    seated = one.sessions.exclude(pk=full.pk)
    assert {event.uid.value.split("@")[0] for _method, event in events} == {str(session.uid) for session in seated}
    assert {event.attendee.value for _method, event in events} == {f"mailto:{practitioner.email}"}
    assert len({file["name"] for file in sent.attachments}) == 2


def test_doing_it_twice_changes_nothing_and_mails_nothing(practitioner, now):
    one = open_series(now)
    sign_up(one, practitioner, now)
    assert sign_up(one, practitioner, now) == []
    assert Registration.objects.count() == 3
    assert OutgoingMail.objects.count() == 1


def test_what_one_has_stays_and_a_date_that_is_off_is_left_out(practitioner, now):
    one = open_series(now, dates=5)
    mine, off, not_open, gone, *_ = one.sessions.order_by("starts_at")
    held = RegistrationFactory(session=mine, person=practitioner)
    Session.objects.filter(pk=off.pk).update(state=SessionState.CANCELLED)
    Session.objects.filter(pk=not_open.pk).update(state=SessionState.PLANNED)
    Session.objects.filter(pk=gone.pk).update(registration_deadline=now - timedelta(minutes=1))
    [new] = sign_up(one, practitioner, now)
    assert new.session not in (mine, off, not_open, gone)
    assert Registration.objects.get(session=mine) == held


def test_all_or_nothing(practitioner, now):
    one = open_series(now)
    with pytest.raises(RegistrationRefused):
        sign_up(one, practitioner, now, form=Form.ONLINE, organisation=member_person().affiliations.get().organisation)
    assert not Registration.objects.exists()
    assert not OutgoingMail.objects.exists()


def test_who_may_not_come_and_a_series_per_date_are_refused(outsider, practitioner, now):
    with pytest.raises(RegistrationRefused):
        series_registrations.register(
            series=open_series(now), person=outsider, organisation=None, form=Form.ON_SITE, actor=outsider, now=now
        )
    with pytest.raises(RegistrationRefused):
        sign_up(open_series(now, registration=SeriesRegistration.PER_DATE), practitioner, now)
    assert not Registration.objects.exists()


def test_cancelling_all_gives_each_seat_to_the_line_of_its_date_in_one_mail(practitioner, now):
    one = open_series(now, capacity=1)
    sign_up(one, practitioner, now)
    second = one.sessions.order_by("starts_at")[1]
    next_one = RegistrationFactory(session=second, state=R.WAITLISTED)
    OutgoingMail.objects.all().delete()
    assert len(series_registrations.cancel(series=one, person=practitioner, actor=practitioner, now=now)) == 3
    assert states(one, practitioner) == [R.CANCELLED] * 3
    next_one.refresh_from_db()
    assert next_one.state == R.OFFERED
    sent = OutgoingMail.objects.get(to=practitioner.email)
    events = events_in(sent)
    assert [(method, event.status.value) for method, event in events] == [("CANCEL", "CANCELLED")] * 3
    assert all(int(event.sequence.value) > 0 for _method, event in events)
    assert series_registrations.cancel(series=one, person=practitioner, actor=practitioner, now=now) == []
    assert OutgoingMail.objects.filter(to=practitioner.email).count() == 1


def test_leaving_takes_a_date_out_of_the_calendar_that_has_moved_by_itself(practitioner, staff, now):
    one = open_series(now, dates=2)
    [row, _other] = sign_up(one, practitioner, now)
    OutgoingMail.objects.update(state=MailState.SENT)
    start = row.session.starts_at + timedelta(days=1)
    where = {"form": row.session.form, "place": row.session.place, "capacity": 20}
    schedule = Schedule(starts_at=start, ends_at=start + timedelta(hours=1), **where)
    planning.move(session=row.session, schedule=schedule, actor=staff, now=now)
    series_registrations.cancel(series=one, person=practitioner, actor=practitioner, now=now)
    sent = [events_in(mail) for mail in OutgoingMail.objects.filter(recipient=practitioner).order_by("pk")]
    uid = f"{row.session.uid}"
    lives = [(method, event) for mail in sent for method, event in mail if event.uid.value.startswith(uid)]
    assert [method for method, _event in lives] == ["REQUEST", "REQUEST", "CANCEL"]
    numbers = [int(event.sequence.value) for _method, event in lives]
    assert numbers == sorted(set(numbers))
    assert lives[2][1].dtstart.value == start


def test_a_date_in_the_mail_of_a_series_has_the_file_that_it_has_by_itself(practitioner, now):
    one = open_series(now, dates=2)
    [row, _other] = sign_up(one, practitioner, now)
    registrations.cancel(registration=row, actor=practitioner, now=now)
    [again] = sign_up(one, practitioner, now)
    [file] = OutgoingMail.objects.get(key__endswith=f":{again.pk}").attachments
    [alone] = calendars.of_seat(again, now=now)
    assert file["content"] == alone["content"]


def test_a_date_that_has_started_is_kept_when_all_is_cancelled(practitioner, now):
    one = open_series(now, dates=2)
    begun = SessionFactory(series=one, starts_at=now - timedelta(minutes=5), state=SessionState.CLOSED)
    RegistrationFactory(session=begun, person=practitioner)
    sign_up(one, practitioner, now)
    series_registrations.cancel(series=one, person=practitioner, actor=practitioner, now=now)
    assert states(one, practitioner) == [R.CONFIRMED, R.CANCELLED, R.CANCELLED]


def test_cancelling_one_date_leaves_the_others(practitioner, now):
    one = open_series(now)
    rows = sign_up(one, practitioner, now)
    registrations.cancel(registration=rows[1], actor=practitioner, now=now)
    assert states(one, practitioner) == [R.CONFIRMED, R.CANCELLED, R.CONFIRMED]


@pytest.mark.parametrize(("admit", "state"), [(True, R.CONFIRMED), (False, R.REJECTED)])
def test_one_decision_holds_for_all_dates(practitioner, staff, now, admit, state):
    one = open_series(now, admission=Admission.BY_APPROVAL)
    rows = sign_up(one, practitioner, now)
    assert states(one, practitioner) == [R.REQUESTED] * 3
    OutgoingMail.objects.all().delete()
    series_registrations.decide(registration=rows[1], admit=admit, actor=staff, now=now)
    assert states(one, practitioner) == [state] * 3
    assert OutgoingMail.objects.filter(to=practitioner.email).count() == 1


# A date more, a date less, a date moved


def test_who_lost_the_affiliation_is_admitted_to_no_date_and_nothing_is_doubled(practitioner, staff, now):
    one = open_series(now, admission=Admission.BY_APPROVAL)
    first, *_others = sign_up(one, practitioner, now)
    practitioner.affiliations.update(state=AffiliationState.ENDED)
    mails = OutgoingMail.objects.count()
    with pytest.raises(RegistrationRefused, match="organisatie"):
        series_registrations.decide(registration=first, admit=True, actor=staff, now=now)
    assert states(one, practitioner) == [R.REQUESTED] * 3
    assert OutgoingMail.objects.count() == mails
    series_registrations.decide(registration=first, admit=False, actor=staff, now=now)
    assert states(one, practitioner) == [R.REJECTED] * 3


def test_a_date_added_later_registers_who_is_on_the_whole_and_nobody_else(first, staff, practitioner, contact, now):
    one = make(first, staff, now)
    series.each(series=one, act=planning.open_registration, states=["planned"], actor=staff, now=now)
    sign_up(one, practitioner, now)
    sign_up(one, contact, now)
    series_registrations.cancel(series=one, person=contact, actor=contact, now=now)
    OutgoingMail.objects.all().delete()
    [span] = spans_by_rule(Span(first.starts_at, first.ends_at), Rule(Unit.WEEKS, 9, times=2))
    added = series.add(series=one, span=span, actor=staff, now=now)
    assert added.state == SessionState.OPEN
    assert added.registrations.get().person == practitioner
    assert OutgoingMail.objects.filter(to=practitioner.email).count() == 1
    with pytest.raises(RuleRefused):
        series.add(series=one, span=span, actor=staff, now=now)


def test_opening_again_brings_nobody_back_who_cancelled(staff, practitioner, now):
    one = open_series(now)
    rows = sign_up(one, practitioner, now)
    registrations.cancel(registration=rows[0], actor=practitioner, now=now)
    planning.close(session=rows[0].session, actor=staff, now=now)
    planning.open_registration(session=rows[0].session, actor=staff, now=now)
    assert states(one, practitioner) == [R.CANCELLED, R.CONFIRMED, R.CONFIRMED]


def test_moving_one_date_tells_only_who_is_registered_for_it(staff, practitioner, contact, now):
    one = open_series(now)
    rows = sign_up(one, practitioner, now)
    sign_up(one, contact, now)
    registrations.cancel(
        registration=Registration.objects.get(session=rows[0].session, person=contact), actor=contact, now=now
    )
    OutgoingMail.objects.all().delete()
    session = rows[0].session
    start = session.starts_at + timedelta(days=1)
    schedule = Schedule(
        starts_at=start, ends_at=start + timedelta(hours=1), form=session.form, place=session.place, capacity=20
    )
    planning.move(session=session, schedule=schedule, actor=staff, now=now)
    assert [row.to for row in OutgoingMail.objects.filter(kind="sessions_app.session_moved")] == [practitioner.email]


def test_a_session_taken_out_keeps_its_people(staff, practitioner, now):
    one = open_series(now)
    [row, *_] = sign_up(one, practitioner, now)
    session = series.leave(session=row.session, actor=staff, now=now)
    assert session.series is None
    assert session.registrations.get() == row
    assert one.sessions.count() == 2
    with pytest.raises(SessionRefused):
        series.leave(session=session, actor=staff, now=now)


@pytest.mark.parametrize("dates", [2, 12])
def test_registering_for_many_dates_asks_four_things_for_each(practitioner, now, dates, django_assert_num_queries):
    """Its seats, the registration, the trail, and the news of that date taken back; the rest is asked once."""
    one = open_series(now, dates=dates)
    with django_assert_num_queries(14 + 4 * dates):
        sign_up(one, practitioner, now)


# Guests


def asked_and_admitted(guest, person, staff, now):
    row = guests.ask(guest=guest, person=person, organisation=None, form=Form.ON_SITE, actor=person, now=now)
    series_registrations.decide(registration=row, admit=True, actor=staff, now=now)


def test_who_is_invited_to_a_session_is_invited_to_the_dates_that_are_made_of_it(first, staff, now):
    guests.invite(session=first, addresses=["een@elders.example", "twee@elders.example"], actor=staff, now=now)
    OutgoingMail.objects.all().delete()
    one = make(first, staff, now)
    for date in one.sessions.all():
        assert sorted(date.guests.values_list("email", flat=True)) == ["een@elders.example", "twee@elders.example"]
    assert len({guest.link_nonce for date in one.sessions.all() for guest in date.guests.all()}) == 6
    assert not OutgoingMail.objects.filter(kind="sessions_app.guest_invited").exists()


def test_guests_hold_for_a_date_that_is_added_and_who_is_on_the_whole_comes_along(first, staff, outsider, now):
    admitted, taken_back = UserFactory(), UserFactory()
    one = make(first, staff, now, times=2)
    for date in one.sessions.order_by("starts_at"):
        addresses = [outsider.email, "collega@elders.example", taken_back.email]
        invited = guests.invite(session=date, addresses=addresses, actor=staff, now=now)
        planning.open_registration(session=date, actor=staff, now=now)
        by_address = {guest.email: guest for guest in invited}
        asked_and_admitted(by_address["collega@elders.example"], admitted, staff, now)
        guests.take_back(guest=by_address[taken_back.email], actor=staff, now=now)
    wish = {"organisation": None, "form": Form.ON_SITE}
    for person in (outsider, admitted):
        series_registrations.register(series=one, person=person, actor=person, now=now, **wish)
    last = one.sessions.order_by("starts_at").last()
    span = Span(last.starts_at + timedelta(days=7), last.ends_at + timedelta(days=7))
    added = series.add(series=one, span=span, actor=staff, now=now)
    assert set(added.guests.values_list("email", flat=True)) == {
        outsider.email, "collega@elders.example", admitted.email
    }  # fmt: skip
    assert states(one, outsider) == [R.CONFIRMED] * 3
    assert states(one, admitted) == [R.CONFIRMED] * 3
    assert registrations.release_lost(now=now) == 0
    with pytest.raises(RegistrationRefused):
        series_registrations.register(series=one, person=taken_back, actor=taken_back, now=now, **wish)
