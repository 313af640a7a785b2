from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext_lazy as _

from core import form_fields
from core.old_pages import GuardedForm
from sessions_app.reminder_steps import LONGEST_REMINDER_TEXT, Step, read


class RemindersForm(GuardedForm, forms.Form):
    """When people are reminded of a session, and what its host adds."""

    steps = forms.MultipleChoiceField(
        label=_("When do people get a reminder?"),
        choices=Step.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Tick none to send no reminders. A moment that has passed is not made up for."),
        error_messages={"invalid_choice": _("Choose from the moments that are offered.")},
    )
    text = form_fields.ParagraphsField(
        label=_("What do you add?"),
        required=False,
        max_length=LONGEST_REMINDER_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("For example what to read or bring. Everyone who has a seat reads it. Write down no names."),
        error_messages={
            "max_length": _("Keep it to %(limit_value)s characters."),
        },
    )

    def __init__(self, *args, session, **kwargs):
        self.session = session
        initial = {"steps": read(session.reminder_steps), "text": session.reminder_text}
        super().__init__(*args, initial=initial, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False

    @property
    def guarded_row(self):
        return self.session
