from django.contrib import admin
from django.db.models import Exists, OuterRef
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from core.dates import local
from sessions_app.models import Registration, Session
from sessions_app.rules import HostingPart


class MonthFilter(admin.SimpleListFilter):
    """The months in which there is something, in Dutch time."""

    title = _("month")
    parameter_name = "month"

    def lookups(self, request, model_admin):
        moments = Session.objects.visible_to(request.user).datetimes("starts_at", "month")
        return [(f"{local(moment):%Y-%m}", date_format(local(moment), "F Y")) for moment in moments]

    def queryset(self, request, queryset):
        if self.value() not in dict(self.lookup_choices):
            return queryset
        year, _dash, month = self.value().partition("-")
        return queryset.filter(starts_at__year=year, starts_at__month=month)


class ContentLeadFilter(admin.SimpleListFilter):
    """A session without a content lead can not open."""

    title = _("content lead")
    parameter_name = "content_lead"

    def lookups(self, request, model_admin):
        return [("yes", _("has a content lead")), ("no", _("has none"))]

    def queryset(self, request, queryset):
        led = Session.objects.filter(hostings__part=HostingPart.CONTENT_LEAD).values("pk")
        if self.value() == "yes":
            return queryset.filter(pk__in=led)
        return queryset.exclude(pk__in=led) if self.value() == "no" else queryset


class AskedFilter(admin.SimpleListFilter):
    """Where somebody asks for a seat and has no answer."""

    title = _("requests for a seat")
    parameter_name = "asked"

    def lookups(self, request, model_admin):
        return [("yes", _("wait for an answer"))]

    def queryset(self, request, queryset):
        waiting = Registration.objects.requested().filter(session=OuterRef("pk")).order_by()
        return queryset.filter(Exists(waiting)) if self.value() == "yes" else queryset
