"""What allauth serves stands in the portal's words: its own have another tone, and some are English in Dutch pages."""

from pathlib import Path

import allauth
import pytest
from allauth.account import app_settings as account_settings
from allauth.mfa import app_settings as mfa_settings
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import get_default_password_validators
from django.template.loader import get_template
from django.utils import translation
from django.utils.module_loading import import_string

THEIRS = Path(allauth.__file__).parent / "templates"
# Not served, because what they belong to is switched off.
PHONE = {"account/phone_change.html", "account/confirm_phone_verification_code.html", "account/base_manage_phone.html"}
LINKS_IN_MAIL = {"account/email_confirm.html", "account/verification_sent.html", "account/password_reset_done.html"}
SWITCHED_OFF = {
    *PHONE,
    *LINKS_IN_MAIL,  # the portal mails codes
    "account/email.html",  # one address an account: email_change.html
    "account/account_inactive.html",  # closed accounts have no way to sign in
    "account/password_reset_from_key_done.html",  # signed in at once
    "account/signup_by_passkey.html",
    "account/signup_closed.html",
    "account/verified_email_required.html",
    "account/snippets/already_logged_in.html",
    "account/snippets/warn_no_email.html",
    "mfa/trust.html",
    "mfa/webauthn/signup_form.html",
    "mfa/webauthn/snippets/login_script.html",  # no words
}
# Titles alone, which the pages under them give themselves; and frames of pages of ours.
FRAMES = {"mfa/webauthn/base.html", "mfa/totp/base.html", "mfa/recovery_codes/base.html"}
CODES = {f"account/confirm_{name}_code.html" for name in ("login", "email_verification", "password_reset")}


def pages_with_words() -> list[str]:
    names = [
        path.relative_to(THEIRS).as_posix()
        for app in ("account", "mfa", "usersessions")
        for path in sorted((THEIRS / app).rglob("*.html"))
        if "trans" in path.read_text()
    ]
    assert len(names) > 20
    return names


@pytest.mark.parametrize("name", pages_with_words())
def test_a_page_that_allauth_serves_is_ours(name):
    if name in SWITCHED_OFF | FRAMES | CODES:
        return
    assert Path(get_template(name).origin.name).is_relative_to(settings.BASE_DIR / "templates")


def labels(kind: type[forms.Form]) -> list[str]:
    """Of its fields as they stand on the class; those of ours are put on when one is made."""
    ours = getattr(kind, "own_labels", {})
    return [str(ours.get(name, field.label)) for name, field in kind.base_fields.items() if not field.widget.is_hidden]


@pytest.mark.parametrize("name", sorted({*account_settings.FORMS.values(), *mfa_settings.FORMS.values()}))
def test_a_field_has_a_label_in_the_language_of_the_page(name):
    """A label that is nobody's words (None) becomes the field's name in English."""
    kind = import_string(name)
    with translation.override("nl"):
        assert "None" not in labels(kind)


def test_what_a_password_asks_is_said_in_the_je_form():
    with translation.override("nl"):
        lines = [validator.get_help_text() for validator in get_default_password_validators()]
    assert lines
    assert all(not {"Uw", "uw", "u"} & set(line.split()) for line in lines)
