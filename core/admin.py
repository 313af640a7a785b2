from django.contrib import admin, messages
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core import audit, delivery, mail, mail_samples, refusals
from core.models import AuditEntry, OutgoingMail, RefusedAddress
from core.move_buttons import MoveButton, MoveButtons
from core.portal_admin import PortalAdmin


class ReadOnlyAdmin(PortalAdmin):
    """For rows that the portal writes and nobody edits."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class KindOfMail(admin.SimpleListFilter):
    """By the name that the previews give a kind, of those that there are."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request, model_admin):
        kinds = model_admin.get_queryset(request).order_by().values_list("kind", flat=True).distinct()
        named = [(kind, str(mail_samples.names().get(kind, kind))) for kind in kinds]
        return sorted(named, key=lambda pair: pair[1].lower())

    def queryset(self, request, queryset):
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(OutgoingMail)
class OutgoingMailAdmin(ReadOnlyAdmin):
    """What went out and what waits; what failed can be sent again."""

    list_display = ["queued_at", "kind_in_words", "state", "to", "subject", "sent_at"]
    list_filter = ["state", "urgent", "language", KindOfMail]
    search_fields = ["to", "subject", "key"]
    date_hierarchy = "queued_at"
    ordering = ["-queued_at", "-pk"]
    actions = ["send_again"]
    fields = [
        "kind_in_words", "subject", "to", "language", "state", "shown_text", "attachment_names", "queued_at",
        "next_attempt_at", "expires_at", "attempts", "sent_at", "error", "urgent", "key",
    ]  # fmt: skip

    def get_queryset(self, request):
        return OutgoingMail.objects.visible_to(request.user)

    @admin.display(description=_("kind"), ordering="kind")
    def kind_in_words(self, row):
        return mail_samples.names().get(row.kind, row.kind)

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
        number = delivery.send_again(queryset, now=now)
        if number:
            audit.record("mail.sent_again", None, actor=request.user, now=now, number=number)
        else:
            self.message_user(request, _("None of these had failed."), messages.WARNING)
            return
        mail.wake()
        text = ngettext("%(number)s mail is on its way again.", "%(number)s mails are on their way again.", number)
        self.message_user(request, text % {"number": number}, messages.SUCCESS)


@admin.register(RefusedAddress)
class RefusedAddressAdmin(ReadOnlyAdmin, MoveButtons):
    """Addresses that get no mail any more, because the mail server said that they do not exist."""

    list_display = ["address", "recipient", "refused_at", "answer", "held"]
    list_select_related = ["recipient"]
    search_fields = ["address", "recipient__name"]
    date_hierarchy = "refused_at"
    ordering = ["-refused_at", "-pk"]
    actions = ["try_again"]
    fields = ["address", "recipient", "refused_at", "answer", "held"]
    move_buttons = [
        MoveButton(
            name="try-again",
            label=_("Try this address again"),
            done=_("The address gets mail again, and what waited for it is on its way."),
            act=lambda row, **who: refusals.try_again(refused=row, **who),
            shows=lambda row, now: True,
        )
    ]

    def get_queryset(self, request):
        return RefusedAddress.objects.visible_to(request.user).with_held()

    def may_move(self, request, row):
        return self.has_view_permission(request, row)

    def move_view(self, request, object_id, name):
        response = super().move_view(request, object_id, name)
        gone = response.status_code == 302  # so that there is no page of the row to go back to
        return redirect("admin:core_refusedaddress_changelist") if gone else response

    @admin.display(description=_("mails that wait for it"), ordering="held")
    def held(self, row):
        return row.held

    @admin.action(description=_("Try these addresses again"), permissions=["view"])
    def try_again(self, request, queryset):
        now, rows = timezone.now(), list(queryset)
        for row in rows:
            refusals.try_again(refused=row, actor=request.user, now=now)
        text = ngettext("%(number)s address gets mail again.", "%(number)s addresses get mail again.", len(rows))
        self.message_user(request, text % {"number": len(rows)}, messages.SUCCESS)


class WhatWasDone(admin.SimpleListFilter):
    """By the words for a verb, of those that this reader may see."""

    title = _("what")
    parameter_name = "verb"

    def lookups(self, request, model_admin):
        verbs = model_admin.get_queryset(request).order_by().values_list("verb", flat=True).distinct()
        return sorted(((verb, audit.in_words(verb)) for verb in verbs), key=lambda pair: pair[1].lower())

    def queryset(self, request, queryset):
        return queryset.filter(verb=self.value()) if self.value() else queryset


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """What staff and hosts did, about the kinds of rows that the reader may see. Nobody is found in it by address."""

    list_display = ["at", "verb_in_words", "actor", "target_type", "target_id", "codes"]
    list_filter = ["target_type", WhatWasDone]
    list_select_related = ["actor"]
    search_fields = ["=verb", "=target_id"]
    date_hierarchy = "at"
    fields = ["at", "verb_in_words", "verb", "actor", "target_type", "target_id", "codes"]

    def get_queryset(self, request):
        return audit.visible_to(request.user)

    @admin.display(description=_("what"), ordering="verb")
    def verb_in_words(self, row):
        return audit.in_words(row.verb)
