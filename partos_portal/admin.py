from django.contrib import admin
from django.urls import path
from django.utils.translation import gettext_lazy as _

from core.admin import ReadOnlyAdmin
from members.admin.people import UserAdmin
from members.models import User
from partos_portal.erasure import close_account
from partos_portal.models import RetentionRun
from partos_portal.retention import PERIODS

PERIOD_BY_KIND = {period.kind: period for period in PERIODS}
admin.site.unregister(User)


@admin.register(User)
class ErasableUserAdmin(UserAdmin):
    """Accounts, with the button that erases a person from all apps: it needs the roof."""

    def get_urls(self):
        view = self.admin_site.admin_view(self.erase_view)
        return [path("<path:object_id>/erase/", view, name="members_user_erase"), *super().get_urls()]

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context["can_be_erased"] = obj is not None and self.may_move(request, obj) and not obj.is_staff
        return super().render_change_form(request, context, add=add, change=change, form_url=form_url, obj=obj)

    def erase_view(self, request, object_id):
        return self.ask_and_act(
            request,
            object_id,
            act=close_account,
            title=_("Erase this person"),
            done=_("Erased. What is left names nobody."),
            template="admin/members/user/erase.html",
        )


class KindFilter(admin.SimpleListFilter):
    title = _("what")
    parameter_name = "kind"

    def lookups(self, request, model_admin):
        return [(period.kind, period.what) for period in PERIODS]

    def queryset(self, request, queryset):
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(RetentionRun)
class RetentionRunAdmin(ReadOnlyAdmin):
    """What each night's run ended, in numbers."""

    list_display = ["at", "what", "then", "number", "went_well"]
    list_filter = ["has_failed", KindFilter]
    date_hierarchy = "at"
    fields = ["at", "what", "then", "number", "went_well", "kind"]

    @admin.display(description=_("what"), ordering="kind")
    def what(self, row):
        return PERIOD_BY_KIND[row.kind].what if row.kind in PERIOD_BY_KIND else row.kind

    @admin.display(description=_("what then"))
    def then(self, row):
        return PERIOD_BY_KIND[row.kind].then.label if row.kind in PERIOD_BY_KIND else ""

    @admin.display(description=_("went well"), boolean=True, ordering="has_failed")
    def went_well(self, row):
        return not row.has_failed
