from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core import form_fields
from core.old_pages import GuardedModelForm
from members import countries
from members.forms.profile import helper
from members.models import MailDomain, Organisation


class OrganisationForm(GuardedModelForm):
    """What the contact keeps about the organisation; its name and kind are Partos' to change."""

    country = forms.ChoiceField(label=_("Country"), choices=countries.choices)
    domains = form_fields.ParagraphsField(
        label=_("Mail domains"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "What stands behind the @ in the addresses of your colleagues, one on each line. A domain at which you have"
            " your own address counts at once; any other once Partos has confirmed it."
        ),
    )

    class Meta:
        model = Organisation
        fields = ["registration_number", "country", "size_class", "domains", "confirms_at_once"]

    helper = helper(_("Save"))

    def __init__(self, *args, instance, **kwargs):
        domains = "\n".join(sorted(row.domain for row in instance.mail_domains.all()))
        self.waiting_domains = [row for row in instance.mail_domains.all() if row.is_waiting]
        super().__init__(*args, instance=instance, initial={"domains": domains}, **kwargs)

    def clean_domains(self):
        """A list without doubles; what is wrong is told line by line."""
        rows = [
            MailDomain(organisation=self.instance, domain=line)
            for line in dict.fromkeys(self.cleaned_data["domains"].lower().split())
        ]
        wrong = []
        for row in rows:
            try:
                row.full_clean(exclude=["organisation"], validate_unique=False, validate_constraints=False)
            except ValidationError as error:
                wrong += [f"{row.domain}: {message}" for message in error.messages]
        if wrong:
            raise ValidationError(wrong)
        return sorted({row.domain for row in rows})

    @property
    def changes(self):
        """The fields of the row itself, as the action wants them."""
        return {name: value for name, value in self.cleaned_data.items() if name != "domains"}
