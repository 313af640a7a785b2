"""Sets of registrations: who sees which, who holds a seat, who waits in which order."""

from collections import Counter

from django.db.models import Case, Count, Exists, F, OuterRef, Q, Sum, Value, When

from core import links
from leerlijnen.rules import ActivityKind
from sessions_app.models.counts import RegistrationCount
from sessions_app.models.hostings import Hosting
from sessions_app.models.requests import RequestQuerySet
from sessions_app.reminder_steps import LAST_CALL
from sessions_app.rules import (
    HOLDING_SEAT,
    IN_CALENDARS,
    LIVE,
    SEATED,
    WITH_A_PLACE,
    Confidentiality,
    RegistrationState,
    Room,
    SessionState,
    Waiting,
    free_seats,
    line,
    pool_with,
    seat_pools,
)

# As Session.is_closed_space, of rows that hang on a session.
IN_CLOSED_SPACE = Q(session__confidentiality=Confidentiality.CLOSED_SPACE) | Q(
    session__activity__kind=ActivityKind.PEER_SPACE
)
LINK_PURPOSE = "registration"  # of the mailed link to one's own place; core.links


# What each place adds to the number of its person's calendar files (rules.calendar_sequence).
STEPS = F("room_changes") + Case(When(state=RegistrationState.CANCELLED, then=Value(2)), default=Value(0))


