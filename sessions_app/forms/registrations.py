from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext_lazy as _

from core import form_fields
from core.old_pages import GuardedForm
from members.models import Organisation
from sessions_app.rules import NEEDS_LENGTH, Form, Language, forms_of, is_online_only


def needs_field():
    """One free text that says who reads it and for how long (domain.md 4.2, 5.5). See `leave_out_food`."""
    return form_fields.ParagraphsField(
        label=_("Do you need something to be able to come, or to eat along?"),
        max_length=NEEDS_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": _("Keep it to %(limit_value)s characters.")},
        help_text=_(
            "For instance a lift, an interpreter or food without nuts. Only the Partos team reads this, not the host."
            " It is deleted two weeks after the session, or once you do not come; from our backups two weeks later."
            " Write no more than is needed."
        ),
    )


def leave_out_food(field):
    """Ask only about access: who attends online eats at home, and what is not asked need not be kept."""
    field.label = _("Do you need something to be able to take part?")
    field.help_text = _(
        "For instance subtitles or an interpreter. Only the Partos team reads this, not the host."
        " It is deleted two weeks after the session, or once you do not come; from our backups two weeks later."
        " Write no more than is needed."
    )


class NeedsForm(GuardedForm, forms.Form):
    """What someone needs, apart from the registration; empty deletes it."""

    needs = needs_field()

    def __init__(self, *args, registration, is_online, **kwargs):
        self.registration = registration
        super().__init__(*args, initial={"needs": registration.needs_text}, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        if is_online:
            leave_out_food(self.fields["needs"])

    @property
    def guarded_row(self):
        return self.registration


class ColleagueForm(forms.Form):
    """Who is registered, from the list of `affiliations`, and how she attends. What she needs she tells herself."""

    colleague = forms.ChoiceField(
        label=_("Which colleague?"),
        error_messages=dict.fromkeys(["required", "invalid_choice"], _("Choose a colleague of your own organisation.")),
    )
    needs_language = forms.ChoiceField(
        label=_("Which language does your colleague need?"),
        choices=[("", _("No preference")), *Language.choices[:2]],
        required=False,
    )

    def __init__(self, *args, session, affiliations, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.choices = {f"{a.organisation_id}-{a.person_id}": a for a in affiliations}
        by_organisation = {}
        for value, affiliation in self.choices.items():
            by_organisation.setdefault(str(affiliation.organisation), []).append((value, str(affiliation.person)))
        groups = list(by_organisation.items())
        options = groups[0][1] if len(groups) == 1 else groups
        self.fields["colleague"].choices = [("", _("Choose a colleague")), *options]
        self.ways = forms_of(session.form)
        if len(self.ways) > 1:
            self.fields["form"] = forms.ChoiceField(
                label=_("How does your colleague attend?"),
                choices=[(way, Form(way).label) for way in self.ways],
                widget=forms.RadioSelect,
                error_messages=dict.fromkeys(["required", "invalid_choice"], _("Choose: on site or online.")),
            )

    def wish(self):
        """The cleaned answers, for the action."""
        cleaned = self.cleaned_data
        chosen = self.choices[cleaned["colleague"]]
        return {
            "colleague": chosen.person,
            "organisation": chosen.organisation,
            "form": cleaned.get("form", self.ways[0]),
            "needs_language": cleaned["needs_language"],
        }


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
    function = form_fields.NameField(
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
    needs = needs_field()

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
        if is_online_only(session.form):
            leave_out_food(self.fields["needs"])
        self.only = {
            "organisation": organisations[0] if organisations else None,
            "form": ways[0],
        }

    def wish(self):
        """The cleaned answers, with what there was no choice in."""
        return {**self.only, **self.cleaned_data}
