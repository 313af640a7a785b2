import uuid

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core import model_fields
from core.visitor_pages import ShownToVisitors
from leerlijnen.models import Activity, LearningLine, PartosRole, Programme, Track, Workstream
from leerlijnen.rules import ActivityKind, TrackCode
from sessions_app.models.history import TOLD
from sessions_app.models.session_sets import SessionQuerySet
from sessions_app.reminder_steps import DEFAULT_STEPS, LONGEST_REMINDER_TEXT
from sessions_app.rules import (
    DATED,
    LEAST_OFFER_HOURS,
    LEAST_SEATS,
    MOST_OFFER_HOURS,
    MOST_SEATS,
    NOTING_ATTENDANCE,
    OFFER_HOURS,
    QUESTION_LENGTH,
    TITLE_LENGTH,
    Admission,
    Audience,
    Confidentiality,
    Form,
    Language,
    Seats,
    SessionState,
    attendance_opens,
    is_by_invitation,
    list_closes,
)

seats = [MinValueValidator(LEAST_SEATS), MaxValueValidator(MOST_SEATS)]


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
    title = model_fields.LineField(_("title"), max_length=TITLE_LENGTH, blank=True)
    question = model_fields.ParagraphsField(_("question"), max_length=QUESTION_LENGTH, blank=True)
    description = model_fields.ParagraphsField(_("what we will do"), max_length=5000, blank=True)
    partos_roles = models.ManyToManyField(PartosRole, blank=True, related_name="+", verbose_name=_("roles of Partos"))
    language = models.CharField(_("language"), max_length=4, choices=Language, blank=True)
    form = models.CharField(_("form"), max_length=8, choices=Form, blank=True)
    period_wished = model_fields.LineField(_("period wished"), max_length=120, blank=True)

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
    cancelled_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="when it was called off; places that ended then ended by it"
    )
    ended_from = models.CharField(
        max_length=12, choices=SessionState, blank=True, default="", db_default="", editable=False,
        help_text="the state that it had when it was called off, for when that is taken back",
    )  # fmt: skip
    doors_open_at = models.DateTimeField(_("doors open"), null=True, blank=True)
    place = model_fields.LineField(_("place"), max_length=250, blank=True)
    online_link = model_fields.LinkField(_("online link"), max_length=500, blank=True)
    capacity = models.PositiveIntegerField(_("seats"), null=True, blank=True, validators=seats)
    capacity_online = models.PositiveIntegerField(_("seats online"), null=True, blank=True, validators=seats)
    for_whom = model_fields.LineField(_("for whom"), max_length=250, blank=True)
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
    reminder_text = model_fields.ParagraphsField(
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

    def note_as_it_is(self):
        """Remember what the history tells of, so that `changed_since` knows what came of it."""
        self._as_it_was = self._told()

    def changed_since(self):
        """What is another now than it was as the row was locked: field, old and new. Of a new row that is nothing."""
        if not hasattr(self, "_as_it_was"):
            return []
        was, now = self._as_it_was, self._told()
        return [(name, was[name], value) for name, value in now.items() if was[name] != value]

    def _told(self):
        names = {name: self._meta.get_field(name) for name in TOLD}
        return {name: getattr(self, field.attname) for name, field in names.items()}

    @property
    def is_dialogue(self):
        """By invitation only, in no public page, list or feed."""
        return bool(self.track_id and self.track.code == TrackCode.LEADERSHIP)

    @property
    def is_by_invitation(self):
        """Only who is invited by address may register, and knows of it."""
        return is_by_invitation(audience=self.audience, admission=self.admission)

    @property
    def is_closed_space(self):
        """A space where being there says something about a person, who therefore registers alone (domain.md 5.5).

        No attendance is noted of it, and no list leaves the portal.
        """
        in_peer_space = bool(self.activity_id) and self.activity.kind == ActivityKind.PEER_SPACE
        return self.confidentiality == Confidentiality.CLOSED_SPACE or in_peer_space

    @property
    def hides_who_takes_part(self):
        """Whether the audit trail says nothing of one person's doings here, not even when they were (core.audit)."""
        return self.is_dialogue or self.is_closed_space

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
        """Seats go to the organisation that has fewest, once people wait (domain.md 4.2).

        Never in a closed space: a line that goes by organisations tells each that a colleague is in it.
        """
        return self.most_per_organisation is not None and not self.is_closed_space

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

    def seats_for(self, form):
        """Those of `seats` that are for this form of attendance."""
        return self.seats[-1 if form == Form.ONLINE else 0]
