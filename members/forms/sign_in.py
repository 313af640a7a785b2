from allauth.account import forms as allauth_forms
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from allauth.mfa.utils import decrypt, encrypt
from allauth.mfa.webauthn import forms as webauthn_forms
from cryptography.fernet import InvalidToken
from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms.fields import InvalidJSONInput
from django.utils.translation import gettext_lazy as _

from core.form_fields import AddressField, CodeField, LineField


class OwnFields:
    """Puts fields of ours in the place of allauth's, which are not cleaned: the class of each, by its name."""

    own_fields: dict[str, type[forms.CharField]] = {"email": AddressField}
    own_labels: dict = {"email": _("E-mail address")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, kind in self.own_fields.items():
            old = self.fields[name]
            self.fields[name] = kind(label=old.label, widget=old.widget, required=old.required, help_text=old.help_text)
        for name in self.own_labels.keys() & self.fields.keys():
            self.fields[name].label = self.own_labels[name]
            self.fields[name].widget.attrs.pop("placeholder", None)


class PasswordLoginForm(OwnFields, allauth_forms.LoginForm):
    """Asks for the password, although nobody has to choose one at sign-up (allauth takes the one from the other)."""

    own_fields = {"login": AddressField}
    own_labels = {"login": _("E-mail address")}

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
    own_labels = {"code": _("Code from your app, or a spare code")}


class ReauthenticateForm(OwnFields, mfa_forms.ReauthenticateForm):
    own_fields = {"code": CodeField}
    own_labels = {"code": _("Code from your app, or a spare code")}


class ActivateTOTPForm(OwnFields, totp_forms.ActivateTOTPForm):
    """The secret that the app is shown waits in the session as it will stand in the database: encrypted."""

    own_fields = {"code": CodeField}
    own_labels = {"code": _("Code from the app")}

    def __init__(self, *args, **kwargs):
        session = context.request.session
        try:
            secret = decrypt(session.pop(SECRET_SESSION_KEY, ""))
        except InvalidToken:
            pass  # allauth makes a new one
        else:
            session[SECRET_SESSION_KEY] = secret
        super().__init__(*args, **kwargs)
        session[SECRET_SESSION_KEY] = encrypt(self.secret)


class OwnLabels(OwnFields):
    """For forms whose fields need no cleaning: passwords count as they were typed."""

    own_fields = {}


class SetPasswordForm(OwnLabels, allauth_forms.SetPasswordForm):
    own_labels = {"password1": _("New password"), "password2": _("New password, once more")}


class ChangePasswordForm(OwnLabels, allauth_forms.ChangePasswordForm):
    own_labels = {
        "oldpassword": _("Password that you have now"),
        "password1": _("New password"),
        "password2": _("New password, once more"),
    }


class ResetPasswordKeyForm(OwnLabels, allauth_forms.ResetPasswordKeyForm):
    own_labels = SetPasswordForm.own_labels


class CredentialField(forms.JSONField):
    """JSON that may be too deep, or hold a number too long for Python. It answers once, so no page gives it back."""

    def bound_data(self, data, initial):
        return InvalidJSONInput("")

    def to_python(self, value):
        try:
            found = super().to_python(value)
        except (ValueError, RecursionError) as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid", params={"value": ""}) from error
        if found is not None and not isinstance(found, dict):
            raise ValidationError(self.error_messages["invalid"], code="invalid", params={"value": ""})
        return found


class ReadsPasskey:
    """What a passkey answers can be anything, sent by anyone: what cannot be read is refused as one that is not right.

    The library below allauth lets whatever its parsers meet through: KeyError, TypeError, struct.error and more.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["credential"] = CredentialField(widget=forms.HiddenInput)

    def read(self, parse):
        try:
            return parse()
        except ValidationError:
            raise
        except Exception as error:
            raise get_adapter().validation_error("incorrect_code") from error


class PasskeyAnswer(ReadsPasskey):
    def clean_credential(self):
        return self.read(super().clean_credential)


class LoginByPasskeyForm(PasskeyAnswer, webauthn_forms.LoginWebAuthnForm):
    pass


class AuthenticateByPasskeyForm(PasskeyAnswer, webauthn_forms.AuthenticateWebAuthnForm):
    pass


class ReauthenticateByPasskeyForm(PasskeyAnswer, webauthn_forms.ReauthenticateWebAuthnForm):
    pass


class AddPasskeyForm(ReadsPasskey, OwnFields, webauthn_forms.AddWebAuthnForm):
    own_fields = {"name": LineField}
    own_labels = {"name": _("Name"), "passwordless": _("Sign in with this passkey alone")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].help_text = _("Then you need no mailed code and no password.")

    def clean(self):
        return self.read(super().clean)


class RenamePasskeyForm(OwnFields, webauthn_forms.EditWebAuthnForm):
    own_fields = {"name": LineField}
    own_labels = {"name": _("Name")}
