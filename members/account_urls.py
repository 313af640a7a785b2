"""Signing in and everything about the account, all allauth's; our own views of the same names come first."""

from allauth.account.views import confirm_password_reset_code, password_set
from allauth.usersessions.views import list_usersessions
from django.contrib.auth.decorators import login_required
from django.urls import include, path

from members.reauthentication import asks_again
from members.views import sign_in

urlpatterns = [
    path("login/", sign_in.Login.as_view(), name="account_login"),
    path("login/code/", sign_in.RequestLoginCode.as_view(), name="account_request_login_code"),
    path(
        "login/code/confirm/",
        sign_in.or_start_again(sign_in.ConfirmLoginCode.as_view()),
        name="account_confirm_login_code",
    ),
    path("signup/", sign_in.Signup.as_view(), name="account_signup"),
    path(
        "confirm-email/",
        sign_in.or_start_again(sign_in.ConfirmEmail.as_view()),
        name="account_email_verification_sent",
    ),
    path("email/", sign_in.ChangeEmail.as_view(), name="account_email"),
    path("password/reset/", sign_in.ResetPassword.as_view(), name="account_reset_password"),
    path(
        "password/reset/confirm/",
        sign_in.or_start_again(confirm_password_reset_code),
        name="account_confirm_password_reset_code",
    ),
    path("password/change/", login_required(sign_in.change_password), name="account_change_password"),
    path(
        "password/set/",
        login_required(asks_again(keeps_typed=False, on_get=True)(password_set)),
        name="account_set_password",
    ),
    path("sessions/", login_required(asks_again()(list_usersessions)), name="usersessions_list"),
    path(
        "reauthenticate/code/",
        login_required(sign_in.ReauthenticateByCode.as_view()),
        name="account_reauthenticate_by_code",
    ),
    path("", include("allauth.urls")),
]
