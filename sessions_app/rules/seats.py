"""How many seats there are, for how long one is offered, and who is next (domain.md 4.2)."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush
from typing import Any

from sessions_app.rules.registrations import RegistrationState
from sessions_app.rules.sessions import Form


def forms_of(form: str) -> list[str]:
    """How one can attend a session of this form: both ways when it is hybrid."""
    return [Form.ON_SITE, Form.ONLINE] if form == Form.HYBRID else [form]


def is_online_only(form: str, *, wished: str = "") -> bool:
    """Whether whoever attends so is never on site: not as it is, nor as is wished. Food is then no question."""
    return form == Form.ONLINE and not wished


def other_form_of(way: str) -> Form:
    """The other of the two ways to attend a hybrid session."""
    return Form.ON_SITE if way == Form.ONLINE else Form.ONLINE


def seat_pools(form: str) -> list[list[str]]:
    """The ways to attend that share a number of seats: a hybrid session has two numbers, others one."""
    both: list[str] = [Form.ON_SITE, Form.ONLINE]
    return [[way] for way in both] if form == Form.HYBRID else [both]


def pool_with(way: str, *, form: str) -> list[str]:
    """Those that share their seats with this way to attend."""
    return next(pool for pool in seat_pools(form) if way in pool)


@dataclass(frozen=True)
class Seats:
    """The seats of one pool: how many there are (None: no limit), how many are held, and who waits for one."""

    capacity: int | None
    held: int
    waiting: int

    @property
    def free(self) -> int | None:
        return free_seats(capacity=self.capacity, held=self.held)

    @property
    def has_room(self) -> bool:
        """A newcomer gets a seat at once."""
        return seat_for(capacity=self.capacity, held=self.held, waiting=self.waiting) == RegistrationState.CONFIRMED


def seat_for(*, capacity: int | None, held: int, waiting: int) -> RegistrationState:
    """Confirmed while a seat is free and nobody waits before you; otherwise the waiting list."""
    free = capacity is None or held < capacity
    return RegistrationState.CONFIRMED if free and not waiting else RegistrationState.WAITLISTED


def free_seats(*, capacity: int | None, held: int) -> int | None:
    """Seats that may still be given; None when there is no limit, 0 when more are held than there are."""
    return None if capacity is None else max(0, capacity - held)


LEAST_OFFER_HOURS, OFFER_HOURS, MOST_OFFER_HOURS = 1, 48, 14 * 24  # domain.md 4.2, 4.8
SEATS_GO_DIRECTLY = timedelta(hours=24)  # before the start nobody is asked any more whether the seat is still wanted
SHORTEST_OFFER = timedelta(hours=4)  # one has to be able to read a mail


def offer_ends_at(*, hours: int, starts_at: datetime, now: datetime) -> datetime | None:
    """Until when a freed seat is held for the next in line, or None when it is given directly (domain.md 4.2).

    `hours` is what the session gives. An offer ends a day before the start, so that the seat can still go to another;
    one that would be shorter than four hours for that reason lasts four (or what the session gives, if that is less).
    """
    last = starts_at - SEATS_GO_DIRECTLY
    if now >= last:
        return None
    whole = now + timedelta(hours=hours)
    return min(whole, max(last, now + SHORTEST_OFFER))


def offer_holds(*, state: str, offered_until: datetime | None, now: datetime) -> bool:
    """A seat is held for someone who can still take it."""
    return state == RegistrationState.OFFERED and offered_until is not None and now < offered_until


@dataclass(frozen=True)
class Waiting:
    """Someone in a line: the key of the registration, since when, and for which organisation (None: for nobody's).

    `has_seat` is who holds a seat in the other room of a hybrid session and wants to change to this one.
    """

    key: int
    since: datetime
    organisation: int | None = None
    has_seat: bool = False


def line(waiting: Iterable[Waiting], *, held: Mapping[int, int], shares: bool) -> list[int]:
    """The keys of who waits, in the order in which they get the seats that come free one by one (domain.md 4.2).

    First come, first served; or, where a session shares its seats fairly (`shares`), who comes for the organisation
    with the fewest seats, then who came first, each seat counting for the next. A maximum per organisation needs no
    rule of its own: whose organisation is below it holds fewer seats than whose is at it. `held` is the number of
    seats that each organisation holds in the session. Who comes for no organisation shares with nobody, and one's own
    seat in the other room does not count against changing.
    """
    rows = sorted(waiting, key=lambda row: (row.since, row.key))
    if not shares:
        return [row.key for row in rows]
    groups: dict[Any, deque[Waiting]] = defaultdict(deque)
    for row in rows:
        alone = row.organisation is None or row.has_seat
        groups[("alone", row.key) if alone else row.organisation].append(row)

    def turn(group, seats: int) -> tuple:
        first = groups[group][0]
        return seats, first.since, first.key, group

    heap = [turn(group, _seats_beside(members[0], held)) for group, members in groups.items()]
    heapify(heap)
    order = []
    while heap:
        seats, _since, key, group = heappop(heap)
        order.append(key)
        groups[group].popleft()
        if groups[group]:
            heappush(heap, turn(group, seats + 1))
    return order


@dataclass(frozen=True)
class Room:
    """A pool of seats (`seat_pools`): how many there are (None: no limit), how many are held, and who waits for one."""

    capacity: int | None
    held: int
    waiting: Sequence[Waiting]


@dataclass(frozen=True)
class Turn:
    """Somebody's turn in a line: in which room, by its place among the rooms, and why.

    `seats` is what her organisation holds in the session at that moment, without her own seat in the other room.
    """

    who: Waiting
    room: int
    seats: int


def seats_to_give(rooms: Sequence[Room], *, held: Mapping[int, int], shares: bool) -> list[Turn]:
    """Who gets the seats that are free, in the order in which they go; `held` and `shares` as in `line`.

    Who only changes rooms leaves a seat, which goes on to the next in that line, until nobody gets one any more.
    """
    taken = [room.held for room in rooms]
    waits = [{row.key: row for row in room.waiting} for room in rooms]
    seats = Counter(held)
    given: list[Turn] = []
    changed_rooms = True
    while changed_rooms:
        changed_rooms = False
        for place, room in enumerate(rooms):
            free = free_seats(capacity=room.capacity, held=taken[place])
            if free == 0 or not waits[place]:
                continue
            for key in line(waits[place].values(), held=seats, shares=shares)[:free]:
                row = waits[place].pop(key)
                given.append(Turn(row, place, _seats_beside(row, seats)))
                taken[place] += 1
                if row.has_seat:
                    taken[(place + 1) % len(rooms)] -= 1
                    changed_rooms = True
                elif row.organisation is not None:
                    seats[row.organisation] += 1
    return given


def still_waiting(
    rooms: Sequence[Room], given: Iterable[Turn], *, held: Mapping[int, int], shares: bool
) -> list[list[Turn]]:
    """Who waits on in each room once these seats are given, the next first; `held` is as it was before."""
    seats, gone = Counter(held), set()
    for turn in given:
        gone.add(turn.who.key)
        if turn.who.organisation is not None:
            seats[turn.who.organisation] += not turn.who.has_seat
    lines = []
    for place, room in enumerate(rooms):
        rows = {row.key: row for row in room.waiting if row.key not in gone}
        order = [rows[key] for key in line(rows.values(), held=seats, shares=shares)]
        lines.append([Turn(row, place, _seats_beside(row, seats)) for row in order])
    return lines


def _seats_beside(row: Waiting, seats: Mapping[int, int]) -> int:
    return 0 if row.organisation is None else seats.get(row.organisation, 0) - row.has_seat
