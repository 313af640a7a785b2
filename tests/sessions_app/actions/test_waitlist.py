"""A freed seat finds its next owner: offered, taken, left or passed on; never twice, never past someone."""

from datetime import timedelta

import pytest

from core.models import AuditEntry, OutgoingMail
from core.moves import Refused
from members.rules import AffiliationState
from sessions_app.actions import planning, registrations, rooms, waitlist
from sessions_app.actions.planning import Schedule
from sessions_app.actions.registration_state import RegistrationRefused
from sessions_app.models import Registration, Session
from sessions_app.rules import Admission, Form, RegistrationState, SessionState
from tests.factories.members import OrganisationFactory, member_person
from tests.factories.sessions import RegistrationFactory, SessionFactory

pytestmark = pytest.mark.django_db
R = RegistrationState


def states(*rows):
    return [str(Registration.objects.get(pk=row.pk).state) for row in rows]


def kinds(person):
    return [kind.rpartition(".")[2] for kind in mails_to(person).values_list("kind", flat=True)]


def mails_to(person):
    return OutgoingMail.objects.filter(recipient=person).order_by("pk")


def cancel(row, now):
    registrations.cancel(registration=row, actor=row.person, now=now)


def accept(row, now):
    return waitlist.accept(registration=row, actor=row.person, now=now)


def decline(row, now):
    return waitlist.decline(registration=row, actor=row.person, now=now)


@pytest.fixture
def offered(now):
    """A full session of one seat that came free: the first in line is asked, a second waits."""
    session = SessionFactory(capacity=1, registered=1, waiting=2)
    cancel(session.registrations.confirmed().get(), now)
    first, second = session.registrations.filter(state__in=[R.OFFERED, R.WAITLISTED]).order_by("queued_at")
    return session, first, second


def test_an_offer_holds_the_seat_for_the_hours_of_the_session(offered, now):
    session, first, second = offered
    assert states(first, second) == ["offered", "waitlisted"]
    assert first.offered_until == now + timedelta(hours=48)
    newcomer = member_person()
    row = registrations.register(
        session=session, person=newcomer, organisation=newcomer.affiliations.get().organisation, form=Form.ON_SITE,
        actor=newcomer, now=now,
    )  # fmt: skip
    assert row.state == R.WAITLISTED  # though nobody sits on that seat yet


@pytest.mark.parametrize(
    ("before_start", "hours", "lasts"),
    [
        (timedelta(days=21), 48, timedelta(hours=48)),
        (timedelta(days=21), 3, timedelta(hours=3)),
        (timedelta(hours=49), 48, timedelta(hours=25)),  # until a day before the start
        (timedelta(hours=25), 48, timedelta(hours=4)),  # a mail has to be read
        (timedelta(hours=25), 2, timedelta(hours=2)),
        (timedelta(hours=24), 48, None),  # directly
        (timedelta(minutes=1), 48, None),
    ],
)
def test_an_offer_ends_in_time_and_on_the_last_day_seats_go_directly(now, before_start, hours, lasts):
    session = SessionFactory(capacity=1, registered=1, waiting=1, starts_at=now + before_start, offer_hours=hours)
    [row] = session.registrations.waiting()
    cancel(session.registrations.confirmed().get(), now)
    row.refresh_from_db()
    assert row.offered_until == (lasts and now + lasts)
    assert (row.state, kinds(row.person)) == ((R.OFFERED, ["seat_offered"]) if lasts else (R.CONFIRMED, ["seat_got"]))


def test_accepting_gives_the_seat_once_however_often_it_is_pressed(offered, now):
    _session, first, second = offered
    for _ in range(3):
        assert accept(first, now).state == R.CONFIRMED
    assert states(first, second) == ["confirmed", "waitlisted"]
    assert kinds(first.person) == ["seat_offered", "registration_confirmed"]
    assert mails_to(first.person).last().attachments[0]["method"] == "REQUEST"
    assert AuditEntry.objects.filter(verb="registration.accepted").count() == 1


def test_an_offer_that_waits_to_be_mailed_is_withdrawn_once_it_is_answered(offered, now):
    _session, first, _second = offered
    accept(first, now)
    assert mails_to(first.person).get(kind="sessions_app.seat_offered").state == "withdrawn"


def test_declining_holds_the_seat_for_the_next_and_twice_changes_nothing(offered, now):
    _session, first, second = offered
    for _ in range(2):
        decline(first, now)
    assert states(first, second) == ["declined", "offered"]
    assert kinds(second.person) == ["seat_offered"]
    with pytest.raises(RegistrationRefused):
        accept(first, now)


