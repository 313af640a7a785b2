"""The whole machine: how a session begins, how a seat goes round, and what time brings."""

from collections import Counter

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from sessions_app.actions import registrations
from tests.factories.sessions import SessionFactory
from tests.sessions_app.seats.base import CROWD, START_OF_TIME, any_form, when
from tests.sessions_app.seats.model import DAY, HOUR, LIVE, Model, capacities
from tests.sessions_app.seats.staff import Staff

# What becomes of an offer.
fates = st.sampled_from(
    [
        *("accepts", "declines", "leaves", "lets it lapse", "answers late", "another date", "sees"),
        "works elsewhere by now",
    ]
)
others = st.sampled_from(
    ["a seat goes round", "one who waits registers again", "two rooms change", "one takes a seat meanwhile"]
)


class Seats(Staff):
    @initialize(form=any_form, on_site=st.integers(1, 2), online=st.integers(1, 2), by_approval=st.booleans(),
                shares=st.booleans(), hours=st.sampled_from([2, 48]), crowd=st.integers(6, CROWD),
                begins=st.lists(fates, min_size=2, max_size=4), first=others)  # fmt: skip
    def a_session_with_a_line(self, form, on_site, online, by_approval, shares, hours, crowd, begins, first):
        starts = START_OF_TIME + 20 * DAY
        self.session = SessionFactory(
            starts_at=starts, form=form, capacity=on_site, capacity_online=online if form == "hybrid" else None,
            online_link="https://video.example/x", audience="public", offer_hours=hours,
            admission="by_approval" if by_approval else "direct", most_per_organisation=2 if shares else None,
        )  # fmt: skip
        self.model = Model(
            form=form, capacity=capacities(form, on_site, online), by_approval=by_approval, shares=shares,
            state="open", starts=starts, ends_at=self.session.ends_at,
            hours=hours, works_at=dict(self.works_at), places={}, mails=Counter(),
        )  # fmt: skip
        for number in range(crowd):
            goes_online = form == "online" or (form == "hybrid" and number % 3 == 2)
            self.registering(self.people[number], "online" if goes_online else "on_site")
        for key in [*self.those_that_are("requested")][:-2]:
            self.deciding(key, admit=True)
        if first == "one who waits registers again":
            self.one_who_waits_registers_again()
        elif first == "two rooms change":
            self.two_rooms_change()
        elif first == "one takes a seat meanwhile":
            self.one_takes_a_seat_meanwhile()
        for fate in begins:
            self.all_is_well()
            self.a_seat_goes_round(fate)

    # What each sequence begins with and every other repeats: hypothesis leaves half of the steps out of each

    @when("confirmed")
    @rule(fate=fates)
    def a_seat_goes_on(self, fate):
        self.a_seat_goes_round(fate)

    def one_who_waits_registers_again(self):
        if (key := min(self.those_that_are("waitlisted", "requested"), default=None)) is not None:
            place = self.model.places[key]
            self.registering(place.person, place.form)

    def two_rooms_change(self):
        """Who sits in the one room is next in the other, where one leaves; the seat left behind is passed on."""
        seated = {self.model.places[key].form: key for key in self.those_that_are("confirmed")}
        if self.model.form == "hybrid" and len(seated) == 2:
            for key in [key for key in self.those_that_are("waitlisted") if self.model.places[key].form == "online"]:
                self.leaving(key)
            self.attending_otherwise(seated["on_site"], "online")
            self.leaving(seated["online"])

    def one_takes_a_seat_meanwhile(self):
        """Who waits for the one room asks for a seat in the other: while that is full, and after all have left it."""
        key = min(self.those_that_are("waitlisted"), default=None)
        if self.model.form != "hybrid" or key is None:
            return
        self.taking_meanwhile(key)
        for gone in [gone for gone, place in self.model.places.items() if place.form != self.model.places[key].form]:
            self.leaving(gone)
        self.taking_meanwhile(key)

    def a_seat_goes_round(self, fate):
        """Somebody gives it up, and the first who is offered one does what is her fate."""
        self.leaving(self.whom(CROWD, "confirmed"))
        key = min(self.those_that_are("offered"), default=None)
        if key is None or fate == "sees":
            return
        self.all_is_well()
        self.tick()
        if fate == "leaves":
            self.leaving(key)
        elif fate == "another date":
            self.another_date(key, accepts=False, days=30)
            if self.model.state == "planned":
                self.registration_opens()
        elif fate == "lets it lapse":
            self.an_offer_has_ended(min)
        else:
            if fate == "works elsewhere by now":
                self.leaves_the_organisation_or_returns(self.people.index(self.model.places[key].person))
            if fate == "answers late":
                self.now = max(self.now, self.model.places[key].until)
            self.answering(key, accepts=fate != "declines")

    @rule(hours=st.sampled_from([1, 5, 30, 49]), is_late=st.booleans())
    def time_passes(self, hours, is_late):
        """`is_late` is the portal's clockwork, which has not looked yet."""
        self.tick(hours * HOUR)
        if not is_late:
            self.offers_are_looked_at()

    @when("offered")
    @rule(which=st.sampled_from([min, max]))
    def an_offer_ends(self, which):
        self.an_offer_has_ended(which)

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
