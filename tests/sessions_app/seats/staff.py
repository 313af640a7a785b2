"""What staff do: admit, give and take seats by hand, change their number, and move the session about."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from sessions_app.actions import planning, waitlist
from sessions_app.actions.planning import Schedule
from tests.sessions_app.seats.base import any_form, few, mostly, when
from tests.sessions_app.seats.model import DAY, HOUR, LIVE, capacities
from tests.sessions_app.seats.people import People

days_ahead = st.sampled_from([1, 3, 30, 30])


class Staff(People):
    @when("requested")
    @rule(number=mostly, admit=st.booleans())
    def is_decided_on(self, number, admit):
        self.deciding(self.whom(number, "requested"), admit=admit)

    @when("requested", "waitlisted", "offered")
    @rule(number=mostly)
    def is_given_a_seat_by_hand(self, number):
        self.tick()
        row, place = self.read(self.whom(number, "requested", "waitlisted", "offered"))
        can_get = place.state in ("requested", "waitlisted", "offered")
        allowed = can_get and self.model.gives(self.now) and not self.model.is_lost(place)
        allowed = allowed and (place.state == "offered" or self.model.is_free(self.model.room(place.form)))
        self.attempt(allowed or place.state == "confirmed", waitlist.promote, registration=row, actor=self.staff)
        if allowed:
            self.model.becomes(place, "confirmed", "seat_got")

    @rule(on_site=few, online=few)
    def the_number_of_seats_changes(self, on_site, online):
        self.tick()
        changes = {"capacity": on_site}
        if self.model.form == "hybrid":
            changes["capacity_online"] = online
        self.attempt(True, planning.change, session=self.session, changes=changes, actor=self.staff)
        self.model.capacity = capacities(self.model.form, on_site, online)
        self.model.fill(self.now)

    # The date

    @rule(form=any_form, on_site=few, online=few, days=days_ahead)
    def the_session_is_moved(self, form, on_site, online, days):
        self.tick()
        schedule = self.schedule(form, on_site, online, days)
        allowed = self.model.is_to_come(self.now)
        self.attempt(allowed, planning.move, session=self.session, schedule=schedule, actor=self.staff)
        if allowed:
            self.has_a_new_date(schedule)
            self.model.fill(self.now)

    @when("open", "closed")
    @rule()
    def the_session_is_postponed(self):
        self.tick()
        allowed = self.model.is_to_come(self.now)
        self.attempt(allowed, planning.postpone, session=self.session, reason="De zaal is dicht.", actor=self.staff)
        if not allowed:
            return
        self.model.state, self.model.starts, self.model.ends_at = "accepted", None, None
        for place in self.model.places.values():
            if place.state in LIVE:
                self.model.mail(place, "session_postponed")

    @when("accepted")
    @rule(form=any_form, on_site=few, online=few, days=days_ahead)
    def the_session_gets_a_date_again(self, form, on_site, online, days):
        self.tick()
        schedule = self.schedule(form, on_site, online, days)
        self.attempt(
            True, planning.plan, session=self.session, schedule=schedule, for_whom="Leden", audience="public",
            admission="by_approval" if self.model.by_approval else "direct", confidentiality="internal",
            actor=self.staff,
        )  # fmt: skip
        self.model.state = "planned"
        self.has_a_new_date(schedule)

    @when("offered")
    @rule(number=mostly, accepts=st.booleans(), days=st.sampled_from([3, 30]))
    def an_offer_outlives_another_date(self, number, accepts, days):
        self.another_date(self.whom(number, "offered"), accepts=accepts, days=days)

    def another_date(self, key, *, accepts, days):
        """Postponed and planned anew, or moved: who is offered a seat answers about the new date."""
        if self.model.state in ("open", "closed"):
            self.the_session_is_postponed()
            self.answering(key, accepts=accepts)  # about no date: refused
        if self.model.state == "accepted":
            self.the_session_gets_a_date_again("hybrid", 2, 2, days)
        else:
            self.the_session_is_moved("hybrid", 2, 2, days)
        self.tick(HOUR)
        self.answering(key, accepts=accepts)

    def schedule(self, form, on_site, online, days):
        starts = self.now + days * DAY
        return Schedule(
            starts_at=starts, ends_at=starts + 2 * HOUR, form=form, place="Zaal 2 (fictief)",
            online_link="https://video.example/y", registration_deadline=starts - DAY, capacity=on_site,
            capacity_online=online if form == "hybrid" else None,
        )  # fmt: skip

    def has_a_new_date(self, schedule):
        model = self.model
        model.starts, model.ends_at, model.form = schedule.starts_at, schedule.ends_at, schedule.form
        model.capacity = capacities(schedule.form, schedule.capacity, schedule.capacity_online)
        self.held_before = None  # a room of another size: who has a seat keeps it
        for place in model.places.values():
            if place.state in LIVE:
                model.mail(place, "session_moved")
                if model.form != "hybrid":
                    place.form, place.wished, place.wished_at = model.form, "", None
            if place.state == "offered":
                place.until = model.ends(self.now) or model.starts

    @when("planned", "closed")
    @rule()
    def registration_opens(self):
        self.tick()
        allowed = self.now < self.model.starts - DAY
        self.attempt(allowed, planning.open_registration, session=self.session, actor=self.staff)
        if allowed:
            self.model.state = "open"
            self.model.fill(self.now)

    @when("open")
    @rule()
    def registration_closes(self):
        self.tick()
        self.attempt(True, planning.close, session=self.session, actor=self.staff)
        self.model.state = "closed"