def test_a_seat_that_was_taken_is_not_declined_any_more(offered, now):
    _session, first, second = offered
    accept(first, now)
    with pytest.raises(RegistrationRefused, match="al aangenomen"):
        decline(first, now)
    assert states(first, second) == ["confirmed", "waitlisted"]


def test_an_offer_accepted_in_the_second_after_it_lapsed_is_refused_and_passed_on_once(offered, now):
    _session, first, second = offered
    late = now + timedelta(hours=48)
    with pytest.raises(RegistrationRefused, match="voorbij"):
        accept(first, late)
    assert waitlist.expire_offers(now=late) == 1
    assert states(first, second) == ["expired", "offered"]
    with pytest.raises(RegistrationRefused, match="voorbij"):
        accept(first, late)
    assert waitlist.expire_offers(now=late) == 0
    assert kinds(first.person) == ["seat_offered", "offer_lapsed"]
    assert kinds(second.person) == ["seat_offered"]


def test_an_offer_accepted_in_its_last_second_holds(offered, now):
    _session, first, second = offered
    last = now + timedelta(hours=48) - timedelta(seconds=1)
    assert waitlist.expire_offers(now=last) == 0
    accept(first, last)
    assert waitlist.expire_offers(now=last + timedelta(days=1)) == 0
    assert states(first, second) == ["confirmed", "waitlisted"]


def test_who_let_an_offer_lapse_may_join_the_end_of_the_line(offered, now):
    session, first, second = offered
    late = now + timedelta(hours=49)
    waitlist.expire_offers(now=late)
    again = registrations.register(
        session=session, person=first.person, organisation=first.organisation, form=Form.ON_SITE, actor=first.person,
        now=late,
    )  # fmt: skip
    assert states(second, again) == ["offered", "waitlisted"]


def test_offers_of_a_postponed_session_stay_and_are_held_anew_with_the_new_date(offered, staff, now):
    session, first, second = offered
    planning.postpone(session=session, reason="De zaal is dicht.", actor=staff, now=now)
    week = now + timedelta(days=7)
    assert waitlist.expire_offers(now=week) == 0
    with pytest.raises(RegistrationRefused, match="uitgesteld"):
        accept(first, week)
    new_start = week + timedelta(days=30)
    schedule = Schedule(
        starts_at=new_start, ends_at=new_start + timedelta(hours=2), form=Form.ON_SITE, place="Zaal 2 (fictief)",
        capacity=1, registration_deadline=new_start - timedelta(days=1),
    )  # fmt: skip
    planning.plan(
        session=session, schedule=schedule, for_whom="Leden", audience="members", admission="direct",
        confidentiality="internal", actor=staff, now=week,
    )  # fmt: skip
    first.refresh_from_db()
    assert first.offered_until == week + timedelta(hours=48)
    accept(first, week)  # as the mail with the new date says, before staff open registration again too
    assert states(first, second) == ["confirmed", "waitlisted"]
    planning.open_registration(session=session, actor=staff, now=week)
    assert states(first, second) == ["confirmed", "waitlisted"]


def test_a_seat_that_is_declined_before_registration_opens_again_goes_on_when_it_does(offered, staff, now):
    session, first, second = offered
    Session.objects.filter(pk=session.pk).update(state=SessionState.PLANNED)
    decline(first, now)
    assert states(first, second) == ["declined", "waitlisted"]
    planning.open_registration(session=session, actor=staff, now=now)
    assert states(first, second) == ["declined", "offered"]


def test_moving_a_session_holds_offered_seats_anew_and_says_so(offered, staff, now):
    session, first, _second = offered
    start = now + timedelta(days=40)
    planning.move(
        session=session, actor=staff, now=now + timedelta(hours=10),
        schedule=Schedule(starts_at=start, ends_at=start + timedelta(hours=1), form=Form.ON_SITE, place="Elders",
                          capacity=1, registration_deadline=start - timedelta(days=1)),
    )  # fmt: skip
    first.refresh_from_db()
    assert first.offered_until == now + timedelta(hours=58)
    assert "vrijgehouden tot" in mails_to(first.person).get(kind="sessions_app.session_moved").text


@pytest.mark.parametrize("state", [SessionState.CANCELLED, SessionState.HELD])
def test_nothing_is_given_at_a_session_that_is_off_or_over(now, state):
    session = SessionFactory(capacity=2, registered=1, waiting=1, state=state)
    assert waitlist.fill_seats(session, actor=None, now=now) == []


