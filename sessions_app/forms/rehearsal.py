from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sessions_app.models import Session
from sessions_app.rules import LEAST_SEATS, MOST_SEATS, SEATS_WANTED

NAMES = ("seats", "online")


class RehearsalForm(forms.Form):
    """Other numbers of seats to try, one for each room; `session` has its seats counted (with_seats)."""

    use_required_attribute = False

    def __init__(self, *args, session: Session, **kwargs):
        super().__init__(*args, **kwargs)
        labels = [_("Seats on site"), _("Seats online")] if session.is_hybrid else [_("Seats")]
        for name, label, room in zip(NAMES, labels, session.seats, strict=False):
            self.fields[name] = forms.IntegerField(
                label=label,
                min_value=LEAST_SEATS,
                max_value=MOST_SEATS,
                initial=room.capacity,
                help_text=gettext("Now %(seats)s. Taken or held: %(held)s.")
                % {"seats": room.capacity, "held": room.held},
                error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), SEATS_WANTED),
            )
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True  # it asks by GET and changes nothing

    def capacities(self) -> list[int]:
        """In the order of the rooms."""
        return [self.cleaned_data[name] for name in self.fields]
