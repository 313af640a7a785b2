"""Every way in which a seat comes free ends in the one function that asks the next in line."""

from datetime import timedelta

import pytest

from core.models import OutgoingMail
from members.models import Organisation
from members.rules import AffiliationState, OrganisationKind
from partos_portal import erasure
from sessions_app.actions import guests, planning, registrations, rooms, series_registrations, waitlist
from sessions_app.actions.planning import Schedule
from sessions_app.models import Registration, Session
from sessions_app.rules import Admission, Audience, Form, RegistrationState, SessionState
from tests.factories.sessions import RegistrationFactory, SeriesFactory, SessionFactory

pytestmark = pytest.mark.django_db
R = RegistrationState


def leaves(row, staff, now):
    registrations.cancel(registration=row, actor=row.person, now=now)


def is_taken_off_by_staff(row, staff, now):
    registrations.cancel_by_staff(registration=row, reason="Op verzoek", actor=staff, now=now)


def declines(row, staff, now):
    Registration.objects.filter(pk=row.pk).update(state=R.OFFERED, offered_until=now + timedelta(days=1))
    waitlist.decline(registration=row, actor=row.person, now=now)


def lets_an_offer_lapse(row, staff, now):
    Registration.objects.filter(pk=row.pk).update(state=R.OFFERED, offered_until=now)
    assert waitlist.expire_offers(now=now) == 1


def gives_up_an_offer(row, staff, now):
    Registration.objects.filter(pk=row.pk).update(state=R.OFFERED, offered_until=now + timedelta(days=1))
    registrations.cancel(registration=row, actor=row.person, now=now)


def leaves_the_organisation(row, staff, now):
    row.person.affiliations.update(state=AffiliationState.ENDED)
    assert registrations.release_lost(now=now) == 1


def works_for_a_member_no_more(row, staff, now):
    Organisation.objects.filter(pk=row.organisation_id).update(kind=OrganisationKind.PARTNER)
    assert registrations.release_lost(now=now) == 1


def is_switched_off(row, staff, now):
    row.person.is_active = False
    row.person.save()
    assert registrations.release_lost(now=now) == 1


def is_a_guest_no_more(row, staff, now):
    row.person.affiliations.all().delete()
    Registration.objects.filter(pk=row.pk).update(organisation=None)
    [guest] = guests.invite(session=row.session, addresses=[row.person.email], actor=staff, now=now)
    assert registrations.release_lost(now=now) == 0
    guests.take_back(guest=guest, actor=staff, now=now)
    assert registrations.release_lost(now=now) == 0  # the place went with the invitation


def came_by_an_invitation_of_another_that_is_taken_back(row, staff, now):
    row.person.affiliations.all().delete()
    [guest] = guests.invite(session=row.session, addresses=["ander@elders.example"], actor=staff, now=now)
    Registration.objects.filter(pk=row.pk).update(organisation=None, guest=guest)
    assert registrations.release_lost(now=now) == 0
    guests.take_back(guest=guest, actor=staff, now=now)
    assert registrations.release_lost(now=now) == 0  # the place went with the invitation


def is_not_among_those_for_whom_it_is_any_more(row, staff, now):
    Registration.objects.exclude(pk=row.pk).update(state=R.WAITLISTED)
    keep = [other.person.email for other in row.session.registrations.waiting()]
    guests.invite(session=row.session, addresses=keep, actor=staff, now=now)
    planning.change(session=row.session, changes={"audience": Audience.INVITED}, actor=staff, now=now)
    assert registrations.release_lost(now=now) == 1


def leaves_the_whole_series(row, staff, now):
    series = SeriesFactory()
    Session.objects.filter(pk=row.session_id).update(series=series)
    series_registrations.cancel(series=series, person=row.person, actor=row.person, now=now)


def closes_the_account(row, staff, now):
    erasure.close_account(person=row.person, actor=row.person, now=now)


def gets_company(row, staff, now):
    planning.change(session=row.session, changes={"capacity": 2}, actor=staff, now=now)


def moves_with_the_session_to_a_larger_room(row, staff, now):
    planning.move(session=row.session, schedule=schedule(row.session, capacity=2), actor=staff, now=now)


def schedule(session, **fields):
    same = {name: getattr(session, name) for name in ("starts_at", "ends_at", "registration_deadline")}
    return Schedule(**same | {"form": Form.ON_SITE, "place": "Grote zaal (fictief)"} | fields)


WAYS = [
    leaves, is_taken_off_by_staff, declines, lets_an_offer_lapse, gives_up_an_offer, leaves_the_organisation,
    works_for_a_member_no_more, is_a_guest_no_more, came_by_an_invitation_of_another_that_is_taken_back,
    is_not_among_those_for_whom_it_is_any_more, leaves_the_whole_series, is_switched_off, closes_the_account,
    gets_company, moves_with_the_session_to_a_larger_room,
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_the_first_in_line_is_asked_once_when_who_has_the_seat(way, staff, now):
    session = SessionFactory(capacity=1, waiting=2)
    holder = RegistrationFactory(session=session)
    first, second = session.registrations.waiting()
    way(holder, staff, now)
    assert states(first, second) == ["offered", "waitlisted"]
    assert asked() == [first.person_id]


def test_the_first_in_line_is_asked_when_another_changes_rooms(now):
    session = SessionFactory(
        form=Form.HYBRID, online_link="https://video.example/x", capacity=1, capacity_online=1, waiting=1
    )
    row, [first] = RegistrationFactory(session=session), session.registrations.waiting()
    rooms.attend_otherwise(registration=row, form=Form.ONLINE, actor=row.person, now=now)
    assert states(first) == ["offered"]


def test_the_first_in_line_is_asked_when_two_rooms_become_one_with_a_free_seat(staff, now):
    """Who waited for a seat on site gets one of those that were online."""
    session = SessionFactory(
        form=Form.HYBRID, online_link="https://video.example/x", capacity=1, capacity_online=2, registered=1, waiting=2
    )
    RegistrationFactory(session=session, form=Form.ONLINE)
    first, second = session.registrations.waiting()
    planning.move(session=session, schedule=schedule(session, capacity=3), actor=staff, now=now)
    assert states(first, second) == ["offered", "waitlisted"]


def test_who_waited_is_asked_when_registration_opens_again(staff, now):
    """Seats that came free while there was no date, when nobody could be asked."""
    session = SessionFactory(capacity=1, waiting=1, state=SessionState.PLANNED)
    [first] = session.registrations.waiting()
    planning.open_registration(session=session, actor=staff, now=now)
    assert states(first) == ["offered"]


def test_a_closed_registration_still_passes_seats_on(staff, now):
    session = SessionFactory(capacity=1, registered=1, waiting=1, state=SessionState.CLOSED)
    [first] = session.registrations.waiting()
    leaves(session.registrations.confirmed().get(), staff, now)
    assert states(first) == ["offered"]


def test_a_request_holds_no_seat_so_that_refusing_it_asks_nobody(staff, now):
    session = SessionFactory(capacity=1, registered=1, waiting=1, admission=Admission.BY_APPROVAL)
    row = RegistrationFactory(session=session, state=R.REQUESTED)
    registrations.decide(registration=row, admit=False, actor=staff, now=now)
    assert asked() == []


def states(*rows):
    return [str(Registration.objects.get(pk=row.pk).state) for row in rows]


def asked():
    return list(OutgoingMail.objects.filter(kind="sessions_app.seat_offered").values_list("recipient", flat=True))
