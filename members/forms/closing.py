from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.utils.translation import gettext_lazy as _


class CloseAccountForm(forms.Form):
    understood = forms.BooleanField(
        label=_("Yes, close my account"),
        error_messages={"required": _("Tick this if you are sure.")},
    )

    helper = FormHelper()
    helper.add_input(Submit("", _("Close my account"), css_class="btn btn-danger"))
