"""Django's own log of the admin, kept free of names."""

from django.contrib import admin


class LeavesNoName(admin.ModelAdmin):
    """For rows that are named after a person: the log would keep that name for good.

    The audit trail tells who did what, in numbers.
    """

    def log_addition(self, request, obj, message):
        pass

    def log_change(self, request, obj, message):
        pass

    def log_deletions(self, request, queryset):
        pass
