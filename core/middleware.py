import brotli
from django.conf import settings
from django.contrib import messages
from django.utils import timezone
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import gettext_lazy as _

from core import kept_typing


def read_as_utf8(get_response):
    """Whatever encoding a request names: our pages send UTF-8, and others can spell text that cannot be stored."""

    def middleware(request):
        request.encoding = "utf-8"
        return get_response(request)

    return middleware


def keep_what_was_typed(get_response):
    """A form that was sent by who is signed out meanwhile: it waits until she has signed in (core.kept_typing)."""

    def middleware(request):
        response = get_response(request)
        if request.method != "POST" or response.status_code >= 500:
            return response
        if not kept_typing.asks_who(response):
            if response.status_code != 403 and kept_typing.KEPT in request.POST:
                kept_typing.forget(request)
            return response
        typed = kept_typing.typed_in(request)
        if typed is None or typed.owner is None:
            return response
        if kept_at := kept_typing.keep(typed, request, response, now=timezone.now()):
            response.headers["Location"] = kept_typing.leading_to(response.headers["Location"], kept_at)
            words = _("You were signed out. What you typed comes back once you have signed in; it is kept for an hour.")
            messages.warning(request, words)
        return response

    return middleware


def content_security_policy(get_response):
    """Send settings.SECURE_CSP with every response (the setting's name and shape are Django 6.0's)."""
    policy = "; ".join(f"{directive} {' '.join(sources)}" for directive, sources in settings.SECURE_CSP.items())

    def middleware(request):
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", policy)
        return response

    return middleware


def permissions_policy(get_response):
    """Send settings.PERMISSIONS_POLICY with every response: what a page may ask of camera, place and the like."""
    policy = ", ".join(f"{feature}=({who})" for feature, who in settings.PERMISSIONS_POLICY.items())

    def middleware(request):
        response = get_response(request)
        response.headers["Permissions-Policy"] = policy
        return response

    return middleware


def keep_out_of_caches(get_response):
    """`no-store` on every answer that does not tell itself how it may be kept.

    So a new page about people is right by itself. Those that tell: pages and feeds that are the same for every visitor
    (core.visitor_pages), the stylesheet of the colours, and a person's calendar, which says `private, no-cache`:
    programs ask for it each hour, keep it anyway, and need its 304.
    """

    def middleware(request):
        response = get_response(request)
        if "Cache-Control" not in response.headers:
            patch_cache_control(response, private=True, no_store=True)
        return response

    return middleware


def compress_public_pages(get_response):
    """Brotli for pages that nobody is signed in to and that hold no form.

    Only those: compressing a page that has both a secret and typed text in it would let its length betray the secret
    (the BREACH attack), and a page without cookies has neither.
    """

    def middleware(request):
        response = get_response(request)
        if response.streaming:
            return response
        patch_vary_headers(response, ["Accept-Encoding"])
        if (
            response.cookies
            or request.COOKIES
            or response.has_header("Content-Encoding")
            or len(response.content) < 500
            or "br" not in request.headers.get("Accept-Encoding", "")
            or not response.headers.get("Content-Type", "").startswith(("text/", "application/json"))
        ):
            return response
        response.content = brotli.compress(response.content, quality=5)
        response.headers["Content-Encoding"] = "br"
        response.headers["Content-Length"] = str(len(response.content))
        return response

    return middleware
