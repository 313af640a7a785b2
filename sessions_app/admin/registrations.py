from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.move_buttons import MoveButton, MoveButtons
from sessions_app.actions import registrations
from sessions_app.models import Registration
from sessions_app.rules import RegistrationState


@admin.register(Registration)
class RegistrationAdmin(MoveButtons):
    """Who comes and who waits, per session. People register themselves; who asked for a seat is decided on here."""

    list_display = ["person", "organisation", "function", "session", "state", "form", "queued_at"]
    list_filter = ["state", "form", ("session", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["person", "organisation", "session"]
    search_fields = ["person__name", "person__email", "organisation__name", "session__title"]
    date_hierarchy = "queued_at"
    ordering = ["-queued_at"]
    list_per_page = 50
    actions = None

    move_buttons = [
        MoveButton(
            name="admit",
            label=_("Admit"),
            done=_("Admitted: a seat, or a place in line when the session is full. The person gets a mail."),
            act=lambda row, **who: registrations.decide(registration=row, admit=True, **who),
            shows=lambda row, now: row.state == RegistrationState.REQUESTED,
        ),
        MoveButton(
            name="reject",
            label=_("Do not admit"),
            done=_("Not admitted; the person gets a mail."),
            act=lambda row, **who: registrations.decide(registration=row, admit=False, **who),
            shows=lambda row, now: row.state == RegistrationState.REQUESTED,
            is_danger=True,
        ),
    ]

    def may_move(self, request, row):
        return request.user.has_perm("sessions_app.change_registration")

    def get_queryset(self, request):
        return Registration.objects.visible_to(request.user).order_by("-queued_at")

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
