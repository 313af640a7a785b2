import brotli
from django.conf import settings
from django.utils.cache import patch_vary_headers


def content_security_policy(get_response):
    """Send settings.SECURE_CSP with every response (the setting's name and shape are Django 6.0's)."""
    policy = "; ".join(f"{directive} {' '.join(sources)}" for directive, sources in settings.SECURE_CSP.items())

    def middleware(request):
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", policy)
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
