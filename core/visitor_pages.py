"""Pages that are the same for every visitor, kept whole in the cache.

A page is kept together with the version that held before it was made, and is shown only while that version still
holds. Each commit that changed a row of a model marked `ShownToVisitors` begins a new version, so that nobody sees what
was before it. What changes with the clock alone (a session that is over) shows within KEEP_SECONDS.

Whoever carries a session or a message gets a page made anew. So does code inside a transaction: it reads what is not
committed yet. A page on which signed-in readers differ in few things is kept once for each kind of reader.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from functools import wraps
from hashlib import sha256
from typing import Any
from uuid import uuid4

import brotli
from django.conf import settings
from django.contrib.messages import get_messages
from django.core.cache import cache
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.translation import get_language

from core.kept_typing import hidden_fields

log = logging.getLogger(__name__)
VERSION = "visitor-pages:version"
KEEP_SECONDS = 60
PERSONAL_COOKIES = (settings.SESSION_COOKIE_NAME, settings.MESSAGE_COOKIE_NAME)


@dataclass(frozen=True)
class Kept:
    version: str
    content_type: str
    etag: str
    content: bytes
    compressed: bytes


def kept_for_visitors(view):
    """Answer a visitor's GET without query string from the cache; 304 for who has that very page already.

    What sets a cookie, holds a CSRF token or is not a plain 200 is never kept. Made for one person, the page is kept by
    the browser neither: else the Back button would show a seat that was just given up, or the page of who signed out.
    """

    @wraps(view)
    def wrapped(request, *args, **kwargs):
        if not is_for_visitors(request):
            response = view(request, *args, **kwargs)
            if is_personal(request):
                patch_cache_control(response, private=True, no_store=True)
            elif may_be_kept(request, response):
                patch_cache_control(response, no_cache=True)
            return response
        key = f"visitor-page:{sha256(request.path.encode()).hexdigest()}"
        kept, version = look_up(key)
        if kept is None:
            response = view(request, *args, **kwargs)
            if not may_be_kept(request, response):
                return response
            kept = keep(key, version, response)
        return answer(request, kept)

    wrapped.is_for_visitors = True  # type: ignore[attr-defined]
    return wrapped


@dataclass(frozen=True)
class KeptValue:
    version: str
    value: Any


def kept_for_all(name: str, make: Callable[[], Any]) -> Any:
    """What `make` gives, kept as the pages are; for what is made of rows marked `ShownToVisitors` and of no reader.

    Nothing (None) is not kept.
    """
    return kept_value(name, make).value


def kept_value(name: str, make: Callable[[], Any]) -> KeptValue:
    """As `kept_for_all`, with the version that held before the value was made; "" when it may not be kept."""
    if transaction.get_connection().in_atomic_block:
        return KeptValue("", make())
    key = f"kept-for-all:{name}"
    found, version = look_up(key)
    if found is not None:
        return found
    value = make()
    if value is None:
        return KeptValue("", None)
    kept = KeptValue(version, value)
    cache.set(key, kept, KEEP_SECONDS)
    return kept


@dataclass(frozen=True)
class AnyReader:
    """All that a page kept for a kind of reader can learn of who is signed in."""

    is_staff: bool
    is_authenticated: bool = True


def render_for_kind(
    request, template: str, *, version: str, shared: Callable[[], dict[str, Any]], differing: dict[str, Any]
) -> HttpResponse:
    """A page for somebody signed in, made once for all to whom the same holds.

    `shared` gives what is made of rows marked `ShownToVisitors`, read under `version`. `differing` is what readers
    differ in, as plain values: they are the key, so that two readers share a page only when it is the same to the
    letter. The template gets neither the person nor the request; what `{% csrf_token %}` writes for each reader is put
    in afterwards.

    Made for this reader alone when there is no version, a message to show, or a value that is not plain.
    """
    if not (version and may_share(request) and is_plain(differing)):
        return render(request, template, {**shared(), **differing})
    reader = AnyReader(is_staff=request.user.is_staff)
    kind = repr((request.path, template, get_language(), reader, sorted(differing.items())))
    key = f"page-for-kind:{sha256(kind.encode()).hexdigest()}"
    found, _ = look_up(key)
    if found is None:
        token = uuid4().hex
        context = {**shared(), **differing, "csrf_token": token}
        page = render_to_string(template, context, without_person(request, reader))
        found = KeptValue(version, page.split(token))
        cache.set(key, found, KEEP_SECONDS)
    return HttpResponse(hidden_fields(get_token(request), request).join(found.value))


def may_share(request) -> bool:
    return request.user.is_authenticated and not request.META.get("QUERY_STRING") and not get_messages(request)


def is_plain(value: Any) -> bool:
    """Whether `repr` tells all of it."""
    if isinstance(value, dict):
        return all(map(is_plain, value.values()))
    if is_dataclass(value):
        return all(is_plain(getattr(value, field.name)) for field in fields(value))
    return value is None or type(value) in (str, int, bool)


def without_person(request, reader: AnyReader) -> HttpRequest:
    """The same page, asked for without a cookie, by a reader without a name."""
    bare = HttpRequest()
    bare.method, bare.path, bare.path_info = "GET", request.path, request.path_info
    bare.resolver_match = request.resolver_match
    bare.user = reader  # type: ignore[assignment]
    return bare


def is_for_visitors(request) -> bool:
    return (
        request.method in ("GET", "HEAD")
        and not request.META.get("QUERY_STRING")
        and not is_personal(request)
        and not transaction.get_connection().in_atomic_block
    )


def is_personal(request) -> bool:
    return any(name in request.COOKIES for name in PERSONAL_COOKIES)


def may_be_kept(request, response) -> bool:
    return (
        response.status_code == 200
        and not response.streaming
        and not response.cookies
        and not request.META.get("CSRF_COOKIE_NEEDS_UPDATE")
    )


def look_up(key: str) -> tuple[Any, str]:
    """The page or value if its version still holds, and the version that holds now."""
    found: dict[str, Any] = cache.get_many([VERSION, key])
    version: str = found.get(VERSION) or cache.get_or_set(VERSION, new_version, None) or ""
    kept = found.get(key)
    return (kept if kept and kept.version == version else None), version


def keep(key: str, version: str, response: HttpResponse) -> Kept:
    content = response.content
    kept = Kept(
        version=version,
        content_type=response.headers["Content-Type"],
        etag=f'W/"{sha256(content).hexdigest()[:24]}"',
        content=content,
        compressed=brotli.compress(content, quality=5),
    )
    cache.set(key, kept, KEEP_SECONDS)
    return kept


def answer(request, kept: Kept) -> HttpResponse:
    """The page itself or a 304; the browser asks each time whether its copy still holds."""
    compressed = "br" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(kept.compressed if compressed else kept.content, content_type=kept.content_type)
    if compressed:
        response.headers["Content-Encoding"] = "br"
    response.headers["ETag"] = kept.etag
    response.headers["Cache-Control"] = "no-cache"
    patch_vary_headers(response, ["Cookie", "Accept-Encoding"])
    return get_conditional_response(request, etag=kept.etag, response=response) or response


def new_version() -> str:
    return uuid4().hex


def changed() -> None:
    """Begin a new version of all visitors' pages, once the transaction is committed."""
    if not any(waiting is drop for _, waiting, *_ in transaction.get_connection().run_on_commit):
        transaction.on_commit(drop)


def drop() -> None:
    """What was committed stays done: a cache that cannot be written costs a line, and pages that are a minute old."""
    try:
        cache.set(VERSION, new_version(), None)
    except Exception as error:
        log.warning("kept pages were not dropped: %s", type(error).__name__)


class ShownQuerySet(models.QuerySet):
    """Changes to many rows at once begin a new version too."""

    def bulk_create(self, *args, **kwargs):
        rows = super().bulk_create(*args, **kwargs)
        changed()
        return rows

    def update(self, **values):
        number = super().update(**values)
        changed()
        return number

    def delete(self):
        gone = super().delete()
        changed()
        return gone

    # As Django marks its own: no template calls these, and no manager offers to delete everything.
    update.alters_data = delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]


class ShownToVisitors(models.Model):
    """For a model whose rows stand on pages that visitors see."""

    objects = ShownQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        super().save(*args, **kwargs)
        changed()

    def delete(self, *args, **kwargs):
        gone = super().delete(*args, **kwargs)
        changed()
        return gone
