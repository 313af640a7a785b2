"""The base of every list in the admin, and the site that gives it to each.

Django lets an address narrow a list by any column of the row (`?password__gte=…`), so that who may see a list could
guess what it does not show. Here an address asks for what the list offers, and nothing else.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IS_FACETS_VAR, IS_POPUP_VAR, TO_FIELD_VAR, IncorrectLookupParameters
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.views.main import ALL_VAR, ERROR_FLAG, ORDER_VAR, PAGE_VAR, SEARCH_VAR
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db import models
from django.db.models.base import ModelBase
from django.http import HttpRequest, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from core.form_fields import RowsField
from core.guarded_admin import GuardedAdmin
from core.keys import row_key
from core.years import check_reach

Reads = Callable[[str], bool]
YES_OR_NO = ("0", "1", "True", "False", "true", "false")
LONGEST = 200  # characters of a search; SQLite refuses a longer pattern or a deeper expression at some length
MOST_VALUES = 20
NAMES = ("name", "title")  # what a row is called where another shows it


def is_short_text(value: str) -> bool:
    return len(value) <= LONGEST and "\0" not in value


def is_order(value: str) -> bool:
    return bool(re.fullmatch(r"(-?\d{1,2}(\.-?\d{1,2}){0,9})?", value, re.ASCII))


def is_page(value: str) -> bool:
    return bool(re.fullmatch(r"[1-9]\d{0,5}", value, re.ASCII))


def is_choice_of(field: models.Field) -> Reads:
    """Tells whether a text from an address can be a value of `field`."""
    if field.is_relation or isinstance(field, models.IntegerField):
        return lambda value: row_key(value) is not None
    if isinstance(field, models.BooleanField):
        return YES_OR_NO.__contains__
    if field.flatchoices:
        return [str(value) for value, _label in field.flatchoices].__contains__
    return is_short_text


def fields_along(model: type[models.Model], path: str) -> list[Any]:
    """The fields that a path goes over; a lookup at its end is none."""
    found: list[Any] = []
    for part in path.split("__"):
        meta = found[-1].related_model._meta if found else model._meta
        try:
            found.append(meta.get_field(meta.pk.name if part == "pk" else part))
        except FieldDoesNotExist:
            break
        if not found[-1].is_relation:
            break
    return found


def path_of(item: Any) -> str | None:
    """The path of a field in `list_filter` or `search_fields`; None for a filter that is a class of its own."""
    if isinstance(item, str):
        return item.lstrip("=^@")
    return item[0] if isinstance(item, tuple | list) else None


class RowPicker(AutocompleteSelect):
    """Shows again what was chosen, when that can be the key of a row: Django would look up whatever was sent."""

    def optgroups(self, name, value, attrs=None):
        return super().optgroups(name, [key for key in value if row_key(str(key)) is not None], attrs)


class PicksRows:
    """For pages and their tables of rows: fields that look up a row do so by RowPicker."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        page: Any = self
        if "widget" not in kwargs and db_field.name in page.get_autocomplete_fields(request):
            kwargs["widget"] = RowPicker(db_field, page.admin_site, using=kwargs.get("using"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return super().formfield_for_manytomany(db_field, request, **{"form_class": RowsField, **kwargs})  # type: ignore[misc]


class PortalAdmin(PicksRows, GuardedAdmin):
    """A ModelAdmin whose address, search, filters and order are those that it offers to this reader.

    What an address asks beyond that, or what cannot be read, is left out and told; the answer is the list. A page of a
    row overwrites nothing that is newer.
    """

    # What may be asked

    def declared(self, request: HttpRequest) -> dict[str, Reads]:
        """Each name that the address of the list may hold, with what tells whether a value can be read."""
        reads: dict[str, Reads] = {
            SEARCH_VAR: is_short_text,
            ORDER_VAR: is_order,
            PAGE_VAR: is_page,
            ALL_VAR: is_short_text,
            ERROR_FLAG: is_short_text,
            IS_FACETS_VAR: is_short_text,
            IS_POPUP_VAR: is_short_text,
            TO_FIELD_VAR: [self.opts.pk.name, "pk"].__contains__,
        }
        for item in self.get_list_filter(request):
            if path := path_of(item):
                reads |= self._by_field(path)
            else:
                reads[item.parameter_name] = is_short_text
        return reads

    def _by_field(self, path: str) -> dict[str, Reads]:
        field = fields_along(self.model, path)[-1]
        target = f"{path}__{field.target_field.name}" if field.is_relation else path
        reads = is_choice_of(field)
        return {path: reads, f"{target}__exact": reads, f"{path}__isnull": YES_OR_NO.__contains__}

    def readable(self, request: HttpRequest) -> QueryDict:
        """What of the address is declared and can be read."""
        kept, declared = QueryDict(mutable=True), self.declared(request)
        for name, values in request.GET.lists():
            if name in declared and len(values) <= MOST_VALUES and all(map(declared[name], values)):
                kept.setlist(name, values)
        for name, value in self._period(request.GET).items():
            kept[name] = value
        return kept

    def _period(self, asked: QueryDict) -> dict[str, str]:
        """The year, month and day of `date_hierarchy` that the address asks for, when there can be such a day."""
        if not self.date_hierarchy:
            return {}
        names = [f"{self.date_hierarchy}__{part}" for part in ("year", "month", "day")]
        given = {name: str(asked[name]) for name in names if name in asked}
        numbers = [row_key(value) for value in given.values()]
        if not given or list(given) != names[: len(given)] or None in numbers:
            return {}
        try:
            day = date(*[*numbers, 1, 1][:3])  # type: ignore[arg-type]  # None was refused above
        except (ValueError, OverflowError):
            return {}
        return given if 1900 <= day.year < 3000 else {}

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """By what the list declares, and by nothing else that the row or its relations have."""
        if request is None:
            return False
        return lookup in self.declared(request) or lookup in self._period(request.GET)

    def to_field_allowed(self, request: HttpRequest, to_field: str) -> bool:
        return to_field == self.opts.pk.name

    # What this reader may see

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return list(self._shown_to(request, super().get_list_filter(request)))

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        return list(self._shown_to(request, super().get_search_fields(request)))

    def _shown_to(self, request: HttpRequest, items: Iterable[Any]) -> Iterator[Any]:
        for item in items:
            path = path_of(item)
            if path is None or all(self._may_see(request, model, name) for model, name in self.crossed(path)):
                yield item

    def crossed(self, path: str) -> list[tuple[type[models.Model], str]]:
        """The models that a path goes to, each with the name of the field that it asks there."""
        *hops, last = fields_along(self.model, path)
        names = [*(field.name for field in hops[1:]), last.name] if hops else []
        return [(hop.related_model, name) for hop, name in zip(hops, names, strict=True)]

    def _may_see(self, request: HttpRequest, model: type[models.Model], name: str) -> bool:
        """A row's name stands wherever the row is named; anything more is for who may look at such rows."""
        meta = model._meta
        may = request.user.has_perm
        return name in NAMES or any(may(f"{meta.app_label}.{verb}_{meta.model_name}") for verb in ("view", "change"))

    # What may be typed

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """A date of a year that is meant; `core.years`."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(db_field, models.DateField):
            field.validators = [*field.validators, check_reach]
        return field

    # What comes back

    def changelist_view(self, request, extra_context=None):
        if self.has_view_or_change_permission(request):
            readable = self.readable(request)
            if readable.keys() != request.GET.keys():
                self._tell_left_out(request)
            request.GET = readable
        return super().changelist_view(request, extra_context)

    def get_changelist_instance(self, request):
        """The list, without filters when their values fit no row."""
        try:
            return super().get_changelist_instance(request)
        except IncorrectLookupParameters:
            if request.method != "GET":
                raise
            self._tell_left_out(request)
            request.GET = QueryDict()
            return super().get_changelist_instance(request)

    def _tell_left_out(self, request: HttpRequest) -> None:
        text = _("The address asked for something that this list does not offer. That part is left out.")
        messages.warning(request, text)

    def get_search_results(self, request, queryset, search_term):
        if not is_short_text(search_term):
            return queryset.none(), False
        return super().get_search_results(request, queryset, search_term)

    def get_object(self, request, object_id, from_field=None):
        """None for what can be the key of no row. A field without a name, which a page can send, is the key."""
        return None if "\0" in object_id else super().get_object(request, object_id, from_field or None)

    def response_action(self, request, queryset, *location):
        if any(row_key(key) is None for key in request.POST.getlist(ACTION_CHECKBOX_NAME)):
            messages.warning(request, _("One of the rows that you chose does not exist. Nothing has been done."))
            return None
        return super().response_action(request, queryset, *location)


class Picker(AutocompleteJsonView):
    """Finds rows for the fields that a page of the admin fills in so, and for no other."""

    def process_request(self, request):
        asked = tuple(request.GET.get(name) for name in ("app_label", "model_name", "field_name"))
        if asked not in self.offered():
            raise PermissionDenied
        return super().process_request(request)

    def offered(self) -> set[tuple[str, str, str]]:
        """App, model and field of what some page fills in by looking up."""
        site: Any = self.admin_site
        pages = [page for kept in site._registry.values() for page in (kept, *kept.inlines)]
        return {
            (page.model._meta.app_label, page.model._meta.model_name, name)
            for page in pages
            for name in page.autocomplete_fields
        }


class PortalAdminSite(admin.AdminSite):
    """Gives PortalAdmin to each list, also to those that other packages register.

    Without two pages of Django that know nothing of our rules: one changes a password and tells nobody, so that the
    page of the account stands in its place; the other tells anyone of the team which rows there are.
    """

    def get_urls(self):
        return [url for url in super().get_urls() if getattr(url, "name", "") != "view_on_site"]

    def password_change(self, request, extra_context=None):
        return redirect("account_change_password")

    def register(
        self,
        model_or_iterable: ModelBase | Iterable[ModelBase],
        admin_class: type[admin.ModelAdmin] | None = None,
        **options: Any,
    ) -> None:
        admin_class = admin_class or PortalAdmin
        if not issubclass(admin_class, PortalAdmin):
            admin_class = type(f"Portal{admin_class.__name__}", (PortalAdmin, admin_class), {})
        super().register(model_or_iterable, admin_class, **options)

    def autocomplete_view(self, request):
        return Picker.as_view(admin_site=self)(request)
