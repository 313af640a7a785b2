from django import forms
from django.utils.translation import gettext_lazy as _

from core import form_fields
from core.old_pages import GuardedModelForm
from integrity.rules import ForWhom


class RouteForm(GuardedModelForm):
    """A route, with a tick box for each group that it is for."""

    for_whom = forms.MultipleChoiceField(
        label=_("For whom"), choices=ForWhom, widget=forms.CheckboxSelectMultiple, required=False
    )
    web = form_fields.LinkField(label=_("Website"), max_length=500, assume_scheme="https", required=False)
