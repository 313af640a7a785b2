"""Whatever people, staff and the clock do, in any order: the seats are those of a slow model in plain Python.

The model knows no database. It picks who gets a seat one by one, each time the best of all who wait.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from core.models import OutgoingMail
from core.moves import Refused
from members.models import User
from members.rules import AffiliationState
from sessions_app.actions import planning, registrations, rooms, waitlist
from sessions_app.actions.planning import Schedule
from sessions_app.models import Registration, Session
from tests.factories.members import OrganisationFactory, UserFactory, member_person
from tests.factories.sessions import SessionFactory

pytestmark = pytest.mark.django_db

START_OF_TIME = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LIVE = {"requested", "waitlisted", "offered", "confirmed"}
HOLDS = {"offered", "confirmed"}
EXAMPLES, MANY_EXAMPLES, STEPS = 25, 300, 40


@dataclass
class Place:
    person: int
    organisation: int | None
    form: str
    state: str
    since: datetime
    wished: str = ""
    wished_at: datetime | None = None
    until: datetime | None = None


@dataclass
class Model:
    """The seats of one session; `places` by the key of their registration, `mails` of each person by kind."""

    form: str
    capacity: dict[str, int]  # by room; a session that is not hybrid has one room, "all"
    by_approval: bool
    shares: bool
    state: str
    starts: datetime | None
    hours: int
    works_at: dict[int, int | None]
    places: dict[int, Place]
    mails: Counter

    def rooms(self):
        return ["on_site", "online"] if self.form == "hybrid" else ["all"]

    def room(self, form):
        return form if self.form == "hybrid" else "all"

    def held(self, room):
        return sum(place.state in HOLDS and self.room(place.form) == room for place in self.places.values())

    def is_free(self, room):
        return self.held(room) < self.capacity[room]

    def gives(self, now):
        return self.state in ("open", "closed") and self.starts is not None and now < self.starts

    def is_lost(self, place):
        return place.organisation is not None and self.works_at[place.person] != place.organisation

    def waits(self, room):
        """Keys and moments of who wants a seat there; the key decides between equals."""
        for key, place in self.places.items():
            if place.state == "waitlisted" and self.room(place.form) == room:
                yield place.since, key
            if place.state == "confirmed" and place.wished and self.room(place.wished) == room:
                yield place.wished_at, key

    def seats_of(self, place):
        if place.organisation is None or not self.shares:
            return 0
        rows = self.places.values()
        held = sum(row.state in HOLDS and row.organisation == place.organisation for row in rows)
        return held - (place.state == "confirmed")  # one's own, in the other room

    def next(self, room):
        able = [(since, key) for since, key in self.waits(room) if not self.is_lost(self.places[key])]
        ranked = [(self.seats_of(self.places[key]), since, key) for since, key in able]
        return min(ranked)[-1] if ranked else None

    def ends(self, now):
        """Until when an offer made now holds; None when seats go directly."""
        last = self.starts - DAY
        if now >= last:
            return None
        return min(now + self.hours * HOUR, max(last, now + 4 * HOUR))

    def fill(self, now):
        if not self.gives(now):
            return
        changed = True
        while changed:
            changed = False
            for room in self.rooms():
                while self.is_free(room) and (key := self.next(room)) is not None:
                    changed |= self.gets(key, now)
        for room in self.rooms():
            assert not (self.is_free(room) and self.next(room))

    def gets(self, key, now):
        """Tells whether a seat in another room came free by it."""
        place = self.places[key]
        if place.state == "confirmed":
            place.form, place.wished, place.wished_at = place.wished, "", None
            self.mail(place, "room_changed")
            return True
        if until := self.ends(now):
            place.state, place.until = "offered", until
            self.mail(place, "seat_offered")
        else:
            place.state = "confirmed"
            self.mail(place, "seat_got")
        return False

    def becomes(self, place, state, kind):
        place.state, place.wished, place.wished_at = state, "", None
        place.until = None
        self.mail(place, kind)

    def mail(self, place, kind):
        self.mails[place.person, kind] += 1

    def arrives(self, form):
        """What a newcomer gets."""
        room = self.room(form)
        return "confirmed" if self.is_free(room) and not list(self.waits(room)) else "waitlisted"


RESULT = {"confirmed": "registration_confirmed", "waitlisted": "registration_waiting",
          "requested": "registration_requested", "rejected": "registration_rejected"}  # fmt: skip
people = st.integers(0, 7)
one_form = st.sampled_from(["on_site", "online"])
any_form = st.sampled_from(["on_site", "online", "hybrid"])
few = st.integers(1, 4)


class Seats(RuleBasedStateMachine):
    people: list[int]
    staff: User
    works_at: dict[int, int | None]

    def __init__(self):
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.now = START_OF_TIME
        self.held_before: dict[str, int] | None = None

    def teardown(self):
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    # How a step goes

    def tick(self, passed=timedelta(minutes=1)):
        self.now += passed

    def attempt(self, is_allowed, action, **arguments):
        """Do it, and see that it is refused just when the model says so."""
        result, reason = None, ""
        try:
            with transaction.atomic():
                result = action(**arguments, now=self.now)
        except Refused as refused:
            reason = str(refused.reason)
        assert is_allowed == (not reason), f"{action.__name__}: {reason or 'not refused'}"
        return result

    def check(self):
        self.everything_is_as_in_the_model()
        self.no_more_are_held_than_there_are_seats()
        self.nobody_waits_in_vain()
        self.each_was_told_once()

    def latest(self, number):
        """The newest place of a person, and the registration as somebody read it before the change."""
        keys = [key for key, place in self.model.places.items() if place.person == self.people[number]]
        if not keys:
            return None, None, None
        row = Registration.objects.select_related("person").get(pk=max(keys))
        return row, self.model.places[row.pk], {"registration": row, "actor": row.person}

    # What must hold after each

    def everything_is_as_in_the_model(self):
        rows = {
            row.pk: Place(
                row.person_id, row.organisation_id, row.form, str(row.state), row.queued_at, row.wished_form,
                row.wished_at, row.offered_until,
            )
            for row in Registration.objects.filter(session=self.session)
        }  # fmt: skip
        assert rows == self.model.places  # nobody is lost, nobody is doubled, each in the state that an action gave
        live = Counter(place.person for place in rows.values() if place.state in LIVE)
        assert all(number == 1 for number in live.values())
        [session] = Session.objects.with_seats().filter(pk=self.session.pk)
        states = [(place.state, place.form) for place in self.model.places.values()]
        assert (session.held, session.waiting, session.held_online, session.waiting_online) == (
            sum(state in HOLDS for state, _ in states),
            sum(state == "waitlisted" for state, _ in states),
            sum(state in HOLDS and form == "online" for state, form in states),
            sum(state == "waitlisted" and form == "online" for state, form in states),
        )
        for room in self.model.rooms():
            forms = ["on_site", "online"] if room == "all" else [room]
            assert sorted(Registration.objects.in_line(session, forms)) == sorted(
                key for _, key in self.model.waits(room)
            )

    def no_more_are_held_than_there_are_seats(self):
        """Unless staff made it so by lowering their number or by a move; then nobody new gets in."""
        held = {room: self.model.held(room) for room in self.model.rooms()}
        if self.held_before is not None and self.held_before.keys() == held.keys():
            for room, number in held.items():
                assert number <= max(self.model.capacity[room], self.held_before[room])
        self.held_before = held

    def nobody_waits_in_vain(self):
        if not self.model.gives(self.now):
            return
        for room in self.model.rooms():
            # Behind somebody who may no longer come one waits a minute, until that place is taken away.
            waits = list(self.model.waits(room))
            if not any(self.model.is_lost(self.model.places[key]) for _, key in waits):
                assert not (waits and self.model.is_free(room))

    def each_was_told_once(self):
        mails = OutgoingMail.objects.filter(recipient__in=self.people).values_list("recipient", "kind", "key")
        assert len({key for *_, key in mails}) == len(mails)
        assert Counter((person, kind.rpartition(".")[2]) for person, kind, _ in mails) == self.model.mails

    # Who registers, answers and leaves

    @initialize(form=any_form, on_site=few, online=few, by_approval=st.booleans(), shares=st.booleans(),
                hours=st.sampled_from([2, 48]), crowd=st.integers(6, 8))  # fmt: skip
    def a_session(self, form, on_site, online, by_approval, shares, hours, crowd):
        starts = START_OF_TIME + 20 * DAY
        self.session = SessionFactory(
            starts_at=starts, form=form, capacity=on_site, capacity_online=online if form == "hybrid" else None,
            online_link="https://video.example/x", audience="public", offer_hours=hours,
            admission="by_approval" if by_approval else "direct", most_per_organisation=2 if shares else None,
        )  # fmt: skip
        self.model = Model(
            form=form, capacity=capacities(form, on_site, online), by_approval=by_approval, shares=shares,
            state="open", starts=starts, hours=hours, works_at=dict(self.works_at), places={}, mails=Counter(),
        )  # fmt: skip
        for number in range(crowd):
            goes_online = form == "online" or (form == "hybrid" and number % 3 == 2)
            self.registers(number, "online" if goes_online else "on_site")

    @rule(number=people, form=one_form)
    def registers(self, number, form):
        self.tick()
        model, key = self.model, self.people[number]
        person, organisation = User.objects.get(pk=key), model.works_at[key]
        is_new = not any(place.person == key and place.state in LIVE for place in model.places.values())
        fits = model.form == "hybrid" or form == model.form
        in_time = model.state == "open" and self.now < model.starts - DAY
        row = self.attempt(
            not is_new or (fits and in_time), registrations.register, session=self.session, person=person, form=form,
            organisation=person.affiliations.get().organisation if organisation else None, actor=person,
        )  # fmt: skip
        if is_new and fits and in_time:
            state = "requested" if model.by_approval else model.arrives(form)
            model.places[row.pk] = Place(key, organisation, form, state, self.now)
            model.mail(model.places[row.pk], RESULT[state])
        self.check()

    @rule(number=people)
    def cancels(self, number):
        self.tick()
        row, place, who = self.latest(number)
        if row is None:
            return
        has_begun = self.model.starts is not None and self.model.starts <= self.now
        self.attempt(place.state not in LIVE or not has_begun, registrations.cancel, **who)
        if place.state in LIVE and not has_begun:
            ended = "cancelled" if place.state == "confirmed" else "withdrawn"
            self.model.becomes(place, ended, "registration_cancelled")
            self.model.fill(self.now)
        self.check()

    @rule(number=people)
    def is_taken_off_by_staff(self, number):
        self.tick()
        row, place, _who = self.latest(number)
        if row is None:
            return
        has_begun = self.model.starts is not None and self.model.starts <= self.now
        self.attempt(
            place.state not in LIVE or not has_begun, registrations.cancel_by_staff, registration=row,
            reason="Verhuisd (fictief)", actor=self.staff,
        )  # fmt: skip
        if place.state in LIVE and not has_begun:
            self.model.becomes(place, "cancelled", "registration_ended")
            self.model.fill(self.now)
        self.check()

    def can_answer(self, place):
        model = self.model
        on = model.state in ("planned", "open", "closed") and model.starts is not None and self.now < model.starts
        return place.state == "offered" and on and self.now < place.until

    @rule(number=people)
    def accepts(self, number):
        self.tick()
        row, place, who = self.latest(number)
        if row is None:
            return
        allowed = self.can_answer(place) and not self.model.is_lost(place)
        self.attempt(allowed or place.state == "confirmed", waitlist.accept, **who)
        if allowed:
            self.model.becomes(place, "confirmed", "registration_confirmed")
        self.check()

    @rule(number=people)
    def declines(self, number):
        self.tick()
        row, place, who = self.latest(number)
        if row is None:
            return
        allowed = self.can_answer(place)
        self.attempt(allowed or place.state == "declined", waitlist.decline, **who)
        if allowed:
            self.model.becomes(place, "declined", "registration_cancelled")
            self.model.fill(self.now)
        self.check()

    @rule(number=people, form=one_form)
    def wants_to_attend_otherwise(self, number, form):
        self.tick()
        row, place, who = self.latest(number)
        if row is None:
            return
        model = self.model
        allowed = model.form == "hybrid" and model.gives(self.now) and place.state in LIVE - {"offered"}
        self.attempt(allowed, rooms.attend_otherwise, **who, form=form)
        wished = "" if form == place.form else form
        if allowed and place.state == "confirmed" and wished != place.wished:
            place.wished, place.wished_at = wished, self.now if wished else None
            model.fill(self.now)
        elif allowed and place.state != "confirmed" and wished:
            arrives = model.arrives(form)
            place.form, place.since = form, self.now
            if place.state == "waitlisted" and arrives == "confirmed":
                model.becomes(place, "confirmed", "seat_got")
        self.check()

    # What staff decide

    @rule(number=people, admit=st.booleans())
    def is_decided_on(self, number, admit):
        self.tick()
        row, place, _who = self.latest(number)
        if row is None:
            return
        allowed = place.state == "requested" and self.model.gives(self.now)
        allowed = allowed and not (admit and self.model.is_lost(place))
        self.attempt(allowed, registrations.decide, registration=row, admit=admit, actor=self.staff)
        if allowed:
            state = self.model.arrives(place.form) if admit else "rejected"
            self.model.becomes(place, state, RESULT[state])
        self.check()

    @rule(number=people)
    def is_given_a_seat_by_hand(self, number):
        self.tick()
        row, place, _who = self.latest(number)
        if row is None:
            return
        can_get = place.state in ("requested", "waitlisted", "offered")
        allowed = can_get and self.model.gives(self.now) and not self.model.is_lost(place)
        allowed = allowed and (place.state == "offered" or self.model.is_free(self.model.room(place.form)))
        self.attempt(allowed or place.state == "confirmed", waitlist.promote, registration=row, actor=self.staff)
        if allowed:
            self.model.becomes(place, "confirmed", "seat_got")
        self.check()

    @rule(on_site=few, online=few)
    def the_number_of_seats_changes(self, on_site, online):
        self.tick()
        changes = {"capacity": on_site}
        if self.model.form == "hybrid":
            changes["capacity_online"] = online
        self.attempt(True, planning.change, session=self.session, changes=changes, actor=self.staff)
        self.model.capacity = capacities(self.model.form, on_site, online)
        self.model.fill(self.now)
        self.check()

    @rule(form=any_form, on_site=few, online=few, days=st.sampled_from([1, 3, 30]))
    def the_session_is_moved(self, form, on_site, online, days):
        self.tick()
        schedule = self.schedule(form, on_site, online, self.now + days * DAY)
        allowed = self.model.state in ("planned", "open", "closed")
        self.attempt(allowed, planning.move, session=self.session, schedule=schedule, actor=self.staff)
        if allowed:
            self.has_a_new_date(schedule)
            self.model.fill(self.now)
        self.check()

    @precondition(lambda self: self.model.state in ("open", "closed"))
    @rule()
    def the_session_is_postponed(self):
        self.tick()
        self.attempt(True, planning.postpone, session=self.session, reason="De zaal is dicht.", actor=self.staff)
        self.model.state, self.model.starts = "accepted", None
        for place in self.model.places.values():
            if place.state in LIVE:
                self.model.mail(place, "session_postponed")
        self.check()

    @precondition(lambda self: self.model.state == "accepted")
    @rule(form=any_form, on_site=few, online=few, days=st.sampled_from([3, 30]))
    def the_session_gets_a_date_again(self, form, on_site, online, days):
        self.tick()
        schedule = self.schedule(form, on_site, online, self.now + days * DAY)
        self.attempt(
            True, planning.plan, session=self.session, schedule=schedule, for_whom="Leden", audience="public",
            admission="by_approval" if self.model.by_approval else "direct", confidentiality="internal",
            actor=self.staff,
        )  # fmt: skip
        self.model.state = "planned"
        self.has_a_new_date(schedule)
        self.check()

    @precondition(lambda self: self.model.state in ("planned", "closed"))
    @rule()
    def registration_opens(self):
        self.tick()
        allowed = self.now < self.model.starts - DAY
        self.attempt(allowed, planning.open_registration, session=self.session, actor=self.staff)
        if allowed:
            self.model.state = "open"
            self.model.fill(self.now)
        self.check()

    @precondition(lambda self: self.model.state == "open")
    @rule()
    def registration_closes(self):
        self.tick()
        self.attempt(True, planning.close, session=self.session, actor=self.staff)
        self.model.state = "closed"
        self.check()

    def schedule(self, form, on_site, online, starts):
        return Schedule(
            starts_at=starts, ends_at=starts + 2 * HOUR, form=form, place="Zaal 2 (fictief)",
            online_link="https://video.example/y", registration_deadline=starts - DAY, capacity=on_site,
            capacity_online=online if form == "hybrid" else None,
        )  # fmt: skip

    def has_a_new_date(self, schedule):
        model = self.model
        model.starts, model.form = schedule.starts_at, schedule.form
        model.capacity = capacities(schedule.form, schedule.capacity, schedule.capacity_online)
        self.held_before = None  # a room of another size: who has a seat keeps it
        for place in model.places.values():
            if place.state in LIVE:
                model.mail(place, "session_moved")
                if model.form != "hybrid":
                    place.form, place.wished, place.wished_at = model.form, "", None
            if place.state == "offered":
                place.until = model.ends(self.now) or model.starts

    # What time and others bring

    @rule(hours=st.sampled_from([1, 5, 30, 49]))
    def time_passes(self, hours):
        """Without the portal's clockwork, as when it is late."""
        self.tick(hours * HOUR)

    @rule(hours=st.sampled_from([3, 49]))
    def offers_expire(self, hours):
        self.tick(hours * HOUR)
        lapsed = [
            place for place in self.model.places.values()
            if place.state == "offered" and place.until <= self.now and self.model.starts is not None
        ]  # fmt: skip
        assert waitlist.expire_offers(now=self.now) == len(lapsed)
        for place in lapsed:
            self.model.becomes(place, "expired", "offer_lapsed")
        if lapsed:
            self.model.fill(self.now)
        self.check()

    @rule(number=people, works=st.booleans())
    def somebody_leaves_or_returns(self, number, works):
        self.tick()
        key = self.people[number]
        state = AffiliationState.CONFIRMED if works else AffiliationState.ENDED
        User.objects.get(pk=key).affiliations.update(state=state)
        self.model.works_at[key] = self.works_at[key] if works else None
        self.check()

    @rule()
    def lost_places_are_released(self):
        self.tick()
        model = self.model
        released = 0
        if model.starts is None or self.now < model.starts:
            for key in sorted(model.places):  # each in its own transaction, as in the portal
                place = model.places[key]
                if place.state in LIVE and model.is_lost(place):
                    model.becomes(place, "cancelled", "registration_ended")
                    model.fill(self.now)
                    released += 1
        assert registrations.release_lost(now=self.now) == released
        self.check()


def capacities(form, on_site, online):
    return {"on_site": on_site, "online": online} if form == "hybrid" else {"all": on_site}


@pytest.mark.parametrize(
    "examples",
    [EXAMPLES, pytest.param(MANY_EXAMPLES, marks=[pytest.mark.long, pytest.mark.timeout(3600)])],
)
def test_seats_are_those_of_the_slow_model_whatever_happens(staff, examples):
    organisations = [OrganisationFactory() for _ in range(3)]
    # Four of a large organisation, two smaller ones, and one who comes for nobody.
    crowd = [member_person(organisations[n]) for n in (0, 0, 0, 0, 1, 1, 2)] + [UserFactory()]
    works_at = {person.pk: getattr(person.affiliations.first(), "organisation_id", None) for person in crowd}

    class Machine(Seats):
        pass

    Machine.people, Machine.staff, Machine.works_at = [person.pk for person in crowd], staff, works_at
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=examples, stateful_step_count=STEPS, deadline=None, derandomize=True, database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
