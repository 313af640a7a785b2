"""Who is asked once more who is there, before an act that matters (allauth's reauthentication).

allauth knows two ways, the password and the second step, and lets everybody pass who has neither. Here such a person
is mailed a code. Whoever has a second step is asked for that: a mailbox or a password alone is less than it.
"""

import time
from functools import wraps
from urllib.parse import urlencode

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.code_verification import AbstractCodeVerificationProcess
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.core.exceptions import ReauthenticationRequired
from django.http import HttpRequest
from django.shortcuts import redirect

STATE = "members.reauthentication_code"
BY_CODE = "reauthenticate:code"


def was_asked(request: HttpRequest) -> bool:
    """Whether this session showed again who is there, at most settings.ACCOUNT_REAUTHENTICATION_TIMEOUT seconds ago.

    Signing in does not count: that session may have been left open since.
    """
    asked = (record["at"] for record in get_authentication_records(request, request.user) if is_again(record))
    return time.time() - max(asked, default=0.0) < app_settings.REAUTHENTICATION_TIMEOUT


def is_again(record: dict) -> bool:
    return bool(record.get("reauthenticated"))


def ask(request: HttpRequest) -> None:
    """Raises ReauthenticationRequired, for AccountMiddleware, unless who is signed in was asked just now."""
    if not was_asked(request):
        raise ReauthenticationRequired


def asks_again(*, keeps_typed: bool = True, on_get: bool = False):
    """A view whose POST (and, with `on_get`, whose page) is for who was asked just now; for people signed in.

    Others are asked, and come back. What they sent is done then, as allauth does; with `keeps_typed` False nothing of
    it is kept meanwhile and the page comes back instead: for passwords, and for an answer that is a file.
    """

    def decorate(view):
        @wraps(view)
        def wrapped(request, *args, **kwargs):
            asks = request.method == "POST" or (on_get and request.method in ("GET", "HEAD"))
            if not asks or was_asked(request):
                return view(request, *args, **kwargs)
            if keeps_typed:
                ask(request)
            url = get_adapter().get_reauthentication_methods(request.user)[0]["url"]
            return redirect(f"{url}?{urlencode({'next': request.get_full_path()})}")

        return wrapped

    return decorate


class MailedCode(AbstractCodeVerificationProcess):
    """A code that was mailed to the address of who is signed in; the session keeps its digest (members.codes)."""

    def __init__(self, request: HttpRequest, state: dict) -> None:
        self.request = request
        super().__init__(
            max_attempts=app_settings.LOGIN_BY_CODE_MAX_ATTEMPTS,
            timeout=app_settings.LOGIN_BY_CODE_TIMEOUT,
            state=state,
            user=request.user,
        )

    @classmethod
    def start(cls, request: HttpRequest) -> "MailedCode":
        """Mail a code; an older one works no more. Raises MailNotSent."""
        process = cls(request, cls.initial_state(request.user, request.user.email))
        process.send()
        process.persist()
        return process

    @classmethod
    def resume(cls, request: HttpRequest) -> "MailedCode | None":
        """The one that waits for its code, unless it is too old or was mailed to an address that was left since."""
        state = request.session.get(STATE)
        if not state or state["email"] != request.user.email:
            return None
        return cls(request, state).abort_if_invalid()

    def send(self) -> None:
        adapter = get_adapter()
        self.state["code"] = adapter.generate_login_code()
        context = {"request": self.request, "code": self.code}
        adapter.send_mail("account/email/reauthentication_code", self.state["email"], context)

    def persist(self) -> None:
        self.request.session[STATE] = self.state

    def abort(self) -> None:
        self.request.session.pop(STATE, None)

    def finish(self) -> None:
        """The code was right: remember that this session was asked."""
        self.abort()
        record_authentication(
            self.request, self.request.user, method="code", email=self.state["email"], reauthenticated=True
        )
