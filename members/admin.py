from allauth.mfa import admin as mfa_admin
from allauth.mfa.models import Authenticator
from allauth.usersessions import admin as usersessions_admin
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core import audit
from core.admin_log import LeavesNoName
from core.asking import asking_action
from core.guarded_admin import GuardedInline
from core.http import FORM_REFUSED
from core.models import RefusedAddress
from core.move_buttons import MoveButton, MoveButtons
from core.moves import Refused
from core.portal_admin import PortalAdmin
from members import consequences, countries
from members.actions import accounts, affiliations, organisations
from members.models import Affiliation, MailDomain, Organisation, User
from members.reauthentication import asks_again
from members.rules import MOVES, AffiliationState, Role, TrackProfile


class PeopleInline(GuardedInline):
    """Who belongs to it; adding and ending is done on the page of an affiliation."""

    model = Affiliation
    extra = 0
    fields = readonly_fields = ["person", "role", "state", "track_profile"]
    show_change_link = True
    verbose_name_plural = _("people")

    def get_queryset(self, request):
        return super().get_queryset(request).live().select_related("person", "organisation")

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class MailDomainInline(GuardedInline):
    """What staff write down counts at once; what a contact wrote down waits until staff confirm it on its own page."""

    model = MailDomain
    extra = 1
    fields = ["domain", "is_waiting"]
    readonly_fields = ["is_waiting"]
    show_change_link = True


@admin.register(MailDomain)
class MailDomainAdmin(MoveButtons):
    """Which mail domains count, and which wait for the team's word."""

    list_display = ["domain", "organisation", "is_waiting"]
    list_filter = ["is_waiting"]
    list_select_related = ["organisation"]
    search_fields = ["domain", "organisation__name"]
    ordering = ["-is_waiting", "domain"]
    fields = readonly_fields = ["domain", "organisation", "is_waiting"]
    actions = None
    move_buttons = [
        MoveButton(
            name="confirm",
            label=_("This is a mail domain of the organisation"),
            done=_("Confirmed: the domain counts from now on."),
            act=lambda row, **who: organisations.confirm_domain(domain=row, **who),
            shows=lambda row, now: row.is_waiting,
        ),
    ]

    def has_add_permission(self, request):
        return False  # on the page of its organisation

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False  # on the page of its organisation

    def may_move(self, request, row):
        return request.user.has_perm("members.change_maildomain")


class ContactFilter(admin.SimpleListFilter):
    title = _("organisation contact")
    parameter_name = "contact"

    def lookups(self, request, model_admin):
        return [("none", _("has none"))]

    def queryset(self, request, queryset):
        return queryset.without_contact() if self.value() == "none" else queryset


class CountryFilter(admin.SimpleListFilter):
    """Of the countries that there are."""

    title = _("country")
    parameter_name = "country"

    def lookups(self, request, model_admin):
        codes = Organisation.objects.visible_to(request.user).order_by().values_list("country", flat=True).distinct()
        return sorted(((code, countries.name_of(code)) for code in codes), key=lambda pair: pair[1])

    def queryset(self, request, queryset):
        return queryset.filter(country=self.value()) if self.value() else queryset


@admin.register(Organisation)
class OrganisationAdmin(PortalAdmin):
    list_display = ["name", "kind", "size_class", "country_shown", "people_count", "contact_count"]
    list_filter = ["kind", ContactFilter, "size_class", CountryFilter]
    search_fields = ["name", "registration_number", "mail_domains__domain"]
    inlines = [MailDomainInline, PeopleInline]

    def get_queryset(self, request):
        confirmed = Q(affiliations__state=AffiliationState.CONFIRMED)
        return (
            Organisation.objects.visible_to(request.user)
            .annotate(people=Count("affiliations__person", filter=confirmed, distinct=True))
            .annotate(contacts=Count("affiliations", filter=confirmed & Q(affiliations__role=Role.CONTACT)))
            .order_by("name")
        )

    @admin.display(description=_("people"), ordering="people")
    def people_count(self, row):
        return row.people

    @admin.display(description=_("contacts"), ordering="contacts")
    def contact_count(self, row):
        return row.contacts or _("none")

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        fields = "+".join(sorted(form.changed_data))
        verb = "organisation.changed" if change else "organisation.added"
        audit.record(verb, obj, actor=request.user, now=timezone.now(), fields=fields)
        if organisations.end_membership_if_over(organisation=obj, actor=request.user, now=timezone.now()):
            text = _("The membership is over: %(organisation)s is no member any more. Its contacts get a mail.")
            messages.warning(request, text % {"organisation": obj})

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "country":
            return forms.ChoiceField(label=_("Country"), choices=countries.choices, initial=db_field.default)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @admin.display(description=_("country"), ordering="country")
    def country_shown(self, row):
        return row.country_name

    def save_formset(self, request, form, formset, change):
        before = organisations.domains_of(form.instance)
        super().save_formset(request, form, formset, change)
        organisations.trail_of_domains(form.instance, before, actor=request.user, now=timezone.now())


