"""Organisations, their mail domains and who belongs to them."""

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import audit
from core.dates import day
from core.guarded_admin import GuardedInline
from core.move_buttons import MoveButton, MoveButtons
from core.portal_admin import PortalAdmin
from members import countries
from members.actions import organisations
from members.models import Affiliation, MailDomain, Organisation
from members.rules import AffiliationState, Role


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

    list_display = ["domain", "organisation", "is_waiting", "answered_by"]
    list_filter = ["is_waiting"]
    list_select_related = ["organisation"]
    search_fields = ["domain", "organisation__name"]
    ordering = ["-is_waiting", "domain"]
    fields = readonly_fields = ["domain", "organisation", "is_waiting", "answered_by"]
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

    @admin.display(description=_("answered at the latest on"), ordering="requested_at")
    def answered_by(self, row):
        return day(row.answered_by) if row.is_waiting else "-"

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
        before, now = organisations.domains_of(form.instance), timezone.now()
        waiting = list(form.instance.mail_domains.waiting())
        super().save_formset(request, form, formset, change)
        organisations.trail_of_domains(form.instance, before, actor=request.user, now=now)
        there = organisations.domains_of(form.instance)
        for row in waiting:
            if row.domain not in there:
                organisations.tell_of_domain(row, is_confirmed=False, now=now)
