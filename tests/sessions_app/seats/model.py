"""The seats of one session, as slow as can be: plain Python that knows no database and none of the portal's rules.

It picks who gets a seat one by one, each time the best of all who wait.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LIVE = {"requested", "waitlisted", "offered", "confirmed"}
HOLDS = {"offered", "confirmed"}


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
    ends_at: datetime | None
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

    def has_begun(self, now):
        return self.starts is not None and self.starts <= now

    def is_to_come(self, now):
        return self.state in ("planned", "open", "closed") and self.ends_at is not None and now < self.ends_at

    def is_on(self, now):
        return self.state in ("planned", "open", "closed") and self.starts is not None and now < self.starts

    def can_answer(self, place, now):
        return self.is_on(now) and place.state == "offered" and now < place.until

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
        if kind:
            self.mail(place, kind)

    def mail(self, place, kind):
        self.mails[place.person, kind] += 1

    def arrives(self, form):
        """What a newcomer gets."""
        room = self.room(form)
        return "confirmed" if self.is_free(room) and not list(self.waits(room)) else "waitlisted"


def capacities(form, on_site, online):
    return {"on_site": on_site, "online": online} if form == "hybrid" else {"all": on_site}
