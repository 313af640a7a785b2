"""A year's programme: the rows that its document has."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from core import model_fields
from core.visitor_pages import ShownQuerySet, ShownToVisitors
from leerlijnen.rules import (
    DARK_PAPER,
    GROUP_KINDS,
    LEAST_CONTRAST,
    PAPER,
    WHITE,
    ActivityKind,
    MembershipState,
    PartosRoleCode,
    TrackCode,
    WorkstreamCode,
    too_faint,
)

COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
is_colour = RegexValidator(rf"^{COLOUR.pattern}\Z", _("Give a colour as # and six digits or letters a to f."))


class Language(models.TextChoices):
    NL = "nl", _("Dutch")
    EN = "en", _("English")


class Explained(ShownToVisitors):
    """A row of the document with a short explanation in our own words, in both languages."""

    explanation = model_fields.ParagraphsField(_("explanation"), blank=True)
    explanation_en = model_fields.ParagraphsField(_("explanation in English"), blank=True)

    class Meta:
        abstract = True

    @property
    def explanation_here(self):
        """In the language of the page; Dutch where English is missing."""
        return (get_language() == "en" and self.explanation_en) or self.explanation


class PublicQuerySet(ShownQuerySet):
    def visible_to(self, person):
        """The programme is public (domain.md 3)."""
        return self


class ProgrammeQuerySet(PublicQuerySet):
    def current(self, year):
        """The newest one up to `year`; before the first programme has begun, that one. None where there is none."""
        return self.filter(year__lte=year).order_by("-year").first() or self.order_by("year").first()

    def years(self, now):
        """The years that something can be planned in: of the programmes and of `now`, with one year around them."""
        found = self.aggregate(first=models.Min("year"), last=models.Max("year"))
        this_year = timezone.localdate(now).year
        return range(min(found["first"] or this_year, this_year) - 1, max(found["last"] or this_year, this_year) + 2)


class Programme(ShownToVisitors):
    """A year's programme, word for word as its document has it; lists keep the document's order."""

    identifier = models.SlugField(_("identifier"), unique=True)
    year = models.PositiveSmallIntegerField(_("year"), unique=True)
    document_title = model_fields.LineField(_("title of the document"), max_length=200)
    planning_title = model_fields.LineField(_("title of the planning"), max_length=200)
    goal_heading = model_fields.LineField(_("heading of the purpose"), max_length=200)
    goal = models.JSONField(_("purpose"), help_text=_("A list of sentences."))
    setup_heading = model_fields.LineField(_("heading of the set-up"), max_length=200)
    setup = models.JSONField(_("set-up"), help_text=_("A list of points with n, title, text and, for one, boundary."))
    lines_heading = model_fields.LineField(_("heading of the lines"), max_length=200)
    lines_intro = model_fields.ParagraphsField(_("introduction of the lines"))
    by_members_heading = model_fields.LineField(_("heading of by and for members"), max_length=200)
    by_members_text = model_fields.ParagraphsField(_("by and for members"))
    workstreams_heading = model_fields.LineField(_("heading of the workstreams"), max_length=200)
    workstreams_text = model_fields.ParagraphsField(_("introduction of the workstreams"))

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        ordering = ["-year"]

    def __str__(self):
        return self.document_title


class PartosRole(Explained):
    """One of the four points on the basis of which Partos facilitates sessions."""

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="partos_roles", verbose_name=_("programme"))
    code = models.CharField(_("code"), max_length=40, choices=PartosRoleCode)
    order = models.PositiveSmallIntegerField(_("order"))
    text = model_fields.LineField(_("text"), max_length=200)

    class Meta:
        verbose_name = _("role of Partos")
        verbose_name_plural = _("roles of Partos")
        ordering = ["order"]
        constraints = [models.UniqueConstraint(fields=["programme", "code"], name="one_partos_role_per_code")]

    def __str__(self):
        return self.text


class Coloured(models.Model):
    """A colour on light and on dark paper with the tint behind it; checked for contrast on save."""

    colour = model_fields.LineField(_("colour"), max_length=7, validators=[is_colour])
    tint = model_fields.LineField(_("tint"), max_length=7, validators=[is_colour])
    colour_dark = model_fields.LineField(_("colour in the dark"), max_length=7, validators=[is_colour])

    class Meta:
        abstract = True

    def clean(self):
        super().clean()
        if not all(COLOUR.fullmatch(colour) for colour in (self.colour, self.tint, self.colour_dark)):
            return  # the fields' own validator says so
        for field, grounds in (("colour", (PAPER, WHITE, self.tint)), ("colour_dark", (DARK_PAPER,))):
            if ratio := too_faint(getattr(self, field), *grounds):
                raise ValidationError(
                    {
                        field: gettext("Too little contrast: %(ratio)s to 1, at least %(least)s is needed to read it.")
                        % {"ratio": round(ratio, 1), "least": LEAST_CONTRAST}
                    }
                )


class LearningLine(Coloured, Explained):
    programme = models.ForeignKey(Programme, models.CASCADE, related_name="learning_lines", verbose_name=_("programme"))
    slug = models.SlugField(_("identifier"), unique=True)
    number = models.PositiveSmallIntegerField(_("number"))
    title = model_fields.LineField(_("title"), max_length=200)
    title_language = models.CharField(_("language of the title"), max_length=2, choices=Language, default=Language.EN)
    text = model_fields.ParagraphsField(_("text"))

    objects = PublicQuerySet.as_manager()

    class Meta:
        verbose_name = _("learning line")
        verbose_name_plural = _("learning lines")
        ordering = ["programme", "number"]
        constraints = [models.UniqueConstraint(fields=["programme", "number"], name="one_line_per_number")]

    def __str__(self):
        return self.title


class Track(ShownToVisitors):
    """An audience stream of the programme; its goals and formats hold for each line."""

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="tracks", verbose_name=_("programme"))
    code = models.CharField(_("code"), max_length=12, choices=TrackCode)
    order = models.PositiveSmallIntegerField(_("order"))
    title = model_fields.LineField(_("title"), max_length=100)
    table_label = model_fields.LineField(_("in the table"), max_length=100)

    class Meta:
        verbose_name = _("track")
        verbose_name_plural = _("tracks")
        ordering = ["order"]
        constraints = [models.UniqueConstraint(fields=["programme", "code"], name="one_track_per_code")]

    def __str__(self):
        return self.table_label


class TrackGoal(ShownToVisitors):
    track = models.ForeignKey(Track, models.CASCADE, related_name="goals", verbose_name=_("track"))
    order = models.PositiveSmallIntegerField(_("order"))
    text = model_fields.LineField(_("text"), max_length=100)

    class Meta:
        ordering = ["order"]

    def __str__(self):
        return self.text


class TrackFormat(ShownToVisitors):
    track = models.ForeignKey(Track, models.CASCADE, related_name="formats", verbose_name=_("track"))
    order = models.PositiveSmallIntegerField(_("order"))
    text = model_fields.LineField(_("text"), max_length=100)

    class Meta:
        ordering = ["order"]

    def __str__(self):
        return self.text


class WorkstreamQuerySet(PublicQuerySet):
    def current(self, code, year):
        """That workstream in the newest programme up to `year`, before the first of them in that one; or None."""
        own = self.filter(code=code)
        newest = own.filter(programme__year__lte=year).order_by("-programme__year").first()
        return newest or own.order_by("programme__year").first()


class Workstream(Explained):
    """Integrity or quality: continued work beside the lines, without tracks."""

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="workstreams", verbose_name=_("programme"))
    code = models.CharField(_("code"), max_length=20, choices=WorkstreamCode)
    slug = models.SlugField(_("identifier"), unique=True)
    order = models.PositiveSmallIntegerField(_("order"))
    title = model_fields.LineField(_("title"), max_length=100)

    objects = WorkstreamQuerySet.as_manager()

    class Meta:
        verbose_name = _("workstream")
        verbose_name_plural = _("workstreams")
        ordering = ["order"]
        constraints = [models.UniqueConstraint(fields=["programme", "code"], name="one_workstream_per_code")]

    def __str__(self):
        return self.title


class WorkstreamPoint(ShownToVisitors):
    workstream = models.ForeignKey(Workstream, models.CASCADE, related_name="points", verbose_name=_("workstream"))
    order = models.PositiveSmallIntegerField(_("order"))
    text = model_fields.ParagraphsField(_("text"))

    class Meta:
        ordering = ["order"]

    def __str__(self):
        return self.text


class ActivityQuerySet(PublicQuerySet):
    def groups(self):
        return self.filter(kind__in=GROUP_KINDS)

    def with_group_size(self):
        """Adds `members_number`, counted."""
        return self.annotate(
            members_number=Count("memberships", filter=Q(memberships__state=MembershipState.MEMBER), distinct=True)
        )


class Activity(Explained):
    """A planned line of the programme, container of sessions. It has no date of its own."""

    learning_line = models.ForeignKey(
        LearningLine, models.CASCADE, related_name="activities", verbose_name=_("learning line")
    )
    track = models.ForeignKey(Track, models.PROTECT, related_name="activities", verbose_name=_("track"))
    code = models.CharField(_("code"), max_length=10)
    slug = models.SlugField(_("identifier"), max_length=120, unique=True)
    order = models.PositiveSmallIntegerField(_("order"))
    kind = models.CharField(_("kind"), max_length=20, choices=ActivityKind)
    title = model_fields.LineField(_("title"), max_length=200)
    title_language = models.CharField(_("language of the title"), max_length=2, choices=Language, default=Language.EN)
    verbatim = model_fields.LineField(_("in the document"), max_length=300)
    co_host = model_fields.LineField(
        _("co-hosting with"), max_length=120, blank=True, help_text=_("Only where the document names one.")
    )
    facilitation_note = model_fields.LineField(_("remark in the document"), max_length=200, blank=True)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        ordering = ["learning_line__number", "order"]
        constraints = [models.UniqueConstraint(fields=["learning_line", "code"], name="one_activity_per_code")]

    def __str__(self):
        return self.title

    @property
    def hides_who_takes_part(self):
        """Whether the audit trail says nothing of one person's doings here, not even when they were (core.audit)."""
        return self.kind == ActivityKind.PEER_SPACE

    @property
    def is_group(self):
        return self.kind in GROUP_KINDS

    @property
    def is_dialogue(self):
        return self.kind == ActivityKind.LEADERSHIP_DIALOGUE

    @property
    def co_hosting_remark(self):
        """As the document has it: `co-hosting met ngo-federatie`."""
        return f"co-hosting met {self.co_host}" if self.co_host else ""
