from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.utils.translation import gettext_lazy as _

from core.old_pages import GuardedModelForm
from members.models import Organisation, User


def helper(label) -> FormHelper:
    """A form with one button."""
    made = FormHelper()
    made.add_input(Submit("", label, css_class="btn"))
    return made


class ProfileForm(GuardedModelForm):
    class Meta:
        model = User
        fields = ["name", "function", "language"]
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "function": forms.TextInput(attrs={"autocomplete": "organization-title"}),
            "language": forms.RadioSelect,
        }

    helper = helper(_("Save"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True
        self.fields["name"].help_text = _("Others in your sessions and groups see this name.")
        self.fields["language"].label = _("Language of the mail that I get")


class AffiliationRequestForm(forms.Form):
    organisation = forms.ModelChoiceField(
        label=_("Which organisation do you work for?"),
        queryset=Organisation.objects.none(),
        empty_label=_("Choose an organisation"),
        error_messages={"invalid_choice": _("Choose an organisation from the list.")},
    )

    helper = helper(_("Ask to be linked"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = Organisation.objects.joined_by_asking()
