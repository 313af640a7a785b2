"""Every text that somebody types is cleaned where it comes in: no form and no column without it."""

import importlib
import pkgutil
from itertools import chain

import pytest
from allauth.account import app_settings as account_settings
from allauth.mfa import app_settings as mfa_settings
from django import forms
from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db import models
from django.test import RequestFactory
from django.utils.module_loading import import_string

from core import form_fields, model_fields
from tests.architecture.test_conventions import APPS, CODE, NOT_FREE_TEXT, ROOT

MADE_BY_THE_PORTAL = NOT_FREE_TEXT["a code, a key or an address made by the portal"]
# Written by the portal out of texts that were cleaned; links of mails are put in by their marks.
WRITTEN_BY_THE_PORTAL = {"core.outgoingmail.text", "core.outgoingmail.html", "core.refusedaddress.answer"}
# A field of another kind, that only its own validator lets in.
CHECKED = {"leerlijnen.activity.code"}
# Names of moves and fields, out of the code.
WORDS_OF_THE_CODE = {"sessions_app.sessionchange.verb", "sessions_app.sessionchange.field"}
# What nobody reads and nothing mails: a password is compared to the letter, a passkey's answer is the browser's own, a
# slug is ASCII by its own validator.
AS_TYPED = ("password", "password1", "password2", "oldpassword", "credential")
NOT_ASKED = ("username",)  # allauth's; nobody has one, so that the form takes it out


def text_columns():
    return [
        field
        for app in APPS
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.local_fields
        if isinstance(field, models.CharField | models.TextField)
        and not isinstance(field, models.SlugField)
        and not field.choices
    ]


def label(field):
    return f"{field.model._meta.label_lower}.{field.name}"


def test_every_column_in_which_text_is_typed_cleans_it():
    plain = {label(field) for field in text_columns() if not isinstance(field, model_fields.Cleaned)}
    assert plain == MADE_BY_THE_PORTAL | WRITTEN_BY_THE_PORTAL | CHECKED | WORDS_OF_THE_CODE


def test_every_column_with_an_address_keeps_the_one_rule():
    mail = [field for field in text_columns() if isinstance(field, models.EmailField)]
    assert len(mail) >= 5
    assert [label(field) for field in mail if not isinstance(field, model_fields.AddressField)] == []


def subclasses(kind):
    return set(chain.from_iterable({each} | subclasses(each) for each in kind.__subclasses__()))


def forms_of_ours():
    """All form classes of the portal, those of allauth that it uses, and those of its admin."""
    importlib.import_module("partos_portal.urls")  # which knows what the others' URLs are made of
    for app in [*APPS, "partos_portal"]:
        for module in pkgutil.walk_packages(importlib.import_module(app).__path__, f"{app}."):
            if ".management" not in module.name and "wsgi" not in module.name:
                importlib.import_module(module.name)
    own = [kind for kind in subclasses(forms.BaseForm) if kind.__module__.partition(".")[0] in [*APPS, "partos_portal"]]
    in_settings = [import_string(path) for path in (account_settings.FORMS | mfa_settings.FORMS).values()]
    request = RequestFactory().get("/")
    request.user = get_user_model()(is_staff=True, is_superuser=True, is_active=True, pk=1)
    in_admin = []
    for model, model_admin in admin.site._registry.items():
        if model._meta.app_label in APPS:
            in_admin.append(model_admin.get_form(request, change=not model_admin.has_add_permission(request)))
            in_admin += [inline.get_formset(request).form for inline in model_admin.get_inline_instances(request)]
    return {*own, *in_settings, *in_admin}


@pytest.mark.django_db
def test_every_form_cleans_what_is_typed_in_it(settings):
    settings.TRIAL = True  # where staff need no second factor to have their rights
    found = forms_of_ours()
    assert len(found) > 40
    plain = {
        f"{kind.__module__}.{kind.__qualname__}.{name}: {type(field).__name__}"
        for kind in found
        for name, field in fields_of(kind).items()
        if isinstance(field, forms.CharField)
        and not isinstance(field, form_fields.Cleaned | forms.SlugField)
        and name not in AS_TYPED + NOT_ASKED
    }
    assert plain == set()


def fields_of(kind):
    replaced = getattr(kind, "own_fields", {})
    return getattr(kind, "base_fields", {}) | {name: field() for name, field in replaced.items()}


SIGN_BY_SIGN = {"core/texts.py", "sessions_app/views/participants.py"}  # of one sign, and of a name that was stored


def test_no_text_is_brought_into_a_normal_form_but_by_the_one_function_that_is_not_kept_busy():
    found = {
        str(file.relative_to(ROOT)) for file in CODE if "unicodedata.normalize" in file.read_text(encoding="utf-8")
    }
    assert found == SIGN_BY_SIGN | {"core/cleaning.py"}


def test_rows_that_one_ticks_are_looked_up_only_when_they_can_be_rows():
    fields = [(form, each) for form in forms_of_ours() for each in getattr(form, "base_fields", {}).values()]
    several = [(form, each) for form, each in fields if isinstance(each, forms.ModelMultipleChoiceField)]
    assert len(several) >= 4
    assert [form for form, each in several if not isinstance(each, form_fields.RowsField)] == []
    made_later = [file for file in CODE if "forms.ModelMultipleChoiceField(" in file.read_text(encoding="utf-8")]
    assert made_later == []
