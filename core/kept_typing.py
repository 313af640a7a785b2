"""What was typed comes back when a form could not be taken in: its token was old, or who typed it was signed out.

Each form carries, beside the token against forged requests, a signed mark of whose page it is. What the same person
typed is shown again at once. What another typed is kept for her in the cache for an hour, under a key that only the
browser has: neither a copy of the database nor of the cache gives it away, and it opens only when she signs in on that
browser again. Nothing is shown or kept of a request that does not come from a page of ours, because it would put words
into somebody's mouth; nor of one with a password or a code in it.
"""

import json
import re
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from cryptography.fernet import Fernet, InvalidToken
from django.apps import apps
from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.forms import BaseForm
from django.forms.utils import pretty_name
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from core.limits import seconds_to_wait

KEEP_SECONDS = 60 * 60
LONGEST = 200_000  # bytes
MOST_A_MINUTE = 10  # of one person
COOKIE = "kept" if settings.TRIAL else "__Host-kept"
MARK, KEPT = "page_of", "kept"
OF_THE_PORTAL = {"csrfmiddlewaretoken", MARK, KEPT}
# What tells an old page from a new one (core.old_pages): sent again, and no words of anybody.
OF_A_GUARD = re.compile(r"(.+-)?(made_from|shown)")
# What a button sends, what counts the rows of a page of the admin, and where one was going.
OF_A_BUTTON = re.compile(r"_\w+=.*|\w+-[A-Z_]+=\d+|next=.*|\w+=[\w-]{1,20}", re.DOTALL)
SECRETS = {"password", "password1", "password2", "oldpassword", "code", "credential"}
# Where one signs in; each goes on to `next`. What is asked again of who is signed in, allauth does afterwards.
ASKING_WHO = ["account_request_login_code", "account_login", "admin:login"]
signer = signing.Signer(salt="core.kept_typing")


@dataclass(frozen=True)
class Typed:
    """What a form sent: to which path, whose page it was (None: a visitor's), and each field with its values."""

    path: str
    owner: int | None
    fields: list[tuple[str, list[str]]]
    has_files: bool = False

    @property
    def shown(self) -> list[tuple[str, list[str]]]:
        """The fields that hold something, in their order, with a label that people know; no buttons."""
        held = [(name, [value for value in values if value.strip()]) for name, values in self.fields]
        labels = labels_of([name for name, values in held if values])
        return [
            (labels.get(name) or pretty_name(name), values)
            for name, values in held
            if values
            and not OF_A_GUARD.fullmatch(name)
            and (name in labels or not OF_A_BUTTON.fullmatch(f"{name}={values[0]}"))
        ]

    @property
    def hidden(self) -> list[tuple[str, str]]:
        return [(name, value) for name, values in self.fields for value in values]


def hidden_fields(token: str, request: HttpRequest | None) -> SafeString:
    """What `{% csrf_token %}` writes: the token, and for who is signed in the mark of whose page it is."""
    fields = format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', token)
    pk = getattr(getattr(request, "user", None), "pk", None)
    if pk is None:
        return fields
    return fields + format_html('<input type="hidden" name="{}" value="{}">', MARK, signer.sign(str(pk)))


def typed_in(request: HttpRequest) -> Typed | None:
    """What this request holds of a form; None when it is no page of ours that sent it, or when there is nothing."""
    names = set(request.POST) - OF_THE_PORTAL
    if request.method != "POST" or names & SECRETS or not is_from_a_page_of_ours(request):
        return None
    fields = [(name, values) for name, values in request.POST.lists() if name in names]
    typed = Typed(request.get_full_path(), owner_of(request), fields, has_files=bool(request.FILES))
    return typed if typed.shown else None


def is_from_a_page_of_ours(request: HttpRequest) -> bool:
    """By what the browser says and no page can make it say (Fetch Metadata; RFC 6454, 7)."""
    if site := request.headers.get("Sec-Fetch-Site"):
        return site == "same-origin"
    here = f"{request.scheme}://{request.get_host()}"
    if origin := request.headers.get("Origin"):
        return origin == here
    return request.headers.get("Referer", "").startswith(f"{here}/")


