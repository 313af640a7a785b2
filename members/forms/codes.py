from allauth.account import forms as allauth_forms

from core.form_fields import CodeField
from members import codes
from members.forms.sign_in import OwnFields


class DigestedCode(OwnFields):
    """Compares digests, because the session holds no code (members.codes)."""

    own_fields = {"code": CodeField}

    def clean_code(self):
        self.cleaned_data["code"] = codes.digest(self.cleaned_data["code"])
        return super().clean_code()


class ConfirmLoginCodeForm(DigestedCode, allauth_forms.ConfirmLoginCodeForm):
    pass


class ConfirmEmailVerificationCodeForm(DigestedCode, allauth_forms.ConfirmEmailVerificationCodeForm):
    pass


class ConfirmPasswordResetCodeForm(DigestedCode, allauth_forms.ConfirmPasswordResetCodeForm):
    pass


class ReauthenticateByCodeForm(DigestedCode, allauth_forms.BaseConfirmCodeForm):
    pass
