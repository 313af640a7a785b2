"""What people do: register, leave, answer, and change rooms."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from members.models import User
from members.rules import AffiliationState
from sessions_app.actions import rooms, waitlist
from tests.sessions_app.seats.base import Base, anybody, mostly, one_form, when
from tests.sessions_app.seats.model import LIVE

SECOND = timedelta(seconds=1)


class People(Base):
    @rule(number=anybody, form=one_form)
    def registers(self, number, form):
        self.registering(self.people[number], form)

    @rule(number=mostly, by_staff=st.booleans())
    def leaves(self, number, by_staff):
        self.leaving(self.whom(number, *LIVE), by_staff=by_staff)

    @when("offered", "expired")
    @rule(number=mostly, accepts=st.booleans())
    def answers(self, number, accepts):
        self.tick()
        self.answering(self.whom(number, "offered"), accepts=accepts)

    @when("offered")
    @rule(number=mostly, accepts=st.booleans(), late=st.sampled_from([-SECOND, 0 * SECOND, SECOND]))
    def answers_at_the_last_moment(self, number, accepts, late):
        key = self.whom(number, "offered")
        if until := self.model.places[key].until:
            self.now = max(self.now, until + late)
        self.answering(key, accepts=accepts)

    def answering(self, key, *, accepts):
        """Answering once more what one has answered is no fault."""
        row, place = self.read(key)
        allowed = self.model.can_answer(place, self.now) and not (accepts and self.model.is_lost(place))
        again = place.state == ("confirmed" if accepts else "declined")
        action = waitlist.accept if accepts else waitlist.decline
        self.attempt(allowed or again, action, registration=row, actor=row.person)
        if allowed and accepts:
            self.model.becomes(place, "confirmed", "registration_confirmed")
        elif allowed:
            self.model.becomes(place, "declined", "registration_cancelled")
            self.model.fill(self.now)

    def an_offer_has_ended(self, which):
        """The clock stands at the end of the first (min) or of the last one, and the portal looks."""
        ends = [place.until for place in self.model.places.values() if place.state == "offered"]
        self.now = max(self.now, which(ends))
        self.offers_are_looked_at()

    def offers_are_looked_at(self):
        lapsed = [
            place for place in self.model.places.values()
            if place.state == "offered" and place.until <= self.now and self.model.starts is not None
        ]  # fmt: skip
        assert waitlist.expire_offers(now=self.now) == len(lapsed)
        for place in lapsed:
            # Once it has begun there is no line to join again, and nobody is told.
            self.model.becomes(place, "expired", "offer_lapsed" if self.model.is_on(self.now) else "")
        if lapsed:
            self.model.fill(self.now)

    @precondition(lambda self: self.model.form == "hybrid")
    @rule(number=mostly, form=one_form)
    def wants_to_attend_otherwise(self, number, form):
        self.attending_otherwise(self.whom(number, "confirmed", "waitlisted"), form)

    def attending_otherwise(self, key, form):
        self.tick()
        row, place = self.read(key)
        model = self.model
        allowed = model.gives(self.now) and place.state in LIVE - {"offered"}
        self.attempt(allowed, rooms.attend_otherwise, registration=row, actor=row.person, form=form)
        wished = "" if form == place.form else form
        if allowed and place.state == "confirmed" and wished != place.wished:
            place.wished, place.wished_at = wished, self.now if wished else None
            model.fill(self.now)
        elif allowed and place.state != "confirmed" and wished:
            arrives = model.arrives(form)
            place.form, place.since = form, self.now
            if place.state == "waitlisted" and arrives == "confirmed":
                model.becomes(place, "confirmed", "seat_got")

    @when("waitlisted")
    @rule(number=mostly)
    def takes_a_seat_meanwhile(self, number):
        self.taking_meanwhile(self.whom(number, "waitlisted"))

    def taking_meanwhile(self, key):
        """In the other room; the place in line is kept, as a wish from the moment that she joined it."""
        self.tick()
        row, place = self.read(key)
        model = self.model
        other = "online" if place.form == "on_site" else "on_site"
        allowed = model.form == "hybrid" and place.state == "waitlisted" and model.gives(self.now)
        allowed = allowed and not model.is_lost(place) and model.arrives(other) == "confirmed"
        self.attempt(allowed, rooms.take_meanwhile, registration=row, actor=row.person)
        if allowed:
            line, since = place.form, place.since
            model.becomes(place, "confirmed", "registration_confirmed")
            place.form, place.wished, place.wished_at = other, line, since

    @rule(number=anybody)
    def leaves_the_organisation_or_returns(self, number):
        self.tick()
        key = self.people[number]
        works = self.model.works_at[key] is None
        state = AffiliationState.CONFIRMED if works else AffiliationState.ENDED
        User.objects.get(pk=key).affiliations.update(state=state)
        self.model.works_at[key] = self.works_at[key] if works else None
