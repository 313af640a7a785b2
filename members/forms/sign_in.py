from allauth.account import forms as allauth_forms
from django.db import transaction


class PasswordLoginForm(allauth_forms.LoginForm):
    """Asks for the password, although nobody has to choose one at sign-up (allauth takes the one from the other)."""

    def _setup_password_field(self):
        pass


class SignupForm(allauth_forms.SignupForm):
    """Writes the account, its name and its address together; the mail comes after."""

    @transaction.atomic
    def save(self, request):
        return super().save(request)