def test_an_offer_that_is_open_as_the_session_starts_ends_without_another(now):
    session = SessionFactory(capacity=1, waiting=1, starts_at=now + timedelta(hours=30))
    [row] = session.registrations.waiting()
    waitlist.fill_seats(session, actor=None, now=now)
    assert waitlist.expire_offers(now=session.starts_at + timedelta(minutes=1)) == 1
    assert states(row) == ["expired"]


def test_who_may_no_longer_come_cannot_accept_and_the_seat_goes_on(offered, now):
    _session, first, second = offered
    first.person.affiliations.update(state=AffiliationState.ENDED)
    with pytest.raises(RegistrationRefused, match="beëindigd"):
        accept(first, now)
    assert states(first) == ["offered"]
    registrations.release_lost(now=now)
    assert states(first, second) == ["cancelled", "offered"]


def test_someone_whose_affiliation_ended_is_not_admitted(staff, now):
    row = RegistrationFactory(session=SessionFactory(admission=Admission.BY_APPROVAL), state=R.REQUESTED)
    row.person.affiliations.update(state=AffiliationState.ENDED)
    with pytest.raises(RegistrationRefused, match="beëindigd"):
        registrations.decide(registration=row, admit=True, actor=staff, now=now)
    assert states(row) == ["requested"]
    assert registrations.decide(registration=row, admit=False, actor=staff, now=now).state == R.REJECTED


# By hand


def test_staff_give_a_free_seat_by_hand_and_no_seat_that_is_not_there(staff, host, now):
    session = SessionFactory(capacity=2, registered=1, waiting=2)
    first, second = session.registrations.waiting()
    with pytest.raises(Refused):
        waitlist.promote(registration=second, actor=host, now=now)
    assert waitlist.promote(registration=second, actor=staff, now=now).state == R.CONFIRMED
    assert waitlist.promote(registration=second, actor=staff, now=now).state == R.CONFIRMED
    with pytest.raises(RegistrationRefused, match="Verhoog"):
        waitlist.promote(registration=first, actor=staff, now=now)
    assert states(first, second) == ["waitlisted", "confirmed"]
    assert kinds(second.person) == ["seat_got"]


def test_staff_may_take_an_offer_on_behalf_of_who_was_asked(offered, staff, now):
    _session, first, second = offered
    waitlist.promote(registration=first, actor=staff, now=now)
    assert states(first, second) == ["confirmed", "waitlisted"]


# Fair share


def people_of(organisation, number):
    return [member_person(organisation) for _ in range(number)]


def wait(session, people, state=R.WAITLISTED):
    return [RegistrationFactory(session=session, person=person, state=state) for person in people]


def test_a_fair_share_lets_the_organisation_with_the_fewest_seats_go_first(now):
    large, small = OrganisationFactory(), OrganisationFactory()
    session = SessionFactory(capacity=4, most_per_organisation=2)
    holders = wait(session, people_of(large, 4), R.CONFIRMED)
    of_large = wait(session, people_of(large, 2))
    of_small = wait(session, people_of(small, 3))
    for row in holders[:3]:
        cancel(row, now)
    assert states(*of_large) == ["offered", "waitlisted"]
    assert states(*of_small) == ["offered", "offered", "waitlisted"]
    held = session.registrations.holding_seat()
    assert held.filter(organisation=small).count() == 2
    assert held.filter(organisation=large).count() == 2


def test_without_a_switch_it_is_first_come_first_served(now):
    large = OrganisationFactory()
    session = SessionFactory(capacity=2)
    holders = wait(session, people_of(large, 2), R.CONFIRMED)
    of_large = wait(session, people_of(large, 1))
    of_small = wait(session, people_of(OrganisationFactory(), 1))
    cancel(holders[0], now)
    assert states(*of_large, *of_small) == ["offered", "waitlisted"]


def test_a_large_organisation_gets_the_seat_that_nobody_else_wants(now):
    large = OrganisationFactory()
    session = SessionFactory(capacity=3, most_per_organisation=1)
    wait(session, people_of(large, 2), R.CONFIRMED)
    [row] = wait(session, people_of(large, 1))
    waitlist.fill_seats(session, actor=None, now=now)
    assert states(row) == ["offered"]


def test_who_may_no_longer_come_takes_no_share_of_the_own_organisation(now):
    """Of two organisations without seats, who came first goes first; not who came behind one that has left."""
    session = SessionFactory(capacity=1, registered=1, most_per_organisation=1)
    [left, first] = wait(session, people_of(OrganisationFactory(), 2))
    [second] = wait(session, people_of(OrganisationFactory(), 1))
    left.person.affiliations.update(state=AffiliationState.ENDED)
    cancel(session.registrations.confirmed().get(), now)
    assert states(left, first, second) == ["waitlisted", "offered", "waitlisted"]


# Two rooms


