"""What somebody sent before she was asked who is there; it is done once that was shown (allauth's reauthentication).

allauth would write the whole request into the session, and so into the database, in the clear. Here it waits encrypted
with the key that only the browser has (core.kept_typing), and goes with it.
"""

from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import stash_and_reauthenticate
from allauth.account.utils import get_next_redirect_url
from allauth.core.internal.httpkit import deserialize_request, serialize_request
from cryptography.fernet import Fernet, InvalidToken
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import resolve, reverse

from core.kept_typing import KEEP_SECONDS, browser_key, give_key


def ask_first(request: HttpRequest) -> HttpResponse:
    """Lead to the page that asks who is there; a POST waits there for at most KEEP_SECONDS."""
    methods = get_adapter().get_reauthentication_methods(request.user)
    url = methods[0]["url"] if methods else reverse("account_login")
    path = request.get_full_path()
    response = redirect(f"{url}?{urlencode({'next': path})}")
    if methods and request.method == "POST":
        key = browser_key(request)
        sealed = Fernet(key).encrypt(serialize_request(request).encode()).decode()
        stash_and_reauthenticate(request, {"path": path, "sealed": sealed}, "members.suspended.go_on")
        give_key(response, key)
    return response


def go_on(request: HttpRequest, state: dict[str, str]) -> HttpResponse:
    """allauth calls this once it was shown: do what waited, or open the page when it cannot be read any more."""
    going_to = get_next_redirect_url(request)
    if going_to and going_to != state["path"]:
        return HttpResponseRedirect(going_to)  # she left that act, and was asked for another
    try:
        sent = Fernet(browser_key(request)).decrypt(state["sealed"].encode(), ttl=KEEP_SECONDS)
    except InvalidToken:
        return HttpResponseRedirect(state["path"])
    cookies = request.META.get("HTTP_COOKIE", "")
    request = deserialize_request(sent.decode(), request)
    request.META["HTTP_COOKIE"] = cookies  # those of now: signing in may have changed them
    found = resolve(request.path_info)
    request.resolver_match = found
    return found.func(request, *found.args, **found.kwargs)
