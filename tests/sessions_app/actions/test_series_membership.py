"""Who is on a series as a whole, and so is registered for a date that comes later."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps

from core.models import OutgoingMail
from members.rules import AffiliationState
from partos_portal import erasure
from sessions_app.actions import attendance, planning, registrations, series, series_registrations
from sessions_app.actions.registration_state import RegistrationRefused
from sessions_app.models import NeedsNote, Registration, SeriesMembership
from sessions_app.repetition import Span
from sessions_app.rules import Admission, Audience, Form, RegistrationState, SeriesRegistration, SessionState
from tests.factories.sessions import RegistrationFactory, SeriesFactory, SessionFactory, organisation_of

pytestmark = pytest.mark.django_db
R = RegistrationState
WEEK = timedelta(days=7)


@pytest.fixture
def one(now):
    """A series for which one registers as a whole, with two dates to come."""
    return series_of(now)


def series_of(now, **fields):
    one = SeriesFactory()
    for number in (1, 2):
        SessionFactory(series=one, starts_at=now + number * WEEK, **fields)
    return one


def sign_up(one, person, now, **fields):
    return series_registrations.register(
        series=one, person=person, organisation=organisation_of(person), form=Form.ON_SITE, actor=person, now=now,
        **fields,
    )  # fmt: skip


def one_date_more(one, staff, now):
    start = now + 10 * WEEK
    return series.add(series=one, span=Span(start, start + timedelta(hours=1)), actor=staff, now=now)


def people_at(session):
    return list(session.registrations.values_list("person", flat=True))


def test_who_is_on_the_whole_is_registered_for_a_date_that_is_added(one, practitioner, staff, now):
    sign_up(one, practitioner, now)
    RegistrationFactory(session=one.sessions.first())  # who came to one date only, by an invitation
    added = one_date_more(one, staff, now)
    assert added.state == SessionState.OPEN
    assert people_at(added) == [practitioner.pk]


def test_who_left_the_series_stays_away_although_a_past_date_shows_her_place(one, practitioner, staff, now):
    past = SessionFactory(series=one, starts_at=now - WEEK, state=SessionState.CLOSED)
    RegistrationFactory(session=past, person=practitioner)  # nobody noted whether she came
    sign_up(one, practitioner, now)
    series_registrations.cancel(series=one, person=practitioner, actor=practitioner, now=now)
    assert people_at(one_date_more(one, staff, now)) == []


def test_who_gave_up_one_date_or_every_date_apart_stays_on_the_series(one, practitioner, staff, now):
    for row in sign_up(one, practitioner, now):
        registrations.cancel(registration=row, actor=practitioner, now=now)
    assert people_at(one_date_more(one, staff, now)) == [practitioner.pk]


def test_one_can_leave_a_series_of_which_no_date_is_left(one, practitioner, staff, now):
    for row in sign_up(one, practitioner, now):
        registrations.cancel(registration=row, actor=practitioner, now=now)
    series_registrations.cancel(series=one, person=practitioner, actor=practitioner, now=now)
    assert people_at(one_date_more(one, staff, now)) == []


def test_whom_staff_took_off_a_date_is_brought_to_no_other(one, practitioner, staff, now):
    [row, _other] = sign_up(one, practitioner, now)
    registrations.cancel_by_staff(registration=row, reason="Dubbel", actor=staff, now=now)
    assert people_at(one_date_more(one, staff, now)) == []


def test_who_was_not_admitted_is_brought_to_no_date(practitioner, staff, now):
    one = series_of(now, admission=Admission.BY_APPROVAL)
    [row, _other] = sign_up(one, practitioner, now)
    series_registrations.decide(registration=row, admit=False, actor=staff, now=now)
    assert people_at(one_date_more(one, staff, now)) == []


@pytest.mark.parametrize("admits", [True, False])
def test_staff_decide_once_also_for_a_date_that_comes_later(practitioner, staff, now, admits):
    one = series_of(now, admission=Admission.BY_APPROVAL)
    [row, _other] = sign_up(one, practitioner, now)
    if admits:
        series_registrations.decide(registration=row, admit=True, actor=staff, now=now)
    added = one_date_more(one, staff, now)
    assert added.registrations.get().state == (R.CONFIRMED if admits else R.REQUESTED)


def test_who_closed_the_account_is_registered_nowhere_and_mailed_nothing(outsider, staff, now):
    one = series_of(now, audience=Audience.PUBLIC)
    sign_up(one, outsider, now)
    erasure.close_account(person=outsider, actor=outsider, now=now)
    assert not SeriesMembership.objects.exists()
    assert people_at(one_date_more(one, staff, now)) == []
    assert not OutgoingMail.objects.filter(to__contains="portal.invalid").exists()


@pytest.mark.parametrize("loss", ["account", "affiliation"])
def test_who_may_no_longer_come_is_off_the_series_also_once_she_is_back(one, practitioner, staff, now, loss):
    row, changed = practitioner, {"is_active": False}
    if loss == "affiliation":
        row, changed = practitioner.affiliations.get(), {"state": AffiliationState.ENDED}
    before = {field: getattr(row, field) for field in changed}
    sign_up(one, practitioner, now)
    set_fields(row, changed)
    assert people_at(one_date_more(one, staff, now)) == []
    registrations.release_lost(now=now)
    set_fields(row, before)
    assert not SeriesMembership.objects.exists()


def set_fields(row, changed):
    type(row).objects.filter(pk=row.pk).update(**changed)


def test_an_account_that_is_off_gets_no_seat(practitioner, now):
    practitioner.is_active = False
    practitioner.save()
    with pytest.raises(RegistrationRefused):
        registrations.register(
            session=SessionFactory(), person=practitioner, organisation=organisation_of(practitioner),
            form=Form.ON_SITE, actor=practitioner, now=now,
        )  # fmt: skip


def test_whether_it_was_noted_who_came_makes_no_difference(practitioner, contact, staff, now):
    one = series_of(now)
    rows = {person: sign_up(one, person, now)[0] for person in (practitioner, contact)}
    first = rows[practitioner].session
    later = first.ends_at + timedelta(minutes=5)
    attendance.note(registration=rows[practitioner], state=R.ATTENDED, actor=staff, now=later)
    assert sorted(people_at(one_date_more(one, staff, later))) == sorted([practitioner.pk, contact.pk])


def test_who_registered_first_comes_first(practitioner, contact, staff, now):
    one = series_of(now, capacity=1)
    sign_up(one, contact, now)
    sign_up(one, practitioner, now + timedelta(minutes=1))
    added = one_date_more(one, staff, now + timedelta(minutes=2))
    assert {row.person: row.state for row in added.registrations.all()} == {
        contact: R.CONFIRMED, practitioner: R.WAITLISTED
    }  # fmt: skip


def test_who_has_registered_for_dates_apart_is_not_on_the_whole_after_a_change_of_the_series(practitioner, staff, now):
    one = series_of(now)
    RegistrationFactory(session=one.sessions.first(), person=practitioner)
    series.change(
        series=one, title=one.title, registration=SeriesRegistration.WHOLE, actor=staff, now=now
    )  # fmt: skip
    assert people_at(one_date_more(one, staff, now)) == []


def test_what_someone_needs_goes_along_to_a_date_that_is_added(one, practitioner, staff, now):
    sign_up(one, practitioner, now, needs="rolstoel")
    last = Registration.objects.filter(person=practitioner).latest("session__starts_at")
    NeedsNote.objects.filter(registration=last).update(text="ook zonder noten", changed_at=now + WEEK)
    added = one_date_more(one, staff, now)
    assert NeedsNote.objects.get(registration__session=added).text == "ook zonder noten"


def test_what_someone_has_taken_back_does_not_go_along(one, practitioner, staff, now):
    sign_up(one, practitioner, now, needs="rolstoel")
    NeedsNote.objects.all().delete()
    assert people_at(one_date_more(one, staff, now)) == [practitioner.pk]
    assert not NeedsNote.objects.exists()


def test_a_date_that_opens_after_the_first_ones_brings_everybody_along(one, practitioner, staff, now):
    later = SessionFactory(series=one, starts_at=now + 3 * WEEK, state=SessionState.PLANNED)
    sign_up(one, practitioner, now)
    planning.open_registration(session=later, actor=staff, now=now)
    assert people_at(later) == [practitioner.pk]


def test_who_had_a_place_at_a_date_to_come_before_there_were_such_rows_is_put_on_the_series(one, practitioner, now):
    first, second = one.sessions.order_by("starts_at")
    early = RegistrationFactory(session=first, person=practitioner)
    RegistrationFactory(session=second, person=practitioner)
    RegistrationFactory(session=second, state=R.CANCELLED)
    RegistrationFactory(session=SessionFactory(series=one, starts_at=now - WEEK, state=SessionState.CLOSED))
    apart = SeriesFactory(registration=SeriesRegistration.PER_DATE)
    RegistrationFactory(session=SessionFactory(series=apart))
    import_module("sessions_app.migrations.0013_who_is_on_a_series").put_on(apps, None)
    [row] = SeriesMembership.objects.all()
    assert (row.series, row.person, row.organisation, row.since) == (
        one, practitioner, early.organisation, early.queued_at
    )  # fmt: skip