@admin.register(Affiliation)
class AffiliationAdmin(LeavesNoName, MoveButtons):
    """Adding one here links a person without being asked, such as the first contact of an organisation."""

    list_display = ["person", "organisation", "role", "track_profile", "state", "requested_at"]
    list_filter = ["state", "role", "track_profile", "organisation__kind"]
    list_select_related = ["person", "organisation"]
    show_facets = admin.ShowFacets.ALWAYS
    search_fields = ["person__name", "person__email", "organisation__name"]
    ordering = ["-requested_at"]
    autocomplete_fields = ["person", "organisation"]
    actions = ["confirm_selected", "end_selected"]
    fields = [
        *("person", "organisation", "role", "track_profile"),
        *("state", "requested_at", "confirmed_at", "ended_at"),
    ]
    readonly_fields = ["state", "requested_at", "confirmed_at", "ended_at"]
    move_buttons = [
        MoveButton(
            name="confirm",
            label=_("Confirm"),
            done=_("Confirmed; the person gets a mail about it."),
            act=lambda row, **who: affiliations.confirm(affiliation=row, **who),
            shows=lambda row, now: MOVES.allows(row.state, AffiliationState.CONFIRMED),
        ),
        MoveButton(
            name="leadership",
            label=_("To the leadership track"),
            done=_("The track has been saved."),
            act=lambda row, **who: affiliations.set_track_profile(
                affiliation=row, profile=TrackProfile.LEADERSHIP, **who
            ),
            shows=lambda row, now: (
                row.state == AffiliationState.CONFIRMED and row.track_profile != TrackProfile.LEADERSHIP
            ),
        ),
        MoveButton(
            name="practitioner",
            label=_("To the practitioner track"),
            done=_("The track has been saved."),
            act=lambda row, **who: affiliations.set_track_profile(
                affiliation=row, profile=TrackProfile.PRACTITIONER, **who
            ),
            shows=lambda row, now: (
                row.state == AffiliationState.CONFIRMED and row.track_profile != TrackProfile.PRACTITIONER
            ),
        ),
        MoveButton(
            name="take-back",
            label=_("Take back this role"),
            done=_("The role has been taken back."),
            act=lambda row, **who: affiliations.take_back_role(affiliation=row, **who),
            shows=lambda row, now: row.role != Role.COLLEAGUE and row.state == AffiliationState.CONFIRMED,
            is_danger=True,
            foretell=lambda row: [
                gettext("This person keeps the link, and loses the role %(role)s.") % {"role": row.get_role_display()},
                *consequences.without_contact({row.pk}, [row.organisation]),
            ],
        ),
        MoveButton(
            name="end",
            label=_("End the affiliation"),
            done=_("Ended, with all roles for this organisation; the person gets a mail about it."),
            act=lambda row, **who: affiliations.end(affiliation=row, **who),
            shows=lambda row, now: row.role == Role.COLLEAGUE and MOVES.allows(row.state, AffiliationState.ENDED),
            is_danger=True,
            foretell=lambda row: consequences.foretell_ending([row], now=timezone.now()),
        ),
    ]

    def locked_first(self, row):
        return [row.organisation]

    def get_queryset(self, request):
        return Affiliation.objects.visible_to(request.user)

    def has_change_permission(self, request, obj=None):
        return False  # an affiliation is not corrected but moved, by the buttons

    def has_delete_permission(self, request, obj=None):
        return False

    def has_move_permission(self, request):
        return request.user.has_perm("members.change_affiliation")

    def may_move(self, request, row):
        return self.has_move_permission(request)

    def add_view(self, request, form_url="", extra_context=None):
        """What the action refuses comes back as an error of the form, with what was chosen."""
        try:
            return super().add_view(request, form_url, extra_context)
        except Refused as refused:
            request.refused = refused
        response = super().add_view(request, form_url, extra_context)
        response.status_code = FORM_REFUSED
        return response

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change, **kwargs)
        refused = getattr(request, "refused", None)
        return (
            type(form.__name__, (form,), {"clean": lambda self: self.add_error(None, refused.reason)})
            if refused
            else form
        )

    def save_model(self, request, obj, form, change):
        chosen = {name: form.cleaned_data[name] for name in ("person", "organisation", "role", "track_profile")}
        obj.pk = affiliations.appoint(**chosen, actor=request.user, now=timezone.now()).pk
        obj.refresh_from_db()

    confirm_selected = asking_action(
        description=_("Confirm"),
        permissions=["move"],
        act=lambda row, **who: affiliations.confirm(affiliation=row, **who),
        rows=lambda queryset: queryset.requested(),
        changed=lambda number: (
            ngettext("%(number)s person is linked.", "%(number)s people are linked.", number) % {"number": number}
        ),
    )
    end_selected = asking_action(
        description=_("End the affiliation"),
        permissions=["move"],
        act=lambda row, **who: affiliations.end(affiliation=row, **who),
        rows=lambda queryset: queryset.live().select_related("person", "organisation"),
        foretell=lambda rows: consequences.foretell_ending(rows, now=timezone.now()),
        changed=lambda number: (
            ngettext("%(number)s affiliation ends.", "%(number)s affiliations end.", number) % {"number": number}
        ),
    )


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
