from django.contrib import admin, messages
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core import audit, delivery, mail
from core.models import AuditEntry, OutgoingMail


class ReadOnlyAdmin(admin.ModelAdmin):
    """For rows that the portal writes and nobody edits."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(OutgoingMail)
class OutgoingMailAdmin(ReadOnlyAdmin):
    """What went out and what waits; what failed can be sent again."""

    list_display = ["queued_at", "subject", "to", "language", "state", "attempts", "sent_at"]
    list_filter = ["state", "urgent", "language", "kind"]
    search_fields = ["to", "subject", "key"]
    date_hierarchy = "queued_at"
    ordering = ["-queued_at", "-pk"]
    actions = ["send_again"]
    fields = [
        "subject", "to", "language", "state", "shown_text", "attachment_names", "queued_at", "next_attempt_at",
        "expires_at", "attempts", "sent_at", "error", "kind", "key", "urgent",
    ]  # fmt: skip

    def get_queryset(self, request):
        return OutgoingMail.objects.visible_to(request.user)

    @admin.display(description=_("text"))
    def shown_text(self, row):
        """Personal links stay hidden: they are for the reader alone."""
        return row.text_for_staff

    @admin.display(description=_("attachments"))
    def attachment_names(self, row):
        return ", ".join(attachment["name"] for attachment in row.attachments) or "-"

    @admin.action(description=_("Send failed mail again"), permissions=["view"])
    def send_again(self, request, queryset):
        """Only what failed; the rest of the selection is left alone."""
        now = timezone.now()
        failed = list(queryset.can_be_sent_again())
        number = delivery.send_again(queryset, now=now)
        for row in failed:
            audit.record("mail.sent_again", row, actor=request.user, now=now)
        if not number:
            self.message_user(request, _("None of these had failed."), messages.WARNING)
            return
        mail.wake()
        text = ngettext("%(number)s mail is on its way again.", "%(number)s mails are on their way again.", number)
        self.message_user(request, text % {"number": number}, messages.SUCCESS)


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """Who did what to which row, in codes."""

    list_display = ["at", "verb", "actor", "target_type", "target_id", "codes"]
    list_filter = ["verb", "target_type"]
    list_select_related = ["actor"]
    search_fields = ["verb", "=target_id", "actor__email"]
    date_hierarchy = "at"
