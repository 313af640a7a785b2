from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render, resolve_url
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views import csrf
from django.views.decorators.http import require_safe

from core import kept_typing


def csrf_failure(request, reason=""):
    """A form whose token is not right: what was typed comes back with a fresh one, or is kept for who typed it."""
    request.may_be_forged = True  # nothing may do later what it asked
    typed = kept_typing.typed_in(request)
    if typed is None:
        return csrf.csrf_failure(request, reason=reason)
    if typed.owner in (None, request.user.pk):
        return send_again(request, typed, status=403)
    response = HttpResponse(status=403)
    kept_at = kept_typing.keep(typed, request, response, now=timezone.now())
    if not kept_at:
        return csrf.csrf_failure(request, reason=reason)
    url = kept_typing.leading_to(resolve_url(settings.LOGIN_URL), kept_at)
    response.content = render_to_string(
        "core/typing_of_another.html", {"sign_in_url": url, "kept_url": kept_at}, request
    )
    return response


@login_required
@require_safe
def kept(request, name):
    """What the reader typed before she was signed out, to be sent now; for anyone else there is nothing."""
    typed = kept_typing.find(request, name)
    if typed is None:
        return render(request, "core/typing_gone.html", status=404)
    return send_again(request, typed, name=name)


def send_again(request, typed: kept_typing.Typed, *, name: str = "", status: int = 200) -> HttpResponse:
    response = render(request, "core/typing_kept.html", {"typed": typed, "name": name}, status=status)
    add_never_cache_headers(response)
    return response