def hybrid(**fields):
    fields = {"capacity": 1, "capacity_online": 1} | fields
    return SessionFactory(form=Form.HYBRID, online_link="https://video.example/x", **fields)


def otherwise(row, form, now):
    return rooms.attend_otherwise(registration=row, form=form, actor=row.person, now=now)


def test_a_wish_keeps_the_seat_until_there_is_one_in_the_other_room(now):
    session = hybrid()
    on_site = RegistrationFactory(session=session)
    online = RegistrationFactory(session=session, form=Form.ONLINE)
    waits = RegistrationFactory(session=session, state=R.WAITLISTED)
    row = otherwise(on_site, Form.ONLINE, now)
    assert (row.state, row.form, row.wished_form) == (R.CONFIRMED, Form.ON_SITE, Form.ONLINE)
    cancel(online, now)
    row.refresh_from_db()
    assert (row.state, row.form, row.wished_form) == (R.CONFIRMED, Form.ONLINE, "")
    assert states(waits) == ["offered"]  # the seat that was left goes on in the same moment
    assert kinds(row.person) == ["room_changed"]
    assert "video.example" in mails_to(row.person).get().text


def test_who_waits_takes_a_seat_in_the_other_room_and_keeps_her_place_in_line(now):
    session = hybrid(capacity_online=2)
    on_site = RegistrationFactory(session=session)
    first = RegistrationFactory(session=session, state=R.WAITLISTED, queued_at=now - timedelta(hours=2))
    second = RegistrationFactory(session=session, state=R.WAITLISTED, queued_at=now - timedelta(hours=1))
    row = rooms.take_meanwhile(registration=first, actor=first.person, now=now)
    assert (row.state, row.form, row.wished_form, row.wished_at) == (R.CONFIRMED, "online", "on_site", first.queued_at)
    assert kinds(row.person) == ["registration_confirmed"]
    told = mails_to(row.person).get()
    assert "video.example" in told.text
    assert "op de plek die je had" in told.text
    assert "op de plek die je had" in told.html
    cancel(on_site, now)
    row.refresh_from_db()
    assert (row.state, row.form, row.wished_form) == (R.CONFIRMED, "on_site", "")
    assert states(second) == ["waitlisted"]
    assert kinds(row.person) == ["registration_confirmed", "room_changed"]


@pytest.mark.parametrize("why", ["taken", "others wait", "has a seat", "one room", "left the organisation", "begun"])
def test_a_seat_that_is_not_there_to_take_meanwhile_is_refused_and_the_place_in_line_stays(now, why):
    session = SessionFactory() if why == "one room" else hybrid()
    state = R.CONFIRMED if why == "has a seat" else R.WAITLISTED
    row = RegistrationFactory(session=session, state=state)
    if why == "taken":
        RegistrationFactory(session=session, form=Form.ONLINE)
    if why == "others wait":
        RegistrationFactory(session=session, form=Form.ONLINE, state=R.WAITLISTED)
    if why == "left the organisation":
        row.person.affiliations.update(state="ended")
    at = session.starts_at if why == "begun" else now
    with pytest.raises(RegistrationRefused):
        rooms.take_meanwhile(registration=row, actor=row.person, now=at)
    queued_at = row.queued_at
    row.refresh_from_db()
    assert (row.state, row.form, row.wished_form, row.queued_at) == (state, Form.ON_SITE, "", queued_at)
    assert kinds(row.person) == []


def test_a_free_seat_in_the_other_room_is_had_at_once(now):
    row = RegistrationFactory(session=hybrid(capacity_online=5))
    assert otherwise(row, Form.ONLINE, now).form == Form.ONLINE


def test_newcomers_and_wishes_stand_in_one_line(now):
    session = hybrid()
    wishes = RegistrationFactory(session=session)
    online = RegistrationFactory(session=session, form=Form.ONLINE)
    otherwise(wishes, Form.ONLINE, now)
    later = RegistrationFactory(
        session=session, form=Form.ONLINE, state=R.WAITLISTED, queued_at=now + timedelta(minutes=1)
    )
    cancel(online, now + timedelta(minutes=2))
    wishes.refresh_from_db()
    assert (wishes.form, states(later)) == (Form.ONLINE, ["waitlisted"])


def test_a_newcomer_does_not_pass_a_wish(now):
    session = hybrid(capacity=2)
    RegistrationFactory(session=session, form=Form.ONLINE)
    wishes = RegistrationFactory(session=session)
    otherwise(wishes, Form.ONLINE, now)
    assert registrations.seat_in(session, Form.ONLINE) == R.WAITLISTED


