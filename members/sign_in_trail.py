"""The trail of signing in, of second steps and of passwords, by the signals that allauth and Django send.

An account of the team is named, of anyone else there is only the line (core.audit): enough to count. We send no signal
of our own; what happens inside allauth has no other door. `connect` is called once, by AppConfig.ready.
"""

from functools import partial
from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from django.contrib.auth.signals import user_login_failed
from django.utils import timezone

from core import audit
from members.models import User

SIGNALS = {
    "account.signed_in": (account.user_logged_in,),
    "account.sign_in_failed": (account.login_code_rejected,),
    "account.password_changed": (account.password_set, account.password_changed, account.password_reset),
    "account.address_changed": (account.email_changed,),
    "account.second_factor_added": (mfa.authenticator_added, mfa.authenticator_reset),
    "account.second_factor_removed": (mfa.authenticator_removed,),
    "account.second_factor_used": (mfa.authenticator_used,),
    "account.second_factor_failed": (mfa.authentication_failed,),
}


def connect() -> None:
    for verb, sent in SIGNALS.items():
        for signal in sent:
            signal.connect(partial(_note, verb), weak=False, dispatch_uid=verb)
    user_login_failed.connect(_password_refused, dispatch_uid="account.sign_in_failed")


def _note(verb: str, sender: Any, user: User | None = None, authenticator: Any = None, **more: Any) -> None:
    codes = {"type": str(authenticator.type)} if authenticator is not None else {}
    audit.record(verb, user, actor=user, now=timezone.now(), **codes)


def _password_refused(sender: Any, credentials: dict[str, Any], **more: Any) -> None:
    """With an address that nobody has, it is nobody's."""
    address = str(credentials.get("email") or credentials.get("username") or "")
    _note("account.sign_in_failed", sender, User.objects.filter(email__iexact=address, is_staff=True).first())
