"""A page of the admin that is older than its row overwrites nothing (core.old_pages)."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms.formsets import DELETION_FIELD_NAME, INITIAL_FORM_COUNT, TOTAL_FORM_COUNT
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from core.http import FORM_REFUSED
from core.old_pages import MADE_FROM, GuardedForm, GuardedModelForm, hold

ROW_GONE = _(
    "Somebody else took away a row that you changed: %(row)s. Nothing has been saved. It stands below as a new row:"
    " save once more to add it again, or empty it."
)


class LinksToItsPage:
    """The link to a row's own page leads there at once: Django's detour tells any of the team which rows there are."""

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        return obj.get_absolute_url() if hasattr(obj, "get_absolute_url") else None


class GuardedAdmin(LinksToItsPage, admin.ModelAdmin):
    """Reads the row, makes the form and writes under the lock of the row; a refused form answers 422.

    A form of its own has to be a GuardedModelForm, an inline a GuardedInline.
    """

    form = GuardedModelForm

    def get_form(self, request, obj=None, change=False, **kwargs):
        """Of another package's page too, which has a form of its own."""
        form = super().get_form(request, obj, change, **kwargs)
        return form if issubclass(form, GuardedForm) else type(form.__name__, (GuardedForm, form), {})

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        if request.method != "POST":
            return super().changeform_view(request, object_id, form_url, extra_context)
        with transaction.atomic():
            if object_id is not None:
                self.hold_for_change(request, unquote(object_id))
            response = super().changeform_view(request, object_id, form_url, extra_context)
        if isinstance(response, TemplateResponse) and (response.context_data or {}).get("errors"):
            response.status_code = FORM_REFUSED
        return response

    def hold_for_change(self, request: HttpRequest, pk: str) -> None:
        """Lock what a change of the row locks first."""
        hold(self.model, pk)


class GuardedFormSet(forms.BaseInlineFormSet):
    """Rows of a row. One that somebody else took away meanwhile comes back as a new one, if this reader changed it."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.gone: list[str] = []
        if self.is_bound and self.management_form.is_valid():
            self._set_aside_rows_that_are_gone()

    def _set_aside_rows_that_are_gone(self) -> None:
        given: dict[str, Any] = self.management_form.cleaned_data
        key = self.model._meta.pk.name  # type: ignore[union-attr]
        there = {str(row.pk) for row in self.get_queryset()}
        first, total = given[INITIAL_FORM_COUNT], min(given[TOTAL_FORM_COUNT], self.absolute_max)
        kept, again = [], []
        for number in range(min(first, total)):
            prefix = self.add_prefix(number)
            pk = self.data.get(f"{prefix}-{key}", "")
            if pk in there:
                kept.append(number)
            elif not self.data.get(f"{prefix}-{DELETION_FIELD_NAME}"):
                made: Any = self.form
                form = made(data=self.data, prefix=prefix, instance=made._meta.model(), **self.form_kwargs)
                if changed := form.changed_on_the_page_of(pk):
                    self.gone.append(changed)
                    again.append(number)
        if len(kept) == first:
            return
        self._renumber([*kept, *again, *range(first, total)], first=len(kept), emptied=again, key=key)

    def _renumber(self, order: list[int], *, first: int, emptied: Iterable[int], key: str) -> None:
        old: Any = self.data
        data = old.copy()
        for name in old:
            if name.startswith(f"{self.prefix}-") and name.removeprefix(f"{self.prefix}-").split("-")[0].isdigit():
                data.pop(name)
        for new, number in enumerate(order):
            for name in old:
                if name.startswith(f"{self.prefix}-{number}-"):
                    field = name.removeprefix(f"{self.prefix}-{number}-")
                    if number in emptied and field in (key, MADE_FROM):
                        continue
                    target = f"{self.prefix}-{new}-{field}"
                    data.setlist(target, old.getlist(name))
        data[f"{self.prefix}-{TOTAL_FORM_COUNT}"] = str(len(order))
        data[f"{self.prefix}-{INITIAL_FORM_COUNT}"] = str(first)
        self.data = data
        del self.management_form

    def full_clean(self) -> None:
        super().full_clean()
        for row in self.gone:
            self._non_form_errors.append(ValidationError(ROW_GONE, params={"row": row}))  # type: ignore[attr-defined]


class GuardedInline(LinksToItsPage, admin.TabularInline):
    form = GuardedModelForm
    formset = GuardedFormSet
