from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core import form_fields
from members.models import Language, User


class SignupDetails(forms.Form):
    """What sign-up asks beside the address."""

    name = form_fields.NameField(
        label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    function = form_fields.NameField(
        label=_("Your function"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization-title"}),
    )

    def signup(self, request, user: User) -> None:
        """Called by allauth before it mails the code; the mail is in the language of the page."""
        user.name = self.cleaned_data["name"]
        user.function = self.cleaned_data["function"]
        user.language = get_language() if get_language() in Language.values else Language.NL
        user.save(update_fields=["name", "function", "language"])
