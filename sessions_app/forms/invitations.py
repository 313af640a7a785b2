from django import forms
from django.utils.translation import gettext_lazy as _

from members.models import Organisation
from sessions_app.models import Invitation, Session


class InviteForm(forms.ModelForm):
    """Whom to invite to which dialogue; the action refuses what is not possible now."""

    class Meta:
        model = Invitation
        fields = ["session", "name", "email", "organisation", "function", "language"]
        help_texts = {
            "email": _("The person's own address: the link is personal and opens without an account."),
            "language": _("Of the mail."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["session"].queryset = Session.objects.dialogues_that_invite().order_by("starts_at")
        self.fields["session"].empty_label = None
        self.fields["organisation"].queryset = Organisation.objects.order_by("name")
