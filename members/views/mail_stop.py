"""The page behind the link in a mail that one may switch off: no account, no cookie, no name on it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from core.models import OutgoingMail
from members.actions import mail_choices


@never_cache
@csrf_exempt  # a mail provider posts without a page (RFC 8058); who has the link may do this and no more
@require_http_methods(["GET", "HEAD", "POST"])
def mail_stop(request: HttpRequest, token: str) -> HttpResponse:
    """Looking changes nothing, because mail scanners open links too; the button, or the mail program, posts."""
    row = OutgoingMail.objects.behind_stop_link(token)
    if row is None:
        raise Http404
    done = request.method == "POST"
    streams = mail_choices.stop(row=row, now=timezone.now()) if done else mail_choices.switched_off_by(row)
    context = {"streams": streams, "done": done, "noindex": True}
    return render(request, "members/mail_stop.html", context)
