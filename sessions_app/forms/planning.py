"""What the moves of a session ask of staff in the admin. The actions refuse; these forms only read what was typed."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core import addresses, form_fields
from core.years import check_reach
from leerlijnen.models import Activity, LearningLine, PartosRole, Programme, Track, Workstream
from members.models import Language, Organisation
from sessions_app.actions import resuming
from sessions_app.actions.curation import TAKING_IN
from sessions_app.actions.planning import Schedule
from sessions_app.forms.moves import TEXT_LENGTH, MoveForm, ReasonForm
from sessions_app.models import Session
from sessions_app.rules import (
    LEAST_SEATS,
    MOST_SEATS,
    SEATS_WANTED,
    Admission,
    Audience,
    Confidentiality,
    Form,
)

DUTCH_TIME = _("Dutch time.")


class ResumeForm(ReasonForm):
    """How a session that was called off comes back, with how many people that is."""

    how = forms.ChoiceField(
        label=_("How"), widget=forms.RadioSelect, error_messages={"required": _("Choose how it is taken up again.")}
    )
    field_order = ["how", "reason"]

    def __init__(self, *args, session: Session, **kwargs):
        super().__init__(*args, session=session, **kwargs)
        ways = resuming.ways(session, now=timezone.now())
        self.fields["how"].choices = [(way.value, way.label) for way in ways]
        self.fields["how"].initial = ways[0] if ways else None


class GuestsForm(MoveForm):
    addresses = form_fields.ParagraphsField(
        label=_("E-mail addresses"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 8, "class": "vLargeTextField"}),
        help_text=_("Paste a list as you have it. Who is on the list already gets no second mail."),
        error_messages={"required": _("Write down at least one address.")},
    )

    language = forms.ChoiceField(
        label=_("Language of the mail"),
        choices=Language,
        initial=Language.NL,
        help_text=_("For who has no account yet. Who has one reads it in the language that she chose."),
    )

    def clean_addresses(self):
        """Addresses, each once; names what is none."""
        found, wrong = addresses.read_list(self.cleaned_data["addresses"])
        if wrong:
            raise forms.ValidationError(
                ngettext(
                    "This is no e-mail address: %(wrong)s. Correct it and send the list once more.",
                    "These are no e-mail addresses: %(wrong)s. Correct them and send the list once more.",
                    len(wrong),
                ),
                params={"wrong": ", ".join(wrong[:5])},
            )
        return found


class AskForm(MoveForm):
    question = form_fields.ParagraphsField(
        label=_("Question to the proposer"),
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
        error_messages={"required": _("Write down your question.")},
    )


class AcceptForm(MoveForm):
    activity = forms.ModelChoiceField(
        label=_("Activity"),
        queryset=Activity.objects.none(),
        required=False,
        empty_label=_("No activity"),
        help_text=_("The session takes the learning line and track of the activity."),
    )

    def __init__(self, *args, session, **kwargs):
        super().__init__(*args, session=session, **kwargs)
        self.fields["activity"].queryset = Activity.objects.filter(
            learning_line__programme=session.programme_id
        ).select_related("learning_line")
        self.fields["activity"].initial = session.activity_id


class MergeForm(MoveForm):
    into = forms.ModelChoiceField(
        label=_("Goes on in"),
        queryset=Session.objects.none(),
        help_text=_("The proposers of both are named there, and both get a mail."),
        error_messages={"required": _("Choose the session in which it goes on.")},
    )

    def __init__(self, *args, session, **kwargs):
        super().__init__(*args, session=session, **kwargs)
        others = Session.objects.filter(programme=session.programme_id, state__in=TAKING_IN)
        self.fields["into"].queryset = others.exclude(pk=session.pk).order_by("title")


class DateTimeInput(forms.DateTimeInput):
    """The browser's own date and time field; it sends and takes ISO 8601 in local time."""

    input_type = "datetime-local"

    def __init__(self):
        super().__init__(format="%Y-%m-%dT%H:%M")


def moment(label, *, required=False, help_text=DUTCH_TIME):
    return forms.DateTimeField(
        label=label,
        required=required,
        help_text=help_text,
        widget=DateTimeInput(),
        validators=[check_reach],
        error_messages={"invalid": _("Give a date and a time, such as 2027-03-15 14:00.")},
    )


def seats(label):
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=LEAST_SEATS,
        max_value=MOST_SEATS,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), SEATS_WANTED),
    )


