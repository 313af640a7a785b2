"""What making a series asks of staff. What is wrong with dates, `repetition` says; these forms read what was typed."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core import form_fields
from core.years import check_reach
from sessions_app.forms.planning import moment
from sessions_app.repetition import MOST_DATES, Rule, Span, Unit, spans_by_hand, spans_by_rule
from sessions_app.rules import TITLE_LENGTH, SeriesRegistration

BY_RULE, BY_HAND = "rule", "hand"
ROWS = "rows"


class SeriesForm(forms.Form):
    """A series and its dates, by rule or one by one, from a session that is the first date."""

    use_required_attribute = False
    title = form_fields.LineField(
        label=_("Title of the series"), max_length=TITLE_LENGTH, widget=forms.TextInput(attrs={"class": "vTextField"}),
        error_messages={"required": _("Give the series a title.")},
    )  # fmt: skip
    registration = forms.ChoiceField(
        label=_("People register"), choices=SeriesRegistration, widget=forms.RadioSelect,
        initial=SeriesRegistration.WHOLE,
        error_messages={"required": _("Choose for what people register.")},
    )  # fmt: skip
    how = forms.ChoiceField(
        label=_("The other dates"),
        choices=[(BY_RULE, _("by rule: fill in the four fields below")), (BY_HAND, _("one by one: write them down"))],
        widget=forms.RadioSelect,
        initial=BY_RULE,
    )
    every = forms.IntegerField(
        label=_("Every"), initial=1, required=False, error_messages={"invalid": _("Give a whole number.")}
    )
    unit = forms.ChoiceField(label=_("weeks or months"), choices=Unit, required=False)
    times = forms.IntegerField(
        label=_("Number of times"),
        required=False,
        help_text=_("The first date too. Or give the last day."),
        error_messages={"invalid": _("Give a whole number.")},
    )
    until = forms.DateField(
        label=_("Until and including"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[check_reach],
        error_messages={"invalid": _("Give a day, such as 2027-03-15.")},
    )
    dates = form_fields.ParagraphsField(
        label=_("Dates"),
        required=False,
        max_length=60 * MOST_DATES,
        widget=forms.Textarea(attrs={"rows": 6, "class": "vLargeTextField"}),
        help_text=_("One date a line, as 15-3-2027, or with other hours as 15-3-2027 14.15-15.45. Dutch time."),
    )

    def spans(self, first: Span) -> list[Span]:
        """The dates beside the first. Raises RuleRefused at the field that is wrong."""
        typed = self.cleaned_data
        if typed["how"] == BY_HAND:
            return spans_by_hand(typed["dates"], first)
        every = 1 if typed["every"] is None else typed["every"]
        rule = Rule(typed["unit"] or Unit.WEEKS, every, times=typed["times"], until=typed["until"])
        return spans_by_rule(first, rule)


class DateForm(forms.Form):
    """One date of the preview: left out, or at other hours."""

    use_required_attribute = False
    keep = forms.BooleanField(label=_("Make this date"), required=False)
    starts_at = moment(_("Start"), required=True, help_text="")
    ends_at = moment(_("End"), required=True, help_text="")

    def span(self) -> Span:
        return Span(self.cleaned_data["starts_at"], self.cleaned_data["ends_at"])


class AddDateForm(forms.Form):
    """One more date of a series that is there."""

    use_required_attribute = False
    starts_at = moment(_("Start"), required=True)
    ends_at = moment(_("End"), required=True)

    def span(self) -> Span:
        return Span(self.cleaned_data["starts_at"], self.cleaned_data["ends_at"])


def date_forms(spans: list[Span]) -> list[DateForm]:
    """The rows of a preview, each with what the rule made."""
    return [
        DateForm(prefix=f"date-{number}", initial={"keep": True, "starts_at": span.starts_at, "ends_at": span.ends_at})
        for number, span in enumerate(spans)
    ]


def date_forms_sent(data) -> list[DateForm]:
    """The rows of a preview as they came back; no more than a series can have."""
    typed = data.get(ROWS, "")
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 0
    return [DateForm(data, prefix=f"date-{row}") for row in range(min(number, MOST_DATES))]
