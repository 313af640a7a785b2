from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from core import form_fields

NOTE_LENGTH = 500


class DecideForm(forms.Form):
    """Whom of those who asked for a seat to admit, or not, and what to tell them."""

    who = form_fields.RowsField(
        label=_("Who"),
        queryset=None,
        required=False,
        error_messages={"invalid_choice": _("Somebody was decided about meanwhile. Look at who is left.")},
    )
    everyone = forms.BooleanField(label=_("Everyone who asks"), required=False)
    note = form_fields.ParagraphsField(
        label=_("A sentence to them"),
        max_length=NOTE_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "form-control", "aria-describedby": "id_note_helptext"}),
        help_text=_("It stands in the mail and is kept nowhere else. Write down no names."),
        error_messages={"max_length": format_lazy(_("Keep it to {most} characters."), most=NOTE_LENGTH)},
    )
    decision = forms.ChoiceField(
        choices=[("admit", _("Admit")), ("refuse", _("Do not admit"))],
        error_messages={"required": _("Choose one of the buttons."), "invalid_choice": _("Choose one of the buttons.")},
    )

    def __init__(self, *args, session, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["who"].queryset = session.registrations.requested()

    def clean(self):
        given = super().clean() or {}
        if given.get("everyone"):
            given["who"] = self.fields["who"].queryset
        if not given.get("who") and "who" not in self.errors:
            self.add_error("who", _("Tick at least one person who still waits for an answer."))
        return given

    @property
    def keys(self) -> list[int]:
        return [row.pk for row in self.cleaned_data["who"]]

    @property
    def admits(self) -> bool:
        return self.cleaned_data["decision"] == "admit"

    @property
    def ticked(self) -> set[str]:
        """The keys that were ticked, as text, for a page that comes back."""
        return set(self.data.getlist("who")) if self.is_bound else set()
