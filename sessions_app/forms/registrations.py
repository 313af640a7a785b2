from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext_lazy as _

from members.models import Organisation
from sessions_app.rules import Form, Language, forms_of


class RegistrationForm(forms.Form):
    """What a registration asks (domain.md 4.2); name and address are the person's own and are shown, not asked."""

    organisation = forms.ModelChoiceField(
        label=_("For which organisation do you come?"),
        queryset=Organisation.objects.none(),
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(["required", "invalid_choice"], _("Choose an organisation that you work for.")),
    )
    form = forms.ChoiceField(
        label=_("How do you attend?"),
        choices=[],
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(["required", "invalid_choice"], _("Choose how you attend: on site or online.")),
    )
    function = forms.CharField(
        label=_("Your function"),
        max_length=120,
        required=False,
        help_text=_("The host sees it on the list of who is coming."),
    )
    needs_language = forms.ChoiceField(
        label=_("Which language do you need?"),
        choices=[("", _("No preference")), *Language.choices[:2]],
        required=False,
        help_text=_("So that the host knows whether to switch to English."),
    )

    def __init__(self, *args, session, person, organisations, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.fields["function"].initial = person.function
        self.fields["organisation"].queryset = Organisation.objects.filter(pk__in=[o.pk for o in organisations])
        ways = forms_of(session.form)
        self.fields["form"].choices = [(way, Form(way).label) for way in ways]
        if len(organisations) < 2:
            del self.fields["organisation"]
        if len(ways) == 1:
            del self.fields["form"]
        self.only = {
            "organisation": organisations[0] if organisations else None,
            "form": ways[0],
        }

    def wish(self):
        """The cleaned answers, with what there was no choice in."""
        return {**self.only, **self.cleaned_data}