def test_a_wish_can_be_taken_back_and_ends_with_the_seat(now):
    session = hybrid()
    row = RegistrationFactory(session=session)
    RegistrationFactory(session=session, form=Form.ONLINE)
    otherwise(row, Form.ONLINE, now)
    assert otherwise(row, Form.ON_SITE, now).wished_form == ""
    otherwise(row, Form.ONLINE, now)
    cancel(row, now)
    row.refresh_from_db()
    assert (row.state, row.wished_form) == (R.CANCELLED, "")


def test_who_waits_changes_lines_and_joins_the_end_or_gets_a_free_seat(now):
    session = hybrid(capacity_online=2)
    RegistrationFactory(session=session)
    row = RegistrationFactory(session=session, state=R.WAITLISTED)
    assert otherwise(row, Form.ONLINE, now).state == R.CONFIRMED
    other = RegistrationFactory(session=session, state=R.WAITLISTED)
    RegistrationFactory(session=session, form=Form.ONLINE)
    moved = otherwise(other, Form.ONLINE, now)
    assert (moved.state, moved.form, moved.queued_at) == (R.WAITLISTED, Form.ONLINE, now)


@pytest.mark.parametrize(
    ("session_fields", "state", "form"),
    [
        ({"form": Form.ON_SITE}, R.CONFIRMED, Form.ONLINE),
        ({}, R.CONFIRMED, "beam"),
        ({"state": SessionState.HELD}, R.CONFIRMED, Form.ONLINE),
        ({}, R.OFFERED, Form.ONLINE),
        ({}, R.CANCELLED, Form.ONLINE),
    ],
)
def test_another_form_is_refused_where_it_makes_no_sense(now, session_fields, state, form):
    session = SessionFactory(
        **{"form": Form.HYBRID, "capacity": 1, "capacity_online": 1, "online_link": "https://v.example"}
        | session_fields
    )
    with pytest.raises(RegistrationRefused):
        otherwise(RegistrationFactory(session=session, state=state), form, now)


def test_a_session_that_is_hybrid_no_more_has_no_wishes(staff, now):
    session = hybrid()
    row = RegistrationFactory(session=session)
    RegistrationFactory(session=session, form=Form.ONLINE)
    otherwise(row, Form.ONLINE, now)
    planning.move(
        session=session, actor=staff, now=now,
        schedule=Schedule(starts_at=session.starts_at, ends_at=session.ends_at, form=Form.ON_SITE, place="Zaal 3",
                          capacity=5, registration_deadline=session.registration_deadline),
    )  # fmt: skip
    row.refresh_from_db()
    assert (row.form, row.wished_form) == (Form.ON_SITE, "")


@pytest.mark.parametrize("rows", [1, 30])
def test_finding_who_is_next_costs_the_same_for_many(now, rows, django_assert_num_queries):
    session = SessionFactory(capacity=rows, registered=rows, waiting=rows, most_per_organisation=2)
    with django_assert_num_queries(1):
        assert waitlist.next_seats(session) == []
    session.capacity += rows
    with django_assert_num_queries(4):
        assert len(waitlist.next_seats(session)) == rows


@pytest.mark.parametrize(
    ("free", "read", "fields"),
    [
        (0, 0, {}),
        (1, 1, {}),
        (3, 3, {}),
        (1, 5, {"most_per_organisation": 2}),
        (1, 5, {"form": Form.HYBRID, "online_link": "https://video.example/x", "capacity_online": 2}),
    ],
)
def test_of_a_line_no_more_is_read_than_the_free_seats_ask(free, read, fields, now):
    session = SessionFactory(capacity=2, registered=2, waiting=5, **fields)
    session.capacity += free
    session.capacity_online = 0 if session.is_hybrid else None
    rooms, _held = session.registrations.rooms(session, only_next=True)
    assert len(rooms[0].waiting) == read
    whole, _held = session.registrations.rooms(session)
    assert [row.key for row in rooms[0].waiting[:free]] == sorted(row.key for row in whole[0].waiting)[:free]


@pytest.mark.parametrize("state", [R.WAITLISTED, R.CONFIRMED])
def test_who_may_no_longer_come_gets_no_seat_by_changing_rooms(now, state):
    session = SessionFactory(
        form=Form.HYBRID, online_link="https://video.example/1", capacity=2, capacity_online=5, registered=1
    )
    row = RegistrationFactory(session=session, state=state)
    row.person.affiliations.update(state=AffiliationState.ENDED)
    with pytest.raises(RegistrationRefused):
        rooms.attend_otherwise(registration=row, form=Form.ONLINE, actor=row.person, now=now)
    assert states(row) == [str(state)]
    assert kinds(row.person) == []
