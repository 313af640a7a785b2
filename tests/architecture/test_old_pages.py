"""Every form that changes a row compares with what its page was made from (core.old_pages)."""

import ast
import importlib
from pathlib import Path

from django import forms
from django.contrib import admin
from django.forms.formsets import BaseFormSet

from core.admin import ReadOnlyAdmin
from core.guarded_admin import GuardedAdmin, GuardedFormSet
from core.old_pages import GuardedForm
from members.models import MailDomain, Organisation
from tests.architecture.test_conventions import APPS, ROOT, VIEWS, name, tree

# Forms that overwrite nothing, by the reason why.
OVERWRITES_NOTHING = {
    "asks somebody who signs up or leaves": {"SignupDetails", "CloseAccountForm"},
    "only adds a row": {
        *("AffiliationRequestForm", "PrepareForm", "InviteForm", "RegistrationForm", "ColleagueForm", "AnswerForm"),
        *("SeriesForm", "DateForm", "AddDateForm"),
    },
    "decides about rows that still wait, and refuses what was decided meanwhile": {"DecideForm"},
    "writes nothing": {"RehearsalForm"},
}
EXCUSED = set().union(*OVERWRITES_NOTHING.values())


def all_below(base):
    return {below for each in base.__subclasses__() for below in (each, *all_below(each))}


def ours(base):
    """The classes of the portal itself, once all of it is imported."""
    importlib.import_module("partos_portal.urls")
    for app in (*APPS, "partos_portal"):
        for path in sorted((ROOT / app).rglob("*.py")):
            if path.parent.name not in ("migrations", "commands") and path.name not in (
                "celery.py",
                "wsgi.py",
                "urls.py",
            ):
                importlib.import_module(
                    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
                )
    return {each for each in all_below(base) if each.__module__.split(".")[0] in (*APPS, "partos_portal")}


def is_of_allauth(form):
    """Signing in, and one's own ways to do it: each asks for what it replaces, or for a code that was just mailed."""
    return any(each.__module__.startswith("allauth.") for each in form.__mro__)


def unguarded_forms(classes):
    return sorted(each.__name__ for each in classes if not issubclass(each, GuardedForm) and not is_of_allauth(each))


def test_a_form_that_changes_a_row_is_guarded():
    assert [each for each in unguarded_forms(ours(forms.BaseForm)) if each not in EXCUSED] == []


def test_no_excuse_is_older_than_its_form():
    there = {each.__name__ for each in ours(forms.BaseForm)}
    guarded = {each.__name__ for each in ours(GuardedForm)}
    assert {each for each in EXCUSED if each not in there or each in guarded} == set()


def test_an_unguarded_form_would_be_found():
    class PlainForm(forms.Form):
        title = forms.CharField()

    assert unguarded_forms({PlainForm}) == ["PlainForm"]


def test_rows_of_a_row_are_guarded():
    assert {each for each in ours(BaseFormSet) if not issubclass(each, GuardedFormSet)} == set()


def unguarded_admin(model_admin):
    """What in a page of the admin would let an old page overwrite a newer one."""
    who = type(model_admin).__name__
    if isinstance(model_admin, ReadOnlyAdmin):
        return []
    wrong = [] if isinstance(model_admin, GuardedAdmin) else [f"{who}: no GuardedAdmin"]
    if model_admin.list_editable:
        wrong.append(f"{who}: a list that is edited as a whole")
    for each in model_admin.inlines:
        if not issubclass(each.formset, GuardedFormSet) or not issubclass(each.form, GuardedForm):
            wrong.append(f"{who}: {each.__name__}")
    form = model_admin.form
    return wrong if issubclass(form, GuardedForm) else [*wrong, f"{who}: {form.__name__}"]


def test_every_page_of_the_admin_is_guarded():
    own = [
        each
        for each in admin.site._registry.values()
        if type(each).__module__.split(".")[0] in (*APPS, "partos_portal")
    ]
    assert own
    assert [line for each in own for line in unguarded_admin(each)] == []


def test_a_plain_page_of_the_admin_would_be_found():
    class Rows(admin.TabularInline):
        model = MailDomain

    class Plain(admin.ModelAdmin):
        inlines = [Rows]

    found = unguarded_admin(Plain(Organisation, admin.site))
    assert found == ["Plain: no GuardedAdmin", "Plain: Rows", "Plain: ModelForm"]


def test_no_guarded_field_is_made_of_several():
    """A value is sent back as a browser would under one name."""
    several = [
        f"{each.__name__}.{label}"
        for each in ours(GuardedForm)
        for label, field in each.base_fields.items()
        if isinstance(field.widget, forms.MultiWidget)
    ]
    assert several == []


def unlocked_views(path: Path):
    guarded = {each.__name__ for each in ours(GuardedForm)}
    for node in tree(path).body:
        if isinstance(node, ast.FunctionDef):
            named = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
            if named & guarded and not named & {"under_lock", "under_own_lock", "hold"}:
                yield f"{name(path)}: {node.name}"


def test_a_view_reads_the_row_of_its_form_under_its_lock():
    assert [view for path in VIEWS for view in unlocked_views(path)] == []
