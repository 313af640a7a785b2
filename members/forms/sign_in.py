from allauth.account import forms as allauth_forms
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.totp import forms as totp_forms
from django import forms
from django.db import transaction

from core.form_fields import AddressField, CodeField


class OwnFields:
    """Puts fields of ours in the place of allauth's, which are not cleaned: the class of each, by its name."""

    own_fields: dict[str, type[forms.CharField]] = {"email": AddressField}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, kind in self.own_fields.items():
            old = self.fields[name]
            self.fields[name] = kind(label=old.label, widget=old.widget, required=old.required, help_text=old.help_text)


class PasswordLoginForm(OwnFields, allauth_forms.LoginForm):
    """Asks for the password, although nobody has to choose one at sign-up (allauth takes the one from the other)."""

    own_fields = {"login": AddressField}

    def _setup_password_field(self):
        pass


class SignupForm(OwnFields, allauth_forms.SignupForm):
    """Writes the account, its name and its address together; the mail comes after."""

    @transaction.atomic
    def save(self, request):
        return super().save(request)


class RequestLoginCodeForm(OwnFields, allauth_forms.RequestLoginCodeForm):
    pass


class AddEmailForm(OwnFields, allauth_forms.AddEmailForm):
    pass


class ResetPasswordForm(OwnFields, allauth_forms.ResetPasswordForm):
    pass


class ChangeEmailForm(OwnFields, allauth_forms.ChangeEmailForm):
    """Of an address that is not confirmed yet, on the page that asks for its code."""


class AuthenticateForm(OwnFields, mfa_forms.AuthenticateForm):
    own_fields = {"code": CodeField}


class ReauthenticateForm(OwnFields, mfa_forms.ReauthenticateForm):
    own_fields = {"code": CodeField}


class ActivateTOTPForm(OwnFields, totp_forms.ActivateTOTPForm):
    own_fields = {"code": CodeField}
