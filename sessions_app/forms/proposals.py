"""The short steps of a proposal. Each keeps what is right in it, complete or not."""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core import form_fields
from core.old_pages import GuardedForm
from leerlijnen.models import PartosRole
from leerlijnen.rules import TrackCode
from members.models import Organisation
from members.permissions import standing_of
from sessions_app.periods import has_passed
from sessions_app.rules import QUESTION_LENGTH, TITLE_LENGTH, Form, HostingPart, Language

TEXT_LENGTH = 2000


def in_language(text, code):
    """A title of the document, marked where the page is in another language."""
    return text if code == get_language() else format_html('<span lang="{}">{}</span>', code, text)


class ProposalForm(GuardedForm, forms.Form):
    """Base of the steps: `complete=False` lets fields stay empty, for who goes on later."""

    use_required_attribute = False  # our own sentences say what is missing, above the form and at the field

    def __init__(self, *args, session, person, today, complete=True, **kwargs):
        self.session, self.person, self.today = session, person, today
        super().__init__(*args, initial=self.initial_of(session), **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True  # the template's own form tag has it
        if not complete:
            for field in self.fields.values():
                field.required = False
        for field in self.fields.values():
            # A browser would cut a pasted text off in silence; the server says how long it may be.
            field.widget.attrs.pop("maxlength", None)

    @property
    def guarded_row(self):
        return self.session

    def initial_of(self, session) -> dict[str, Any]:
        raise NotImplementedError

    def draft_values(self) -> dict[str, Any]:
        """What of this step is right, as arguments of actions.proposals.save_draft."""
        return {"changes": dict(self.cleaned_data)}


class SubjectForm(ProposalForm):
    subject = forms.ChoiceField(
        label=_("What does it belong to?"),
        widget=forms.RadioSelect,
        help_text=_("A learning line has two tracks. Integrity and quality are workstreams; they have none."),
        error_messages={"required": _("Choose one learning line or one workstream.")},
    )
    track = forms.ChoiceField(
        label=_("Who is it for?"),
        widget=forms.RadioSelect,
        help_text=_("Only for a learning line. Leadership dialogues are by invitation."),
        error_messages={"required": _("Choose for whom the session is: practitioners or leadership.")},
    )
    activity = forms.ChoiceField(
        label=_("Is it part of an activity of the programme?"),
        required=False,
        help_text=_("Leave this empty if you are not sure."),
    )

    def __init__(self, *args, session, **kwargs):
        programme = session.programme
        self.lines = {f"line-{line.slug}": line for line in programme.learning_lines.all()}
        self.workstreams = {f"workstream-{row.slug}": row for row in programme.workstreams.all()}
        self.tracks = {track.code: track for track in programme.tracks.all()}
        self.activities = {
            activity.slug: activity for line in self.lines.values() for activity in line.activities.all()
        }
        super().__init__(*args, session=session, **kwargs)
        self.fields["subject"].choices = [
            (
                _("Learning line"),
                [(key, in_language(line.title, line.title_language)) for key, line in self.lines.items()],
            ),
            (_("Workstream"), [(key, in_language(row.title, "nl")) for key, row in self.workstreams.items()]),
        ]
        self.fields["track"].choices = [
            (code, {TrackCode.PRACTITIONER: _("Practitioner: people who do the work in programmes"),
                    TrackCode.LEADERSHIP: _("Leadership: management and directors")}[code])
            for code in self.tracks
        ]  # fmt: skip
        self.fields["activity"].choices = [
            ("", _("No, or I do not know")),
            *(
                (line.title, [(activity.slug, activity.title) for activity in line.activities.all()])
                for line in self.lines.values()
            ),
        ]

    def initial_of(self, session):
        subject = f"line-{session.learning_line.slug}" if session.learning_line else ""
        if session.workstream:
            subject = f"workstream-{session.workstream.slug}"
        return {
            "subject": subject,
            "track": session.track.code if session.track else "",
            "activity": session.activity.slug if session.activity else "",
        }

    def clean(self):
        line = self.lines.get(self.cleaned_data.get("subject"))
        track = self.tracks.get(self.cleaned_data.get("track"))
        activity = self.activities.get(self.cleaned_data.get("activity"))
        if not line:
            self.errors.pop("track", None)  # a workstream has no tracks, and without a subject that is said first
        if activity and (activity.learning_line, activity.track) != (line, track):
            self.add_error("activity", _("This activity is of another learning line or track."))
        return self.cleaned_data

    def draft_values(self):
        subject = self.cleaned_data.get("subject", "")
        return {
            "changes": {
                "learning_line": self.lines.get(subject),
                "workstream": self.workstreams.get(subject),
                "track": self.tracks.get(self.cleaned_data.get("track")) if subject in self.lines else None,
                "activity": self.activities.get(self.cleaned_data.get("activity")),
            }
        }


class QuestionForm(ProposalForm):
    title = form_fields.LineField(
        label=_("Title"),
        max_length=TITLE_LENGTH,
        help_text=_("Short, so that a colleague sees at once what it is about."),
        error_messages={
            "required": _("Give the session a title."),
            "max_length": _("Make the title at most %(limit_value)d characters; it has %(show_value)d now."),
        },
    )
    question = form_fields.ParagraphsField(
        label=_("Which question is it about?"),
        max_length=QUESTION_LENGTH,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("What do you want to find out, decide or change together? Write down no names and no incidents."),
        error_messages={
            "required": _("Write down the question that the session is about."),
            "max_length": _("Make the question at most %(limit_value)d characters; it has %(show_value)d now."),
        },
    )

    def initial_of(self, session):
        return {"title": session.title, "question": session.question}


class WhoForm(ProposalForm):
    content_lead = forms.ChoiceField(
        label=_("Which organisation leads the content?"),
        help_text=_("Always a member or partner. Partos facilitates and does not lead the content."),
        error_messages={
            "required": _("Choose the organisation that leads the content."),
            "invalid_choice": _("A member or partner must lead the content."),
        },
    )
    language = forms.ChoiceField(
        label=_("In which language?"),
        choices=Language.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the language of the session.")},
    )
    form = forms.ChoiceField(
        label=_("On site or online?"),
        choices=[*Form.choices, ("", _("I do not know yet"))],
        required=False,
        widget=forms.RadioSelect,
    )
    period_wished = form_fields.LineField(
        label=_("When would suit you?"),
        max_length=120,
        required=False,
        help_text=_("A period is enough, such as “spring” or “after 15 March”. Partos sets the date with you."),
        error_messages={"max_length": _("Use at most %(limit_value)d characters here; it has %(show_value)d now.")},
    )

    def __init__(self, *args, person, **kwargs):
        super().__init__(*args, person=person, **kwargs)
        own = {organisation.pk for organisation in standing_of(person).organisations}
        self.organisations = {str(row.pk): row for row in Organisation.objects.leading_content()}
        grouped: dict[bool, list] = {True: [], False: []}
        for key, row in self.organisations.items():
            grouped[row.pk in own].append((key, row.name))
        self.fields["content_lead"].choices = [
            ("", _("Choose an organisation")),
            (_("My organisation"), grouped[True]),
            (_("Other members and partners"), grouped[False]),
        ]

    def initial_of(self, session):
        leads = [row for row in session.hostings.all() if row.part == HostingPart.CONTENT_LEAD]
        return {
            "content_lead": str(leads[0].organisation_id) if leads else "",
            "language": session.language,
            "form": session.form,
            "period_wished": session.period_wished,
        }

    def clean_period_wished(self):
        period = self.cleaned_data["period_wished"]
        if has_passed(period, self.today):
            raise forms.ValidationError(_("This has passed. Name a period that is still to come."))
        return period

    def draft_values(self):
        changes = dict(self.cleaned_data)
        return {"content_lead": self.organisations.get(changes.pop("content_lead", "")), "changes": changes}


class RoleChoiceField(form_fields.RowsField):
    """The document's words, with a short explanation in the language of the page."""

    def label_from_instance(self, obj):
        text = in_language(obj.text, "nl")
        if not obj.explanation_here:
            return text
        return format_html('<strong>{}</strong><br><span class="muted">{}</span>', text, obj.explanation_here)


class RolesForm(ProposalForm):
    partos_roles = RoleChoiceField(
        label=_("What do you need Partos for?"),
        queryset=PartosRole.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Choose at least one. Partos facilitates each session on the basis of these four points."),
        error_messages={"required": _("Choose at least one of the four roles of Partos.")},
    )

    def __init__(self, *args, session, **kwargs):
        super().__init__(*args, session=session, **kwargs)
        self.fields["partos_roles"].queryset = session.programme.partos_roles.all()

    def initial_of(self, session):
        return {"partos_roles": [role.pk for role in session.partos_roles.all()]}

    def draft_values(self):
        return {"partos_roles": self.cleaned_data.get("partos_roles"), "changes": {}}


class AnswerForm(forms.Form):
    use_required_attribute = False

    text = form_fields.ParagraphsField(
        label=_("Your answer"),
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={
            "required": _("Write down your answer."),
            "max_length": _("Use at most %(limit_value)d characters here; it has %(show_value)d now."),
        },
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["text"].widget.attrs.pop("maxlength", None)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True  # the template's own form tag has it
