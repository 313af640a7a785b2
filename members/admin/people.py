"""Accounts."""

from allauth.mfa import admin as mfa_admin
from allauth.mfa.models import Authenticator
from allauth.usersessions import admin as usersessions_admin
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.db.models import Exists, OuterRef, Subquery
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

from core import audit
from core.admin_log import LeavesNoName
from core.models import RefusedAddress
from core.move_buttons import MoveButtons
from core.moves import Refused
from members.actions import accounts
from members.models import User
from members.reauthentication import ask, asks_again

# Who gives one of these or takes it away is asked anew who is there.
RIGHTS = {"is_active", "is_staff", "is_superuser", "groups"}


class SecondFactorFilter(admin.SimpleListFilter):
    title = _("second step")
    parameter_name = "second_step"

    def lookups(self, request, model_admin):
        return [("yes", _("set up")), ("no", _("not set up"))]

    def queryset(self, request, queryset):
        return queryset.filter(second_step=self.value() == "yes") if self.value() else queryset


# allauth's own show what an authenticator keeps secret, and the key of a session; the page of a person has the acts.
for shown in (mfa_admin.Authenticator, usersessions_admin.UserSession):
    admin.site.unregister(shown)


@admin.register(User)
class UserAdmin(LeavesNoName, MoveButtons):
    """Accounts. A password is never seen or set here: a person signs in by a mailed code and chooses one, or not."""

    list_display = ["name", "email", "function", "is_staff", "second_step", "is_active", "date_joined"]
    list_filter = ["is_staff", SecondFactorFilter, "is_active", "groups"]
    search_fields = ["name", "email"]
    ordering = ["name", "email"]
    filter_horizontal = ["groups"]
    changes_by_itself = ["last_login"]
    change_form_template = "admin/members/user/change_form.html"

    def get_urls(self):
        view = self.admin_site.admin_view(self.reset_view)
        return [path("<path:object_id>/second-step/", view, name="members_user_reset"), *super().get_urls()]

    def reset_view(self, request, object_id):
        return self.ask_and_act(
            request,
            object_id,
            act=accounts.reset_second_factor,
            title=_("Take away the second step"),
            done=_("The second step is gone. The person can set up a new one, and gets a mail about it."),
            template="admin/members/user/reset.html",
        )

    @method_decorator(asks_again(on_get=True))
    def ask_and_act(self, request, object_id, *, act, title, done, template):
        """A page that says what happens; POST does it. Who is there is asked anew before both."""
        row = self.row_to_move(request, object_id)
        if request.method == "POST":
            try:
                act(person=row, actor=request.user, now=timezone.now())
            except Refused as refused:
                messages.error(request, refused.reason)
            else:
                messages.success(request, done)
            return redirect("admin:members_user_change", row.pk)
        context = {**self.admin_site.each_context(request), "opts": self.opts, "original": row, "title": title}
        return TemplateResponse(request, template, context)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        may_move = obj is not None and self.may_move(request, obj)
        context["can_be_reset"] = may_move and obj.second_step and obj != request.user
        return super().render_change_form(request, context, add=add, change=change, form_url=form_url, obj=obj)

    def get_queryset(self, request):
        factors = Authenticator.objects.filter(user=OuterRef("pk"))
        refused = RefusedAddress.objects.filter(address=OuterRef("email")).values("answer")
        return super().get_queryset(request).annotate(second_step=Exists(factors), refused_answer=Subquery(refused[:1]))

    @admin.display(description=_("second step"), boolean=True, ordering="second_step")
    def second_step(self, row):
        return row.second_step

    @admin.display(description=_("the mail server refuses this address"))
    def refused_address(self, row):
        """Since when, and what it said; Refused addresses has a button that tries it again."""
        return row.refused_answer or "-"

    def get_fields(self, request, obj=None):
        if obj is None:
            return ["email", "name", "function", "language"]
        return [
            *("email", "name", "function", "language", "is_active", "is_staff", "is_superuser", "groups"),
            *("refused_address", "second_step", "last_login", "date_joined", "closed_at"),
        ]

    def get_form(self, request, obj=None, change=False, **kwargs):
        """Nobody gives a role of the team that he does not have himself; taking one back is no gift."""
        form = super().get_form(request, obj, change, **kwargs)
        if "groups" in form.base_fields and not request.user.is_superuser:
            form.base_fields["groups"].queryset = Group.objects.filter(user__in=[request.user, obj]).distinct()
        return form

    def get_readonly_fields(self, request, obj=None):
        """Nobody changes one's own rights, and only a superuser makes another."""
        if obj is None:
            return []
        fixed = ["email", "refused_address", "second_step", "last_login", "date_joined", "closed_at"]
        if not request.user.is_superuser:
            fixed.append("is_superuser")
        if obj == request.user:
            fixed += ["is_active", "is_staff", "is_superuser", "groups"]
        return fixed

    def has_change_permission(self, request, obj=None):
        if obj is not None and (obj.closed_at or (obj.is_superuser and not request.user.is_superuser)):
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return False  # history hangs on the row; closing an account takes the person out of it

    def save_model(self, request, obj, form, change):
        if RIGHTS & set(form.changed_data):
            ask(request)
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        verb, now = "account.changed" if change else "account.added", timezone.now()
        audit.record(verb, obj, actor=request.user, now=now, fields="+".join(sorted(form.changed_data)))
        accounts.trail_of_roles(
            obj,
            before=accounts.roles_among(form.initial.get("groups") or [], form.initial),
            after=accounts.roles_among(form.cleaned_data.get("groups") or [], form.cleaned_data),
            actor=request.user,
            now=now,
        )