def owner_of(request: HttpRequest) -> int | None:
    try:
        return int(signer.unsign(request.POST.get(MARK, "")))
    except (signing.BadSignature, ValueError):
        return None


def keep(typed: Typed, request: HttpRequest, response: HttpResponse, *, now: datetime) -> str:
    """Keep it for its owner; gives the address at which she finds it. The key goes to the browser and stays nowhere.

    Gives "" and keeps nothing of what is longer than any form of ours, and of more than a person sends in a minute: the
    cache would fill up, and it holds sessions and limits too.
    """
    text = json.dumps(asdict(typed)).encode()
    if len(text) > LONGEST or seconds_to_wait("kept-typing", str(typed.owner), a_minute=MOST_A_MINUTE, now=now):
        return ""
    key, name = browser_key(request), secrets.token_urlsafe(9)
    cache.set(place_of(key, name), Fernet(key).encrypt(text), KEEP_SECONDS)
    give_key(response, key)
    return reverse("kept-typing", args=[name])


def browser_key(request: HttpRequest) -> str:
    """The key that this browser has, or a new one, which it still has to be given; the portal keeps it nowhere."""
    key = request.COOKIES.get(COOKIE, "")
    return key if is_key(key) else Fernet.generate_key().decode()


def give_key(response: HttpResponse, key: str) -> None:
    response.set_cookie(
        COOKIE, key, max_age=KEEP_SECONDS, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
    )


def find(request: HttpRequest, name: str) -> Typed | None:
    """What was kept under this name in this browser, for the owner alone."""
    key = request.COOKIES.get(COOKIE, "")
    if not is_key(key) or not (kept := cache.get(place_of(key, name))):
        return None
    try:
        typed = Typed(**json.loads(Fernet(key).decrypt(kept)))
    except InvalidToken:
        return None
    return typed if typed.owner == request.user.pk else None


def forget(request: HttpRequest) -> None:
    """Once it was sent again."""
    key = request.COOKIES.get(COOKIE, "")
    if is_key(key):
        cache.delete(place_of(key, request.POST[KEPT]))


def place_of(key: str, name: str) -> str:
    return f"kept-typing:{sha256(f'{key}/{name}'.encode()).hexdigest()}"


def is_key(text: str) -> bool:
    return bool(re.fullmatch(r"[A-Za-z0-9_-]{43}=", text))


def asks_who(response: HttpResponse) -> bool:
    """Whether it leads to where one signs in, and then back."""
    if response.status_code != 302 or "next=" not in response.headers["Location"]:
        return False
    return urlsplit(response.headers["Location"]).path in map(reverse, ASKING_WHO)


def leading_to(url: str, then: str) -> str:
    """The address of a page for signing in, that goes on to `then`."""
    parts = urlsplit(url)
    return f"{parts.path}?{urlencode({**parse_qs(parts.query), 'next': [then]}, doseq=True)}"


def labels_of(names: Iterable[str]) -> dict[str, str]:
    """Words for those names that the form or the model which has most of them knows."""
    bare = {name: name.rpartition("-")[2] for name in names}
    known: list[dict[str, Any]] = [form.base_fields for form in _forms(BaseForm) if hasattr(form, "base_fields")]
    labels = [{name: field.label for name, field in fields.items() if field.label} for fields in known]
    labels += [{field.name: field.verbose_name for field in model._meta.fields} for model in apps.get_models()]
    best = max(labels, key=lambda each: len(each.keys() & set(bare.values())))
    return {name: str(capfirst(best[last])) for name, last in bare.items() if last in best}


def _forms(kind: type) -> list[Any]:
    below: list[Any] = kind.__subclasses__()
    return [each for form in below for each in (form, *_forms(form))]