class RegistrationQuerySet(RequestQuerySet):
    def visible_to(self, person):
        """One's own, and those of the sessions one hosts; programme staff see all."""
        if not person.is_authenticated:
            return self.none()
        if person.has_perm("sessions_app.view_registration"):
            return self
        hosted = Hosting.objects.of(person).filter(session=OuterRef("session"))
        return self.filter(Q(person=person) | Exists(hosted))

    def of(self, person):
        """One's own."""
        return self.filter(person=person)

    def remembered(self, now):
        """Without those of closed spaces that have ended, which leave no history (domain.md 5.5)."""
        return self.exclude(IN_CLOSED_SPACE, session__ends_at__lte=now)

    def in_calendar_of(self, person, *, since, now):
        """What stands in this person's own calendar, from `since` on: places and seats, and what was called off.

        A session that one had left before it was called off is not among them, nor one that has ended and at which one
        waited.
        """
        called_off = Q(
            state=RegistrationState.CANCELLED,
            session__state=SessionState.CANCELLED,
            changed_at__gte=F("session__cancelled_at"),
        )
        waits = Q(state__in=LIVE, session__ends_at__gt=now)
        own = self.filter(person=person, session__starts_at__gte=since).select_related("session__activity")
        rows = own.filter(Q(state__in=SEATED) | waits | called_off).remembered(now).order_by()
        names = [f"session__{name}" for name in (*IN_CALENDARS, "activity__kind")]
        return rows.only("state", "form", "changed_at", "person", *names)

    def live(self):
        return self.filter(state__in=LIVE)

    def ended_with(self, session):
        """Those that ended when this session was called off, in the order in which they came."""
        rows = self.filter(session=session, state=RegistrationState.CANCELLED).exclude(ended_from="")
        return rows.order_by("queued_at", "pk")

    def with_a_place(self):
        """What one person has at a session, once at most: live, or it was noted whether she came."""
        return self.filter(state__in=WITH_A_PLACE)

    def on_the_list(self, session, *, with_needs=False):
        """For hosts and staff: who has a seat by name, then who waits in order, then who asked. A list of rows.

        Who stands in a line has `place` in it, from 1; others have None. With `with_needs`, for staff alone, the notes
        are read with them.
        """
        rows = self.filter(session=session).with_a_place().order_by()
        rows = list(rows.select_related("person", "organisation", "guest", *(["needs"] if with_needs else [])))
        places = {}
        if any(row.state == RegistrationState.WAITLISTED or row.wished_form for row in rows):
            for forms in seat_pools(session.form):
                places |= {pk: place for place, pk in enumerate(self.in_line(session, forms), start=1)}
        groups = {**dict.fromkeys(SEATED, 0), RegistrationState.OFFERED: 1, RegistrationState.WAITLISTED: 2}
        for row in rows:
            row.place = places.get(row.pk)

        def order(row):
            group = groups.get(row.state, 3)
            by = {0: (str(row.person).casefold(), 0), 2: (row.form, row.place)}
            return group, by.get(group, ("", 0)), row.queued_at, row.pk

        return sorted(rows, key=order)

    def registered_by(self, person, affiliations, now):
        """Colleagues whom `person` registered and who work with her still; of others nothing (domain.md 3).

        Only while the session is to come: afterwards it would tell who came.
        """
        there = Q(pk__in=[])
        for affiliation in affiliations:
            there |= Q(person=affiliation.person_id, organisation=affiliation.organisation_id)
        rows = self.to_come(now).filter(there, registered_by=person).select_related("person", "organisation")
        return rows.order_by("queued_at", "pk")

    def seated(self):
        """Who has a seat for sure, whether or not it was noted that they came."""
        return self.filter(state__in=SEATED)

    def to_come(self, now):
        """Live ones of what has not started; a postponed session has no date and counts as still to come."""
        return self.live().exclude(session__starts_at__lte=now)

    def holding_seat(self):
        return self.filter(state__in=HOLDING_SEAT)

    def confirmed(self):
        return self.filter(state=RegistrationState.CONFIRMED)

    def waiting(self):
        """Without a seat; in order of registration, which is not always that of the line (`in_line`)."""
        return self.filter(state=RegistrationState.WAITLISTED).order_by("queued_at", "pk")

    def wishing(self):
        """With a seat in one room of a hybrid session, and waiting for one in the other."""
        return self.confirmed().exclude(wished_form="")

    def lapsed(self, now):
        """Offers whose time is over, of sessions that have a date."""
        return self.filter(state=RegistrationState.OFFERED, offered_until__lte=now, session__starts_at__isnull=False)

    def offers_closing(self, now):
        """Offers that hold for another day at most, and were made for longer than that (domain.md 4.8)."""
        return self.filter(
            state=RegistrationState.OFFERED,
            offered_until__gt=now,
            offered_until__lte=now + LAST_CALL,
            changed_at__lt=F("offered_until") - LAST_CALL,
            session__starts_at__isnull=False,
            person__is_active=True,
        )

    def numbers_of(self, sessions):
        """How many there are: rows of session, state, form, wished form and number; `sessions` are keys.

        Those that were counted and deleted after their period (domain.md 5.5) come in rows of their own.
        """
        keys = list(sessions)
        rows = self.filter(session__in=keys).order_by().values_list("session", "state", "form", "wished_form")
        counted = RegistrationCount.objects.filter(session__in=keys)
        counted = counted.values_list("session", "state", "form", Value(""), "number")
        return rows.annotate(rows=Count("pk")).union(counted, all=True)

    def calendar_steps(self, session, people):
        """The steps (rules.calendar_sequence) of each of `people` (keys) at this session; who is not in it: none."""
        rows = self.filter(session=session, person__in=people)
        return dict(rows.order_by().values_list("person").annotate(steps=Sum(STEPS)))

    def calendar_steps_of(self, person, sessions):
        """As calendar_steps, for one person at several sessions, by the key of the session."""
        rows = self.filter(session__in=sessions, person=person)
        return dict(rows.order_by().values_list("session").annotate(steps=Sum(STEPS)))

    def of_series(self, series):
        """At the dates of a series, in their order; those without a date last."""
        rows = self.filter(session__series=series).select_related("session", "session__track", "person")
        return rows.order_by(F("session__starts_at").asc(nulls_last=True), "session")

    def by_state(self):
        """How many there are of each state: rows of state and number."""
        return self.order_by().values_list("state").annotate(number=Count("pk"))

    def in_pool(self, form, session):
        """Those that share their seats with this form of attendance."""
        return self.filter(session=session, form__in=pool_with(form, form=session.form))

    def in_line(self, session, forms, *, without=()):
        """The keys of who waits for a seat in the room of these forms of attendance, the next first; one query, or two.

        Those that have a seat in the other room and wish to change stand in the same line. `without` are keys of
        those that do not count in it. No rows, because of a long line one wants a few.
        """
        own = self.filter(session=session)
        waiting = [row for form, row in own.who_waits(without=without) if form in forms]
        held: Counter[int] = Counter()
        if waiting and session.shares_fairly:
            taken = own.holding_seat().exclude(organisation=None).order_by()
            held.update(taken.values_list("organisation", flat=True))
        return line(waiting, held=held, shares=session.shares_fairly)

    def who_waits(self, *, without=(), first=None):
        """Everyone who waits for a seat, with the form of attendance that she waits for; in no order, and no rows.

        Those that have a seat in the other room and wish to change are among them. `without` are keys. With a number
        in `first` only so many of who waited longest.
        """
        waits = self.waiting().order_by() | self.wishing().order_by()
        rows = waits.exclude(pk__in=without) if without else waits
        if first is not None:
            rows = rows.order_by("queued_at", "pk")[:first]
        values = rows.values_list("pk", "form", "queued_at", "wished_form", "wished_at", "organisation_id")
        return [
            (
                wished_form or form,
                Waiting(
                    key=pk,
                    since=wished_at if wished_form else queued_at,
                    organisation=organisation,
                    has_seat=bool(wished_form),
                ),
            )
            for pk, form, queued_at, wished_form, wished_at, organisation in values
        ]

    def rooms(self, session, *, without=(), only_next=False):
        """The rooms of a session with their seats and who waits for one, and how many seats each organisation holds.

        What `rules.seats_to_give` asks, in two queries. `without` are keys of those that do not count in a line. With
        `only_next` it reads no more of the lines than it needs to give the seats that are free: one who leaves costs
        the same where five wait and where a thousand do.
        """
        own = self.filter(session=session).order_by()
        by_form: Counter[str] = Counter()
        by_organisation: Counter[int] = Counter()
        taken = own.holding_seat().values_list("form", "organisation").annotate(number=Count("pk"))
        for form, organisation, number in taken:
            by_form[form] += number
            if organisation is not None:
                by_organisation[organisation] += number
        pools = [
            (forms, session.capacity_for(forms[0]), sum(by_form[form] for form in forms))
            for forms in seat_pools(session.form)
        ]
        free = [free_seats(capacity=capacity, held=held) for _forms, capacity, held in pools]
        first = None
        if only_next and all(seats == 0 for seats in free):
            first = 0
        elif only_next and len(pools) == 1 and not session.shares_fairly:
            # One line, in the order of time. Where there are two, who goes to the other room leaves a seat here, and
            # where organisations share, who is next hangs on who else waits.
            [first] = free
        waits = [] if first == 0 else own.who_waits(without=without, first=first)
        rooms = [
            Room(capacity=capacity, held=held, waiting=[row for form, row in waits if form in forms])
            for forms, capacity, held in pools
        ]
        return rooms, by_organisation

    def behind_link(self, token):
        """The registration that a mailed link opens, or None for a link that was never made here or is revoked."""
        try:
            pk, nonce = links.read(token, purpose=LINK_PURPOSE)
        except links.BadLink:
            return None
        rows = self.select_related("session", "session__track", "session__series", "person")
        return rows.filter(pk=pk, link_nonce=nonce).first()

    def has_a_line_for_seat_of(self, registration, session):
        """Whether somebody waits for the seat that this registration holds: in its room, if there are two."""
        forms = pool_with(registration.form, form=session.form)
        return any(form in forms for form, _row in self.filter(session=session).who_waits())

    def place_in_line(self, registration, session):
        """1 for who gets the next seat of the form of attendance that this person waits for."""
        forms = pool_with(registration.wished_form or registration.form, form=session.form)
        return self.in_line(session, forms).index(registration.pk) + 1

    def seats_of_organisation(self, registration, session):
        """How many seats the organisation of this registration holds in the session."""
        if registration.organisation_id is None:
            return 0
        return self.filter(session=session, organisation=registration.organisation_id).holding_seat().count()
