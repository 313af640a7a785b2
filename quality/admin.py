from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import audit
from core.move_buttons import MoveButton, MoveButtons
from core.portal_admin import PortalAdmin
from core.templatetags.portal import local_date
from quality.actions import certificates
from quality.models import Certificate, CertificationBody


@admin.register(CertificationBody)
class CertificationBodyAdmin(PortalAdmin):
    list_display = ["name"]
    search_fields = ["name"]

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        verb = "certification_body.changed" if change else "certification_body.added"
        audit.record(verb, obj, actor=request.user, now=timezone.now())

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Certificate)
class CertificateAdmin(MoveButtons):
    """The status is derived from the dates, so that it can never be out of date."""

    list_display = ["organisation", "standard", "status_today", "decision_date", "expires_on", "next_date", "body"]
    list_filter = ["standard", "body"]
    list_select_related = ["organisation", "body"]
    search_fields = ["organisation__name", "standard", "number"]
    date_hierarchy = "expires_on"
    readonly_fields = ["status_today", "next_date", "suspended_on", "withdrawn_on", "changed_at"]
    fieldsets = [
        (None, {"fields": ["status_today", "next_date", "suspended_on", "withdrawn_on"]}),
        (_("Certificate"), {"fields": ["organisation", "standard", "scope", "body", "number"]}),
        (_("Dates"), {"fields": ["decision_date", "expires_on", "last_surveillance_on"]}),
        (None, {"fields": ["nonconformities", "changed_at"]}),
    ]
    move_buttons = [
        MoveButton(
            name="suspend",
            label=_("Suspended today"),
            done=_("The certificate is marked as suspended."),
            act=certificates.suspend,
            shows=lambda row, now: row.is_in_force_on(timezone.localdate(now)),
            is_danger=True,
            foretell=lambda row: [gettext("From today it is not in force, until the suspension is lifted.")],
        ),
        MoveButton(
            name="lift",
            label=_("Suspension lifted"),
            done=_("The certificate is in force again."),
            act=certificates.lift_suspension,
            shows=lambda row, now: bool(row.suspended_on and not row.withdrawn_on),
        ),
        MoveButton(
            name="withdraw",
            label=_("Withdrawn today"),
            done=_("The certificate is marked as withdrawn."),
            act=certificates.withdraw,
            shows=lambda row, now: bool(row.suspended_on and not row.withdrawn_on),
            is_danger=True,
            foretell=lambda row: [gettext("From today it is not in force, and that can not be taken back here.")],
        ),
    ]

    def get_queryset(self, request):
        return Certificate.objects.visible_to(request.user)

    @admin.display(description=_("status"))
    def status_today(self, row):
        return row.status_on(timezone.localdate()).label

    @admin.display(description=_("next date"))
    def next_date(self, row):
        return local_date(row.next_date_on(timezone.localdate()))

    def save_model(self, request, obj, form, change):
        certificates.save(obj, actor=request.user, now=timezone.now(), fields=form.changed_data)

    def has_delete_permission(self, request, obj=None):
        return False
