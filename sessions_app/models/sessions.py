import uuid
from collections import Counter

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.db.models.query import ModelIterable
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.visitor_pages import ShownQuerySet, ShownToVisitors
from leerlijnen.models import Activity, LearningLine, PartosRole, Programme, Track, Workstream
from leerlijnen.rules import ActivityKind, TrackCode
from sessions_app.models.guests import Guest
from sessions_app.models.hostings import Hosting, Proposer
from sessions_app.models.notes import CurationNote
from sessions_app.models.registrations import Registration
from sessions_app.reminder_steps import DEFAULT_STEPS, FEW, LONGEST_REMINDER_TEXT, TELL_HOSTS_FROM, TELL_HOSTS_UNTIL
from sessions_app.rules import (
    DATED,
    HOLDING_SEAT,
    IN_CALENDARS,
    LEAST_OFFER_HOURS,
    LEAST_SEATS,
    LISTED,
    MOST_OFFER_HOURS,
    MOST_SEATS,
    NOTING_ATTENDANCE,
    OFFER_HOURS,
    PROPOSAL_STATES,
    QUESTION_LENGTH,
    SEATED,
    TITLE_LENGTH,
    UPCOMING,
    Admission,
    Audience,
    Confidentiality,
    Form,
    Language,
    RegistrationState,
    Seats,
    SessionState,
    attendance_opens,
    list_closes,
)

