from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from members.models import Language, User
from members.rules import one_line


class SignupDetails(forms.Form):
    """What sign-up asks beside the address."""

    name = forms.CharField(label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    function = forms.CharField(
        label=_("Your function"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization-title"}),
    )

    def clean_name(self):
        return one_line(self.cleaned_data["name"])

    def clean_function(self):
        return one_line(self.cleaned_data["function"])

    def signup(self, request, user: User) -> None:
        """Called by allauth before it mails the code; the mail is in the language of the page."""
        user.name = self.cleaned_data["name"]
        user.function = self.cleaned_data["function"]
        user.language = get_language() if get_language() in Language.values else Language.NL
        user.save(update_fields=["name", "function", "language"])
