"""What can be done with mail, for the audit trail (core.audit)."""

from django.utils.translation import gettext_lazy as _

from core.audit import Verb

VERBS = (
    Verb("mail.sent_again", _("failed mail sent again"), on="core.OutgoingMail"),
    Verb("mail.address_tried_again", _("refused address tried again"), on="core.RefusedAddress"),
)
