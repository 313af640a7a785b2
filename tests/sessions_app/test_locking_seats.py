"""Two want one seat at the same moment, in every way there is: one gets it, nobody is lost, nothing comes twice."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.models import AuditEntry, OutgoingMail
from core.moves import Refused
from sessions_app.actions import guests, planning, registrations, rooms, waitlist
from sessions_app.models import Guest, Registration, Session
from sessions_app.rules import Admission, Audience, Form, RegistrationState
from tests.factories.members import UserFactory
from tests.factories.sessions import RegistrationFactory, SessionFactory
from tests.sessions_app.test_locking_registrations import all_at_once, crowd, register

pytestmark = pytest.mark.django_db(transaction=True)
R = RegistrationState


def attempt(action, **arguments):
    """What came of it, or the refusal: racing, one of two may come too late."""
    try:
        return action(**arguments, now=timezone.now())
    except Refused as refused:
        return refused


def answer(action, row):
    return lambda: attempt(action, registration=row, actor=row.person)


def at_once(*acts):
    return all_at_once(lambda act: act(), acts)


def number(session, *states):
    return session.registrations.filter(state__in=states).count()


def kinds(row):
    mails = OutgoingMail.objects.filter(recipient=row.person)
    return sorted(kind.rpartition(".")[2] for kind in mails.values_list("kind", flat=True))


def freed(*, seats=1, waiting=2, **fields):
    """A session of which every seat is being held for the first in line."""
    session = SessionFactory(capacity=seats, waiting=waiting, **fields)
    waitlist.fill_seats(session, actor=None, now=timezone.now())
    rows = session.registrations.select_related("person").order_by("queued_at")
    return session, list(rows.filter(state=R.OFFERED)), list(rows.filter(state=R.WAITLISTED))


def test_two_accept_on_one_link_and_take_one_seat():
    session, [offered], [second] = freed()
    at_once(*[answer(waitlist.accept, offered)] * 8)
    assert (number(session, R.CONFIRMED), number(session, R.WAITLISTED)) == (1, 1)
    assert AuditEntry.objects.filter(verb="registration.accepted").count() == 1
    assert kinds(offered) == ["registration_confirmed", "seat_offered"]
    assert kinds(second) == []


def test_one_accepts_and_one_declines_on_the_same_link_and_the_seat_has_one_owner():
    session, [offered], [second] = freed()
    at_once(*[answer(waitlist.accept, offered), answer(waitlist.decline, offered)] * 4)
    offered.refresh_from_db()
    second.refresh_from_db()
    assert (offered.state, second.state) in [(R.CONFIRMED, R.WAITLISTED), (R.DECLINED, R.OFFERED)]
    assert number(session, R.CONFIRMED, R.OFFERED) == 1
    assert len(kinds(offered)) == 2


def test_all_who_wait_want_the_one_seat_in_the_other_room_and_one_gets_it():
    session = SessionFactory(form=Form.HYBRID, capacity=1, capacity_online=1, online_link="https://video.example/x")
    RegistrationFactory(session=session)
    rows = [RegistrationFactory(session=session, state=R.WAITLISTED) for _ in range(4)]
    at_once(*[answer(rooms.take_meanwhile, row) for row in rows] * 2)
    online = session.registrations.filter(form=Form.ONLINE)
    assert [(row.state, row.wished_form) for row in online] == [(R.CONFIRMED, Form.ON_SITE)]
    assert number(session, R.WAITLISTED) == 3
    assert sorted(kinds(row) for row in rows) == [[], [], [], ["registration_confirmed"]]
    first = min(rows, key=lambda row: (row.queued_at, row.pk))
    assert session.registrations.in_line(session, [Form.ON_SITE])[0] == first.pk


def test_accepting_meets_the_end_of_the_offer_and_the_seat_has_one_owner():
    _session, [offered], [second] = freed()
    end = offered.offered_until

    def in_time():
        try:
            return waitlist.accept(registration=offered, actor=offered.person, now=end - timedelta(seconds=1))
        except Refused as refused:
            return refused

    at_once(*[in_time, lambda: waitlist.expire_offers(now=end)] * 4)
    offered.refresh_from_db()
    second.refresh_from_db()
    assert (offered.state, second.state) in [(R.CONFIRMED, R.WAITLISTED), (R.EXPIRED, R.OFFERED)]
    assert len(kinds(offered)) == 2
    assert len(kinds(second)) == (1 if second.state == R.OFFERED else 0)


def test_two_give_up_their_seats_while_staff_give_the_last_ones_by_hand(staff):
    session = SessionFactory(capacity=20, registered=20, waiting=3)
    holders = list(session.registrations.confirmed().select_related("person")[:2])
    waiting = list(session.registrations.waiting().select_related("person"))
    by_hand = [lambda row=row: attempt(waitlist.promote, registration=row, actor=staff) for row in reversed(waiting)]
    at_once(*[answer(registrations.cancel, row) for row in holders], *by_hand)
    assert number(session, R.CONFIRMED, R.OFFERED) == 20
    assert number(session, R.WAITLISTED) == 1
    for row in waiting:
        row.refresh_from_db()
        gave = {R.WAITLISTED: [[]], R.OFFERED: [["seat_offered"]],
                R.CONFIRMED: [["seat_got"], ["seat_got", "seat_offered"]]}  # fmt: skip
        assert kinds(row) in gave[row.state]


def test_ten_decline_at_once_and_the_next_ten_are_asked_in_order():
    session, offered, waiting = freed(seats=10, waiting=25)
    at_once(*[answer(waitlist.decline, row) for row in offered])
    assert number(session, R.DECLINED) == 10
    states = [Registration.objects.get(pk=row.pk).state for row in waiting]
    assert states == [R.OFFERED] * 10 + [R.WAITLISTED] * 5
    assert all(kinds(row) == ["seat_offered"] for row in waiting[:10])


def test_seats_are_added_while_people_register_and_those_who_waited_go_first(staff):
    session = SessionFactory(capacity=1, registered=1, waiting=3)
    waiting = list(session.registrations.waiting())
    more = lambda: attempt(planning.change, session=session, changes={"capacity": 6}, actor=staff)  # noqa: E731
    newcomers = [lambda person=person: register(session.pk, person.pk) for person in crowd(8)]
    at_once(*newcomers[:4], more, *newcomers[4:])
    assert number(session, R.CONFIRMED, R.OFFERED) == 6
    assert number(session, R.WAITLISTED) == 6
    assert {Registration.objects.get(pk=row.pk).state for row in waiting} == {R.OFFERED}
    assert session.registrations.count() == 12


def test_two_who_want_each_others_room_at_once_wait_and_nobody_hangs():
    session = hybrid(capacity=1, capacity_online=1)
    on_site, online = (RegistrationFactory(session=session, form=form) for form in (Form.ON_SITE, Form.ONLINE))
    at_once(*[otherwise(on_site, Form.ONLINE), otherwise(online, Form.ON_SITE)] * 4)
    assert {(row.form, row.wished_form, row.state) for row in session.registrations.all()} == {
        (Form.ON_SITE, Form.ONLINE, R.CONFIRMED),
        (Form.ONLINE, Form.ON_SITE, R.CONFIRMED),
    }


def test_ten_change_rooms_crosswise_and_no_room_is_overfull():
    session = hybrid(capacity=6, capacity_online=6)
    rows = [RegistrationFactory(session=session, form=(Form.ON_SITE, Form.ONLINE)[n % 2]) for n in range(10)]
    at_once(*[otherwise(row, Form.ONLINE if row.form == Form.ON_SITE else Form.ON_SITE) for row in rows])
    assert session.registrations.confirmed().count() == 10
    for form in (Form.ON_SITE, Form.ONLINE):
        held = session.registrations.filter(form=form).holding_seat().count()
        wants = session.registrations.wishing().filter(wished_form=form).count()
        assert held <= 6
        assert held == 6 or not wants


def test_two_people_who_leave_two_sessions_in_both_orders_do_not_hang():
    sessions = [SessionFactory(capacity=2, waiting=2) for _ in range(2)]
    people = crowd(2)
    for session in sessions:
        for person in people:
            RegistrationFactory(session=session, person=person)
    at_once(*[lambda p=person: registrations.cancel_all_of(p, actor=p, now=timezone.now()) for person in people] * 2)
    for session in sessions:
        assert (number(session, R.CANCELLED), number(session, R.OFFERED)) == (2, 2)


def hybrid(**fields):
    session = SessionFactory(form=Form.HYBRID, online_link="https://video.example/x", **fields)
    return Session.objects.get(pk=session.pk)


def otherwise(row, form):
    return lambda: attempt(rooms.attend_otherwise, registration=row, form=form, actor=row.person)


def forwarded():
    session = SessionFactory(audience=Audience.INVITED, admission=Admission.INVITATION)
    return Guest.objects.create(session=session, email="nadia@elders.example", invited_at=timezone.now())


def asking(guest, person):
    wish = {"organisation": None, "form": Form.ON_SITE}
    return lambda: attempt(guests.ask, guest=guest, person=person, actor=person, **wish)


def test_eight_clicks_by_each_of_two_on_one_forwarded_invitation_are_two_requests_and_no_seat(staff):
    guest, people = forwarded(), [UserFactory(), UserFactory()]
    at_once(*[asking(guest, person) for person in people] * 8)
    assert sorted(guest.registrations.values_list("person", "state")) == sorted(
        (person.pk, R.REQUESTED) for person in people
    )
    kinds_sent = sorted(OutgoingMail.objects.values_list("kind", flat=True))
    assert kinds_sent == ["sessions_app.guest_asked"] * 2 + ["sessions_app.registration_requested"] * 2


def test_asking_meets_the_taking_back_of_the_invitation_and_nobody_stays_on_the_list(staff):
    guest, person = forwarded(), UserFactory()
    at_once(asking(guest, person), lambda: attempt(guests.take_back, guest=guest, actor=staff), asking(guest, person))
    registrations.release_lost(now=timezone.now())
    assert not Guest.objects.exists()
    assert not Registration.objects.live().exists()
