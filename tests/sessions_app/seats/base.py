"""What all steps share: how one is done beside the model, whom it is about, and what must hold after each."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition

from core.models import OutgoingMail
from core.moves import Refused
from members.models import User
from sessions_app.actions import registrations
from sessions_app.models import Registration, Session
from tests.sessions_app.seats.model import DAY, HOLDS, LIVE, Model, Place

START_OF_TIME = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
CROWD = 8
RESULT = {"confirmed": "registration_confirmed", "waitlisted": "registration_waiting",
          "requested": "registration_requested", "rejected": "registration_rejected"}  # fmt: skip
anybody = st.integers(0, CROWD - 1)
mostly = st.integers(0, 3 * CROWD - 1)  # `whom`: a third of these are anybody, the others those that a step is for
one_form = st.sampled_from(["on_site", "online"])
any_form = st.sampled_from(["on_site", "online", "hybrid"])
few = st.integers(1, 4)


def when(*states):
    """The step has a meaning only while somebody's place is in one of these states, or the session itself."""
    return precondition(lambda self: self.model.state in states or any(self.those_that_are(*states)))


class Base(RuleBasedStateMachine):
    people: list[int]
    staff: User
    works_at: dict[int, int | None]
    session: Session
    model: Model

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

    def those_that_are(self, *states):
        return (key for key, place in self.model.places.items() if place.state in states)

    def whom(self, number, *states):
        """The key of a place: mostly of one in these states, now and then of anybody, for whom it is refused."""
        fitting = list(self.those_that_are(*states))
        if fitting and number >= CROWD:
            return fitting[number % len(fitting)]
        own = [key for key, place in self.model.places.items() if place.person == self.people[number % CROWD]]
        return max(own, default=None) or max(self.model.places)

    def read(self, key):
        """The registration as somebody read it before the change, and its place in the model."""
        return Registration.objects.select_related("person").get(pk=key), self.model.places[key]

    # Steps with which the session begins

    def registering(self, person, form):
        self.tick()
        model, organisation = self.model, self.model.works_at[person]
        is_new = not any(place.person == person and place.state in LIVE for place in model.places.values())
        fits = model.form == "hybrid" or form == model.form
        in_time = model.state == "open" and self.now < model.starts - DAY
        who = User.objects.get(pk=person)
        row = self.attempt(
            not is_new or (fits and in_time), registrations.register, session=self.session, person=who, form=form,
            organisation=who.affiliations.get().organisation if organisation else None, actor=who,
        )  # fmt: skip
        if is_new and fits and in_time:
            state = "requested" if model.by_approval else model.arrives(form)
            model.places[row.pk] = Place(person, organisation, form, state, self.now)
            model.mail(model.places[row.pk], RESULT[state])

    def deciding(self, key, *, admit):
        self.tick()
        row, place = self.read(key)
        allowed = place.state == "requested" and self.model.gives(self.now)
        allowed = allowed and not (admit and self.model.is_lost(place))
        self.attempt(allowed, registrations.decide, registration=row, admit=admit, actor=self.staff)
        if allowed:
            state = self.model.arrives(place.form) if admit else "rejected"
            self.model.becomes(place, state, RESULT[state])

    def leaving(self, key, *, by_staff=False):
        self.tick()
        row, place = self.read(key)
        is_live = place.state in LIVE
        allowed = not (is_live and self.model.has_begun(self.now))
        if by_staff:
            self.attempt(
                allowed, registrations.cancel_by_staff, registration=row, reason="Verhuisd (fictief)", actor=self.staff
            )
        else:
            self.attempt(allowed, registrations.cancel, registration=row, actor=row.person)
        if is_live and allowed:
            ended = "cancelled" if by_staff or place.state == "confirmed" else "withdrawn"
            self.model.becomes(place, ended, "registration_ended" if by_staff else "registration_cancelled")
            self.model.fill(self.now)

    # What must hold after each

    @invariant()
    def all_is_well(self):
        self.everything_is_as_in_the_model()
        self.the_counts_are_those_of_the_model()
        self.no_more_are_held_than_there_are_seats()
        self.nobody_waits_in_vain()
        self.each_was_told_once()

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

    def the_counts_are_those_of_the_model(self):
        [session] = Session.objects.with_seats().filter(pk=self.session.pk)
        held = [place.form for place in self.model.places.values() if place.state in HOLDS]
        waits = [place.form for place in self.model.places.values() if place.state == "waitlisted"]
        waits += [place.wished for place in self.model.places.values() if place.wished]
        assert (session.held, session.waiting, session.held_online, session.waiting_online) == (
            len(held), len(waits), held.count("online"), waits.count("online"),
        )  # fmt: skip

        for room in self.model.rooms():
            forms = ["on_site", "online"] if room == "all" else [room]
            assert sorted(Registration.objects.in_line(self.session, forms)) == sorted(
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
