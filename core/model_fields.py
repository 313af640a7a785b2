"""Text columns: whatever way a text comes in (form, admin, action, file), it is stored as core.cleaning leaves it.

In migrations these are Django's own fields, because the columns are the same.
"""

from typing import Any

from django.core import checks
from django.db import models

from core import addresses, cleaning, form_fields

Mixed: Any = object  # what stands behind it among the bases is a field of Django


class Cleaned(Mixed):
    """Base: cleans as the row is written, so that the object in hand has what the database has."""

    clean_text = staticmethod(cleaning.line)
    form_field: type = form_fields.LineField

    def to_python(self, value):
        value = super().to_python(value)
        return self.clean_text(value) if isinstance(value, str) else value

    def pre_save(self, model_instance, add):
        value = super().pre_save(model_instance, add)
        if isinstance(value, str):
            value = self.clean_text(value)
            setattr(model_instance, self.attname, value)
        return value

    def get_prep_value(self, value):
        value = super().get_prep_value(value)
        return self.clean_text(value) if isinstance(value, str) else value

    def formfield(self, **kwargs):
        return super().formfield(**{"form_class": self.form_field, **kwargs})

    def deconstruct(self):
        name, _path, args, kwargs = super().deconstruct()
        django_field = next(kind for kind in type(self).__mro__ if kind.__module__.startswith("django.db.models"))
        return name, f"django.db.models.{django_field.__name__}", args, kwargs

    def check(self, **kwargs):
        found = super().check(**kwargs)
        if self.choices:
            found.append(checks.Error("A field with choices holds codes: use models.CharField.", obj=self))
        return found


class LineField(Cleaned, models.CharField):
    """One line."""


class ParagraphsField(Cleaned, models.TextField):
    """Text that may have line breaks."""

    clean_text = staticmethod(cleaning.paragraphs)
    form_field = form_fields.ParagraphsField


class ShortParagraphsField(Cleaned, models.CharField):
    """As ParagraphsField, in a column of a limited length."""

    clean_text = staticmethod(cleaning.paragraphs)
    form_field = form_fields.ParagraphsField


class LinkField(Cleaned, models.URLField):
    """A web address."""

    form_field = form_fields.LinkField


class AddressField(Cleaned, models.EmailField):
    """A mail address, by the rule of core.addresses: the same mailbox is the same text."""

    default_validators = [addresses.check]
    clean_text = staticmethod(addresses.tidy)
    form_field = form_fields.AddressField


class NameField(LineField):
    """What a person is called or does."""

    default_validators = [form_fields.check_name]
    form_field = form_fields.NameField
