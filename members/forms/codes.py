from allauth.account import forms as allauth_forms

from members import codes


class DigestedCode:
    """Compares digests, because the session holds no code (members.codes)."""

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
