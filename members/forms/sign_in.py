from allauth.account import forms as allauth_forms


class PasswordLoginForm(allauth_forms.LoginForm):
    """Asks for the password, although nobody has to choose one at sign-up (allauth takes the one from the other)."""

    def _setup_password_field(self):
        pass
