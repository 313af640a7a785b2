from django.contrib import admin

from sessions_app.models import Registration


@admin.register(Registration)
class RegistrationAdmin(admin.ModelAdmin):
    """Who comes and who waits, per session. People register themselves; nothing is typed here."""

    list_display = ["person", "organisation", "function", "session", "state", "form", "queued_at"]
    list_filter = ["state", "form", ("session", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["person", "organisation", "session"]
    search_fields = ["person__name", "person__email", "organisation__name", "session__title"]
    date_hierarchy = "queued_at"
    ordering = ["-queued_at"]
    list_per_page = 50
    actions = None

    def get_queryset(self, request):
        return Registration.objects.visible_to(request.user).order_by("-queued_at")

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
