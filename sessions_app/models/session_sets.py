"""Sets of sessions: who may see which, and what has come due."""

from collections import Counter

from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Prefetch, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.db.models.query import ModelIterable

from core.visitor_pages import ShownQuerySet
from leerlijnen.rules import TrackCode
from sessions_app.models.guests import Guest
from sessions_app.models.hostings import Hosting, Proposer
from sessions_app.models.notes import CurationNote
from sessions_app.models.registrations import Registration
from sessions_app.reminder_steps import FEW, OPEN_BEFORE, TELL_HOSTS_FROM, TELL_HOSTS_UNTIL, TIME_TO_OPEN
from sessions_app.rules import (
    DATED,
    HOLDING_SEAT,
    IN_CALENDARS,
    LISTED,
    PROPOSAL_STATES,
    SEATED,
    UPCOMING,
    Admission,
    Audience,
    Form,
    RegistrationState,
    SessionState,
)


class SessionQuerySet(ShownQuerySet):
    _with_seats = False

    def visible_to(self, person):
        """What is on the programme, and one's own part in it: as proposer, host, guest or registered.

        Curating staff see all but other people's drafts. A leadership dialogue that has a date is seen by its hosts,
        not by who proposed its topic (domain.md 4.1).
        """
        if not person.is_authenticated:
            return self.listed()
        # By their keys, which are few and read once; as EXISTS they were estimated for each session.
        proposed = Q(pk__in=Proposer.objects.filter(person=person).values("session"))
        own = proposed & ~Q(state__in=[*DATED, SessionState.CANCELLED], track__code=TrackCode.LEADERSHIP)
        if person.has_perm("sessions_app.curate_session"):
            return self.filter(own | ~self.not_sent_in())
        host = Q(pk__in=Hosting.objects.of(person).values("session"))
        registered = Q(pk__in=Registration.objects.with_a_place().filter(person=person).order_by().values("session"))
        kept = registered & Q(state__in=[*LISTED, SessionState.ACCEPTED])  # postponed: the seat is kept
        guest = Q(pk__in=Guest.objects.of(person).order_by().values("session")) & Q(state__in=LISTED)
        return self.filter(self.on_programme() | own | host | kept | guest)

    def visible_beside_programme(self, person):
        """What the person may see and a visitor may not know of."""
        if not person.is_authenticated:
            return self.none()
        beside = self.visible_to(person).exclude(self.on_programme())
        if person.has_perm("sessions_app.curate_session"):
            return beside
        # Begins at the few sessions in which one has a part, and not at all that there are.
        parts = (
            *(Proposer.objects.filter(person=person), Hosting.objects.of(person)),
            *(Registration.objects.of(person), Guest.objects.of(person)),
        )
        proposed, *others = (rows.order_by().values("session") for rows in parts)
        return beside.filter(pk__in=proposed.union(*others))

    def find(self, person, pk):
        """One session that the person may see, or Session.DoesNotExist.

        Most are on the programme, which is a question that costs far less than whether one has a part in it.
        """
        return self.listed().filter(pk=pk).order_by().first() or self.visible_to(person).get(pk=pk)

    @staticmethod
    def not_sent_in():
        """Drafts, and drafts thrown away: of their writer alone."""
        return Q(state=SessionState.DRAFT) | SessionQuerySet.thrown_away()

    @staticmethod
    def thrown_away():
        return Q(state=SessionState.WITHDRAWN, submitted_at=None)

    @staticmethod
    def on_programme():
        by_invitation = Q(audience=Audience.INVITED) | Q(admission=Admission.INVITATION)
        had_date = Q(starts_at__isnull=False) | Q(date_dropped_at__isnull=False)
        return Q(state__in=LISTED) & had_date & ~by_invitation & ~Q(track__code=TrackCode.LEADERSHIP)

    def listed(self):
        """What a visitor may know of: title and date."""
        return self.filter(self.on_programme())

    def without_dialogues(self):
        """For lists and calendars: leadership dialogues stand in none, whoever looks (domain.md 4.1)."""
        return self.exclude(track__code=TrackCode.LEADERSHIP)

    def proposed_by(self, person):
        return self.filter(Exists(Proposer.objects.filter(session=OuterRef("pk"), person=person)))

    def hosted_by(self, person):
        return self.filter(Exists(Hosting.objects.of(person).filter(session=OuterRef("pk"))))

    def in_calendar_of_host(self, person, *, since):
        """What this person hosts, from `since` on; a dialogue stands in the calendar of who accepted it alone."""
        hosted = Hosting.objects.of(person).values("session")
        rows = self.without_dialogues().filter(pk__in=hosted, starts_at__gte=since, state__in=LISTED)
        return rows.select_related("activity").only(*IN_CALENDARS, "activity__kind").order_by()

    def dated(self):
        return self.filter(starts_at__isnull=False)

    def upcoming(self, now):
        return self.filter(state__in=UPCOMING, ends_at__gte=now)

    def locked(self, pk):
        """The row of one session, held until the transaction ends; the first lock of every change."""
        session = self.select_for_update(of=("self",)).select_related("track", "activity").get(pk=pk)
        session.note_as_it_is()
        return session

    def lock_all(self, pks):
        """Hold the rows of several sessions, the lowest key first, as everybody who locks more than one does."""
        list(self.select_for_update().filter(pk__in=pks).order_by("pk").values_list("pk"))

    def past_deadline(self, now):
        """Open, though the registration deadline or the start has passed."""
        return self.filter(state=SessionState.OPEN).filter(Q(registration_deadline__lte=now) | Q(starts_at__lte=now))

    def dialogues_that_invite(self):
        """Leadership dialogues with a date, before they close."""
        return self.filter(state__in=[SessionState.PLANNED, SessionState.INVITING], track__code=TrackCode.LEADERSHIP)

    def few_registered(self, now):
        """Open, in a week or two, for which fewer people registered than hosts should know of (domain.md 4.8).

        Each with `registered`, their number, and `hosts_there`, the hostings whose person hears of it. Two queries.
        """
        soon = self.without_dialogues().filter(
            state=SessionState.OPEN,
            starts_at__lte=now + TELL_HOSTS_FROM,
            starts_at__gt=now + TELL_HOSTS_UNTIL,
            dated_at__lte=F("starts_at") - TELL_HOSTS_FROM,
        )
        large = Q(capacity__gte=FEW) | Q(capacity=None)
        here = Registration.objects.live().filter(session=OuterRef("pk")).order_by()
        number = here.values("session").annotate(number=Count("pk")).values("number")
        few = soon.filter(large).annotate(registered=Coalesce(Subquery(number), 0)).filter(registered__lt=FEW)
        there = Hosting.objects.with_person_there().filter(person__is_active=True).select_related("person")
        return few.prefetch_related(Prefetch("hostings", there, to_attr="hosts_there"))

    def not_open_in_time(self, now):
        """Planned, in less than four weeks, for which nobody can register yet (domain.md 4.8); no dialogues."""
        soon = self.without_dialogues().filter(
            state=SessionState.PLANNED, starts_at__gt=now, starts_at__lte=now + OPEN_BEFORE
        )
        return soon.filter(dated_at__lte=now - TIME_TO_OPEN).order_by("starts_at", "pk")

    def without_first_answer(self):
        """Proposals about which the proposer heard nothing since they were sent in (domain.md 4.8)."""
        heard = CurationNote.objects.filter(session=OuterRef("pk"), at__gte=OuterRef("submitted_at"))
        waiting = self.filter(state__in=[SessionState.SUBMITTED, SessionState.IN_CURATION], submitted_at__isnull=False)
        return waiting.exclude(Exists(heard)).order_by("submitted_at", "pk")

    def proposals(self):
        return self.filter(state__in=PROPOSAL_STATES)

    def with_seats(self):
        """Adds `held`, `waiting` and `asked`, and the first two online; full is computed and never stored.

        They are counted in one query once the rows are read: as subqueries they made the page of one session take
        twice as long. So filter and order by something else.
        """
        rows = self._chain()
        rows._with_seats = True
        return rows

    def _clone(self):
        clone = super()._clone()
        clone._with_seats = self._with_seats
        return clone

    def _fetch_all(self):
        is_read = self._result_cache is not None
        super()._fetch_all()
        if self._with_seats and not is_read and issubclass(self._iterable_class, ModelIterable):
            count_seats(self._result_cache)

    def with_registration_of(self, person):
        """Adds `my_state`: the state of the person's registration as she reads it, or None."""
        if not person.is_authenticated:
            return self.annotate(my_state=Value(None, output_field=models.CharField()))
        mine = Registration.objects.with_a_place().filter(session=OuterRef("pk"), person=person)
        as_told = Case(When(state__in=SEATED, then=Value(RegistrationState.CONFIRMED)), default="state")
        return self.annotate(my_state=Subquery(mine.annotate(as_told=as_told).values("as_told")[:1]))

    def with_place_in_programme(self):
        return self.select_related("learning_line", "track", "workstream", "activity", "activity__track", "series")


COUNTED_AS = {
    **dict.fromkeys(HOLDING_SEAT, "held"),
    RegistrationState.WAITLISTED: "waiting",
    RegistrationState.REQUESTED: "asked",
}


def count_seats(sessions):
    """Give each session its `held`, `waiting`, `asked`, `held_online` and `waiting_online`; one query for all of them.

    Who has a seat in one room of a hybrid session and wishes to change waits in the other as well, as in its line.
    """
    numbers = {session.pk: Counter() for session in sessions}
    for pk, state, form, wished_form, number in Registration.objects.numbers_of(numbers):
        counted = [(COUNTED_AS.get(state), form)]
        if state == RegistrationState.CONFIRMED and wished_form:
            counted.append(("waiting", wished_form))
        for name, room in counted:
            if name:
                numbers[pk][name] += number
                numbers[pk][f"{name}_online"] += number if room == Form.ONLINE else 0
    for session in sessions:
        for name in ("held", "waiting", "asked", "held_online", "waiting_online"):
            setattr(session, name, numbers[session.pk][name])
