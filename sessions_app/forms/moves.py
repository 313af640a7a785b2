"""The forms of a move of a session that several errands ask: nothing, or a reason."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core import form_fields
from core.old_pages import GuardedForm
from sessions_app.models import Session

TEXT_LENGTH = 2000
NARROW = (forms.DateTimeInput, forms.NumberInput)


class MoveForm(GuardedForm, forms.Form):
    """Base: a move that asks nothing. `arguments` are those of the action.

    A move is made with what its page showed: the state and the date, and `beside` what else it was about.
    """

    use_required_attribute = False

    def __init__(self, *args, session: Session, beside: str = "", **kwargs):
        self.session, self.beside = session, beside
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field.widget, forms.TextInput | forms.URLInput) and not isinstance(field.widget, NARROW):
                field.widget.attrs.setdefault("class", "vTextField")

    @property
    def guarded_row(self):
        return self.session

    def shown_state(self):
        return f"{self.session.state}/{self.session.starts_at}/{self.session.ends_at}/{self.beside}"

    def arguments(self) -> dict:
        return dict(self.cleaned_data)


class ReasonForm(MoveForm):
    reason = form_fields.ParagraphsField(
        label=_("Reason"),
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
        help_text=_("The people concerned read this. Write down no names and no incidents."),
        error_messages={"required": _("Write down why; it is sent to the people concerned.")},
    )