class ScheduleForm(MoveForm):
    """When and where; for a new date and for moving."""

    starts_at = moment(_("Start"))
    ends_at = moment(_("End"))
    doors_open_at = moment(_("Doors open"), help_text=_("Dutch time. Only if people can walk in earlier."))
    form = forms.ChoiceField(label=_("Form"), choices=[("", "---------"), *Form.choices], required=False)
    place = form_fields.LineField(label=_("Place"), max_length=250, required=False)
    online_link = form_fields.LinkField(
        label=_("Online link"),
        max_length=500,
        required=False,
        assume_scheme="https",
        help_text=_("Only people who are registered see it."),
    )
    capacity = seats(_("Seats"))
    capacity_online = seats(_("Seats online"))
    registration_deadline = moment(
        _("Registration deadline"),
        help_text=_("Dutch time. Left as it is, it moves along. Empty: 17.00 on the working day before."),
    )

    def __init__(self, *args, session, **kwargs):
        super().__init__(*args, session=session, **kwargs)
        if session.is_dialogue:
            self.fields["registration_deadline"].help_text = _("A leadership dialogue needs none.")
        for name in ScheduleForm.base_fields:
            self.fields[name].initial = getattr(session, name)
        self.fields["capacity_online"].help_text = _("Only for a hybrid session.")

    def shown_state(self):
        return str(self.session.state)  # the date is a field, which is compared by itself

    def schedule(self) -> Schedule:
        return Schedule(**{name: self.cleaned_data[name] for name in ScheduleForm.base_fields})

    def arguments(self):
        return {"schedule": self.schedule()}


class PlanForm(ScheduleForm):
    for_whom = form_fields.LineField(
        label=_("For whom"), max_length=250, required=False, help_text=_("In words, as people read it.")
    )
    audience = forms.ChoiceField(
        label=_("Who may register"), choices=[("", "---------"), *Audience.choices], required=False
    )
    admission = forms.ChoiceField(label=_("Admission"), choices=[("", "---------"), *Admission.choices], required=False)
    confidentiality = forms.ChoiceField(
        label=_("Confidentiality"), choices=[("", "---------"), *Confidentiality.choices], required=False
    )
    past_is_meant = forms.BooleanField(
        label=_("This session has been held already; I record it afterwards."), required=False
    )

    def __init__(self, *args, session, **kwargs):
        super().__init__(*args, session=session, **kwargs)
        for name in ("for_whom", "audience", "admission", "confidentiality"):
            self.fields[name].initial = getattr(session, name)
        if session.is_dialogue:
            del self.fields["audience"], self.fields["admission"]
        else:
            self.fields["registration_deadline"].help_text = _("Dutch time. Empty: 17.00 on the working day before.")

    def arguments(self):
        own = ("for_whom", "audience", "admission", "confidentiality", "past_is_meant")
        return {"schedule": self.schedule(), **{name: self.cleaned_data[name] for name in own if name in self.fields}}


class PrepareForm(forms.ModelForm):
    """A session that members asked for by phone or in a meeting; all that a proposal asks."""

    use_required_attribute = False
    content_lead = forms.ModelChoiceField(
        label=_("Which organisation leads the content?"),
        queryset=Organisation.objects.none(),
        help_text=_("Always a member or partner. Partos facilitates and does not lead the content."),
        error_messages={"invalid_choice": _("A member or partner must lead the content.")},
    )

    class Meta:
        model = Session
        fields = [
            "programme", "learning_line", "track", "workstream", "activity", "title", "question", "language",
            "form", "partos_roles",
        ]  # fmt: skip
        widgets = {
            "title": forms.TextInput(attrs={"class": "vTextField"}),
            "question": forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
            "partos_roles": forms.CheckboxSelectMultiple,
        }
        field_classes = {"partos_roles": form_fields.RowsField}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["content_lead"].queryset = Organisation.objects.leading_content()
        self.fields["programme"].queryset = Programme.objects.order_by("-year")
        self.fields["learning_line"].queryset = LearningLine.objects.order_by("programme", "number")
        self.fields["track"].queryset = Track.objects.order_by("programme", "order")
        self.fields["workstream"].queryset = Workstream.objects.order_by("programme", "order")
        self.fields["partos_roles"].queryset = PartosRole.objects.order_by("programme", "order")
        for name in ("title", "question", "language", "partos_roles"):
            self.fields[name].required = True
        self.fields["partos_roles"].error_messages["required"] = _("Choose at least one of the four roles of Partos.")
        newest = self.fields["programme"].queryset.first()
        self.fields["programme"].initial = newest.pk if newest else None

    def clean(self):
        cleaned = super().clean()
        activity = cleaned.get("activity")
        if activity and (activity.learning_line, activity.track) != (
            cleaned.get("learning_line"),
            cleaned.get("track"),
        ):
            self.add_error("activity", _("This activity is of another learning line or track."))
        if bool(cleaned.get("learning_line")) == bool(cleaned.get("workstream")):
            self.add_error("workstream", _("Choose one learning line or one workstream."))
        if cleaned.get("learning_line") and not cleaned.get("track"):
            self.add_error("track", _("Choose for whom the session is: practitioners or leadership."))
        return cleaned

    def arguments(self):
        fields = dict(self.cleaned_data)
        return {name: fields.pop(name) for name in ("programme", "content_lead", "partos_roles")} | {"fields": fields}