seats = [MinValueValidator(LEAST_SEATS), MaxValueValidator(MOST_SEATS)]


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
        return rows.only(*IN_CALENDARS).order_by()

    def dated(self):
        return self.filter(starts_at__isnull=False)

    def upcoming(self, now):
        return self.filter(state__in=UPCOMING, ends_at__gte=now)

    def locked(self, pk):
        """The row of one session, held until the transaction ends; the first lock of every change."""
        return self.select_for_update(of=("self",)).select_related("track").get(pk=pk)

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
        """Open, in a week or two, for which fewer people registered than hosts should know of (domain.md 4.8)."""
        soon = self.without_dialogues().filter(
            state=SessionState.OPEN,
            starts_at__lte=now + TELL_HOSTS_FROM,
            starts_at__gt=now + TELL_HOSTS_UNTIL,
            dated_at__lte=F("starts_at") - TELL_HOSTS_FROM,
        )
        large = Q(capacity__gte=FEW) | Q(capacity=None)
        here = Registration.objects.live().filter(session=OuterRef("pk")).order_by()
        number = here.values("session").annotate(number=Count("pk")).values("number")
        return soon.filter(large).annotate(registered=Coalesce(Subquery(number), 0)).filter(registered__lt=FEW)

    def without_first_answer(self):
        """Proposals about which the proposer heard nothing since they were sent in (domain.md 4.8)."""
        heard = CurationNote.objects.filter(session=OuterRef("pk"), at__gte=OuterRef("submitted_at"))
        waiting = self.filter(state__in=[SessionState.SUBMITTED, SessionState.IN_CURATION], submitted_at__isnull=False)
        return waiting.exclude(Exists(heard)).order_by("submitted_at", "pk")

    def proposals(self):
        return self.filter(state__in=PROPOSAL_STATES)

    def with_seats(self):
        """Adds `held` and `waiting`, and those of them that are online; full is computed and never stored.

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


COUNTED_AS = {**dict.fromkeys(HOLDING_SEAT, "held"), RegistrationState.WAITLISTED: "waiting"}


def count_seats(sessions):
    """Give each session its `held`, `waiting`, `held_online` and `waiting_online`; one query for all of them."""
    numbers = {session.pk: Counter() for session in sessions}
    for pk, state, form, number in Registration.objects.numbers_of(numbers):
        if name := COUNTED_AS.get(state):
            numbers[pk][name] += number
            numbers[pk][f"{name}_online"] += number if form == Form.ONLINE else 0
    for session in sessions:
        for name in ("held", "waiting", "held_online", "waiting_online"):
            setattr(session, name, numbers[session.pk][name])


class Session(ShownToVisitors):
    """One meeting, from a member's proposal to what came of it."""

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+", verbose_name=_("programme"))
    activity = models.ForeignKey(
        Activity, models.PROTECT, null=True, blank=True, related_name="sessions", verbose_name=_("activity")
    )
    learning_line = models.ForeignKey(
        LearningLine, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("learning line")
    )
    track = models.ForeignKey(Track, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("track"))
    workstream = models.ForeignKey(
        Workstream, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("workstream")
    )
    state = models.CharField(
        _("state"), max_length=12, choices=SessionState, default=SessionState.DRAFT, editable=False
    )
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="merged",
        editable=False,
        verbose_name=_("merged into"),
    )
    series = models.ForeignKey(
        "sessions_app.Series",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="sessions",
        editable=False,
        verbose_name=_("series"),
    )
    title = models.CharField(_("title"), max_length=TITLE_LENGTH, blank=True)
    question = models.TextField(_("question"), max_length=QUESTION_LENGTH, blank=True)
    description = models.TextField(_("what we will do"), max_length=5000, blank=True)
    partos_roles = models.ManyToManyField(PartosRole, blank=True, related_name="+", verbose_name=_("roles of Partos"))
    language = models.CharField(_("language"), max_length=4, choices=Language, blank=True)
    form = models.CharField(_("form"), max_length=8, choices=Form, blank=True)
    period_wished = models.CharField(_("period wished"), max_length=120, blank=True)

    starts_at = models.DateTimeField(_("start"), null=True, blank=True, help_text=_("Dutch time."))
    ends_at = models.DateTimeField(_("end"), null=True, blank=True, help_text=_("Dutch time."))
    dated_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="when this date was set or moved; reminders due before it are off",
    )
    date_dropped_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="when the last date was dropped; none while there is a date"
    )
    doors_open_at = models.DateTimeField(_("doors open"), null=True, blank=True)
    place = models.CharField(_("place"), max_length=250, blank=True)
    online_link = models.URLField(_("online link"), max_length=500, blank=True)
    capacity = models.PositiveIntegerField(_("seats"), null=True, blank=True, validators=seats)
    capacity_online = models.PositiveIntegerField(_("seats online"), null=True, blank=True, validators=seats)
    for_whom = models.CharField(_("for whom"), max_length=250, blank=True)
    audience = models.CharField(_("who may register"), max_length=24, choices=Audience, blank=True)
    admission = models.CharField(_("admission"), max_length=12, choices=Admission, blank=True)
    confidentiality = models.CharField(_("confidentiality"), max_length=16, choices=Confidentiality, blank=True)
    registration_deadline = models.DateTimeField(_("registration deadline"), null=True, blank=True)
    offer_hours = models.PositiveSmallIntegerField(
        _("hours that a freed seat is held"),
        default=OFFER_HOURS,
        db_default=OFFER_HOURS,
        validators=[MinValueValidator(LEAST_OFFER_HOURS), MaxValueValidator(MOST_OFFER_HOURS)],
        help_text=_("The next in line is asked by mail. From a day before the start seats are given directly."),
    )
    most_per_organisation = models.PositiveSmallIntegerField(
        _("seats per organisation while others wait"),
        null=True,
        blank=True,
        validators=seats,
        help_text=_("Empty: first come, first served. Else whose organisation has the fewest seats goes first."),
    )

    reminder_steps = models.CharField(
        _("reminders"), max_length=40, blank=True, default=DEFAULT_STEPS, db_default=DEFAULT_STEPS,
        editable=False, help_text="codes of reminder_steps.Step; empty when nobody is reminded",
    )  # fmt: skip
    reminder_text = models.TextField(
        _("what the host adds to reminders"), max_length=LONGEST_REMINDER_TEXT, blank=True, default="",
        db_default="", editable=False,
    )  # fmt: skip

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sequence = models.PositiveIntegerField(default=0, editable=False, help_text="of the calendar file")
    accepted_total = models.PositiveIntegerField(
        _("came to the dialogue"), null=True, blank=True, editable=False, help_text=_("All that is kept of a dialogue.")
    )
    is_demo = models.BooleanField(_("demo data"), default=False, editable=False)
    created_at = models.DateTimeField(editable=False)
    submitted_at = models.DateTimeField(_("sent in at"), null=True, blank=True, editable=False)
    changed_at = models.DateTimeField(_("last change"), editable=False)

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ["starts_at", "pk"]
        permissions = [("curate_session", "May curate, plan and open sessions")]
        indexes = [
            models.Index(fields=["state", "starts_at"], name="session_list"),
            models.Index(fields=["starts_at", "id"], name="session_order"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_at=None) | Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="session_ends_after_start",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=DATED) | Q(starts_at__isnull=False, ends_at__isnull=False),
                name="session_has_date_once_planned",
            ),
            models.CheckConstraint(
                condition=Q(learning_line=None) | Q(workstream=None), name="session_in_line_or_workstream"
            ),
            models.CheckConstraint(
                condition=Q(capacity=None) | Q(capacity__range=(LEAST_SEATS, MOST_SEATS)), name="session_capacity_sane"
            ),
            models.CheckConstraint(
                condition=Q(capacity_online=None) | Q(capacity_online__range=(LEAST_SEATS, MOST_SEATS)),
                name="session_capacity_online_sane",
            ),
            models.CheckConstraint(
                condition=Q(offer_hours__range=(LEAST_OFFER_HOURS, MOST_OFFER_HOURS)), name="session_offer_hours_sane"
            ),
        ]

    def __str__(self):
        return self.title or str(_("Session without a title"))

    def get_absolute_url(self):
        return reverse("sessions:detail", args=[self.pk])

    @property
    def is_dialogue(self):
        """By invitation only, in no public page, list or feed."""
        return bool(self.track_id and self.track.code == TrackCode.LEADERSHIP)

    @property
    def is_closed_space(self):
        """A space where being there says something about a person, who therefore registers alone (domain.md 5.5).

        No attendance is noted of it, and no list leaves the portal.
        """
        in_peer_space = bool(self.activity_id) and self.activity.kind == ActivityKind.PEER_SPACE
        return self.confidentiality == Confidentiality.CLOSED_SPACE or in_peer_space

    @property
    def list_closes_at(self):
        return list_closes(ends_at=self.ends_at, is_closed_space=self.is_closed_space)

    def notes_attendance(self, now):
        """Whether it can be noted now who is here; of a dialogue and a closed space it never is."""
        if self.is_dialogue or self.is_closed_space or self.state not in NOTING_ATTENDANCE or self.starts_at is None:
            return False
        return attendance_opens(starts_at=self.starts_at, doors_open_at=self.doors_open_at) <= now < self.list_closes_at

    @property
    def all_seats(self):
        """Seats of all forms together; None where there is no limit."""
        return (self.capacity or 0) + (self.capacity_online or 0) if self.is_hybrid else self.capacity

    @property
    def is_hybrid(self):
        return self.form == Form.HYBRID

    @property
    def shares_fairly(self):
        """Seats go to the organisation that has fewest, once people wait (domain.md 4.2)."""
        return self.most_per_organisation is not None

    def capacity_for(self, form):
        """Seats for one form of attendance; a session that is not hybrid has one number for all."""
        return self.capacity_online if self.is_hybrid and form == Form.ONLINE else self.capacity

    @property
    def seats(self):
        """Seats on site and online of a hybrid session, or the one number of any other; needs with_seats()."""
        if not self.is_hybrid:
            return [Seats(self.capacity, self.held, self.waiting)]
        return [
            Seats(self.capacity, self.held - self.held_online, self.waiting - self.waiting_online),
            Seats(self.capacity_online, self.held_online, self.waiting_online),
        ]
