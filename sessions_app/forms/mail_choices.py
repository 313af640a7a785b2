from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.utils.translation import gettext_lazy as _

from core import form_fields, streams
from core.old_pages import GuardedForm
from core.streams import Wish
from leerlijnen.models import Following, LearningLine, Workstream
from members.models import User
from sessions_app.streams import NEWS


class MailChoicesForm(GuardedForm, forms.Form):
    """A question for each stream that the person may get mail of; below what is new, the lines to hear of."""

    helper = FormHelper()
    helper.add_input(Submit("", _("Save"), css_class="btn"))

    def __init__(self, *args, person: User, **kwargs):
        self.person = person
        super().__init__(*args, **kwargs)
        self.streams = streams.asked_of(person)
        rows = list(Following.objects.of_person(person))
        for stream in self.streams:
            self.fields[stream.code] = forms.ChoiceField(
                label=stream.label,
                help_text=stream.hint,
                choices=[(wish.value, wish.label) for wish in stream.wishes],
                initial=stream.wish_of(person),
                widget=forms.RadioSelect,
            )
            if stream == NEWS:
                self.fields["lines"] = form_fields.RowsField(
                    label=_("Learning lines that I follow"),
                    queryset=LearningLine.objects.visible_to(person),
                    initial=[row.learning_line_id for row in rows if row.learning_line_id],
                    required=False,
                    widget=forms.CheckboxSelectMultiple,
                )
                self.fields["workstreams"] = form_fields.RowsField(
                    label=_("Workstreams that I follow"),
                    queryset=Workstream.objects.visible_to(person),
                    initial=[row.workstream_id for row in rows if row.workstream_id],
                    required=False,
                    widget=forms.CheckboxSelectMultiple,
                )

    @property
    def guarded_row(self):
        return self.person

    def clean(self):
        given = super().clean() or {}
        wants_news = given.get(NEWS.code) in (Wish.AT_ONCE, Wish.DIGEST)
        if wants_news and not given.get("lines") and not given.get("workstreams"):
            self.add_error("lines", _("Choose at least one line or workstream, or “not at all” above."))
        return given

    @property
    def wishes(self) -> dict[str, str]:
        return {stream.code: self.cleaned_data[stream.code] for stream in self.streams}
