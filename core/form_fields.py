"""Fields of forms in which people type: a line, paragraphs, a mail address, a link, a name, a code.

tests/architecture/test_typed_text.py finds a form that has another kind of text field.
"""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core import addresses, cleaning, codes
from core.keys import row_key

DAMAGED = _("There is a sign in this text that cannot be read. Type the text again.")


Mixed: Any = object  # what stands behind it among the bases is a field of Django


class Cleaned(Mixed):
    """Base: what was typed is cleaned before anything else looks at it, and what cannot be text is refused.

    In the page that comes back what is damaged shows as �, because it cannot be sent at all.
    """

    clean_text = staticmethod(cleaning.line)

    def to_python(self, value):
        if value in self.empty_values:
            return super().to_python(value)
        if cleaning.is_damaged(str(value)):
            raise ValidationError(DAMAGED, code="damaged")
        return super().to_python(self.clean_text(str(value)))

    def bound_data(self, data, initial):
        data = super().bound_data(data, initial)
        return cleaning.DAMAGED.sub("\ufffd", data) if isinstance(data, str) else data


class LineField(Cleaned, forms.CharField):
    """One line: a title, a place, a function."""


class ParagraphsField(Cleaned, forms.CharField):
    """Text that may have line breaks."""

    widget = forms.Textarea
    clean_text = staticmethod(cleaning.paragraphs)


class LinkField(Cleaned, forms.URLField):
    """A web address."""


class AddressField(Cleaned, forms.EmailField):
    """One mail address, by the rule of core.addresses."""

    default_validators = [addresses.check]
    clean_text = staticmethod(addresses.tidy)


class NameField(LineField):
    """What a person is called or does: it stands in mails to people who do not know her, so it holds no address."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.validators.append(check_name)


class CodeField(LineField):
    """A code that was mailed, or that an authenticator app shows, however it was copied."""

    clean_text = staticmethod(codes.tidy)


class RowsField(forms.ModelMultipleChoiceField):
    """Rows to tick: what can be the key of no row is refused, and looked up in no database."""

    def clean(self, value):
        for key in value if isinstance(value, list | tuple) else []:
            if row_key(str(key)) is None:
                raise ValidationError(self.error_messages["invalid_pk_value"], "invalid_pk_value", params={"pk": key})
        return super().clean(value)


HINTS_OF_AN_ADDRESS = re.compile(r"@|＠|://|\bhttps?\b|\bwww\.", re.IGNORECASE)
# Two signs before the dot, so that initials ("J.de Vries") are none, and no title that people write without a space; 63
# at most (RFC 1035, 2.3.4), so that a long text costs no square of its length.
DOMAIN = re.compile(
    r"(?<![\w.])(?!(?:drs?|ing|ir|prof|mr|mrs|ms|mw|dhr|ds|st|em|bc|ba|bsc|ma|msc|phd|lic|arts)\.)"
    r"[^\W_][\w-]{0,61}[^\W_]\.[^\W\d_]{2,}",
    re.IGNORECASE,
)


def check_name(text: str) -> None:
    """Raise ValidationError for a name or function in which an address of mail or web stands."""
    if HINTS_OF_AN_ADDRESS.search(text) or DOMAIN.search(text):
        raise ValidationError(_("Leave out addresses of mail and websites here. Write words only."), code="address")
