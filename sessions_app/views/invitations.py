"""The page behind the mailed link to a leadership dialogue: no account, no list, no name on it but one's own."""

from datetime import datetime

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from core import links
from core.http import FORM_REFUSED, for_one_reader
from sessions_app.actions import invitations
from sessions_app.actions.invitations import InvitationRefused
from sessions_app.calendar_file import calendar_file
from sessions_app.models import Invitation
from sessions_app.rules import HostingPart, InvitationState, Language, LinkOpens, reply_by
from sessions_app.views.calendars import as_download

DEVICE_COOKIE = "invitation_device_{language}"  # one for each language, because each has a path of its own
DEVICE_SALT = "sessions_app.invitation_device"
REQUESTS_A_MINUTE = 30


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Shows and answers one invitation. Opening it changes nothing but a hint, because mail scanners open links too."""
    if too_often(request):
        return for_one_reader(render(request, "sessions_app/invitation_too_often.html", {"noindex": True}, status=429))
    now = timezone.now()
    row, nonce, device, opens = behind(request, token, now=now)
    device = device or links.new_nonce()
    if request.method == "POST" and request.POST.get("answer") == "mail":
        invitations.mail_new_link(token=token, now=now)
        return neutral(request, mailed=True, status=200)
    if opens == LinkOpens.NOTHING:
        return neutral(request)
    if request.method == "POST":
        return remember(post(request, row, token, nonce=nonce, device=device, now=now), row, token, device)
    if opens == LinkOpens.AFTER_ASKING:
        return remember(neutral(request, may_open=True, status=200), row, token, device)
    if request.method == "GET":
        invitations.opened(invitation=row, now=now)
    return remember(show(request, row, now=now), row, token, device)


@never_cache
@require_safe
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """The date for the calendar of who accepted, on the device that did so; it names neither subject nor place."""
    if too_often(request):
        return for_one_reader(render(request, "sessions_app/invitation_too_often.html", {"noindex": True}, status=429))
    row, _nonce, _device, opens = behind(request, token, now=timezone.now())
    if opens != LinkOpens.FULLY or row.state != InvitationState.ACCEPTED:
        return neutral(request)
    text = calendar_file(row.session, language=get_language(), sequence=row.calendar_sequence)
    return for_one_reader(as_download(text, name="gesprek.ics"))


def behind(request: HttpRequest, token: str, *, now: datetime) -> tuple[Invitation | None, str, str, LinkOpens]:
    """The invitation of this link, the link's nonce, the word of this device (or ""), and what the link opens here."""
    cookie = DEVICE_COOKIE.format(language=get_language())
    device = request.get_signed_cookie(cookie, default="", salt=DEVICE_SALT)
    found = invitations.behind(token, now=now)
    if found is None:
        return None, "", device, LinkOpens.NOTHING
    row, nonce = found
    return row, nonce, device, row.opens(link_nonce=nonce, device=device)


def post(request, row: Invitation, token: str, *, nonce: str, device: str, now) -> HttpResponse:
    answer = request.POST.get("answer")
    try:
        if answer == "open":
            invitations.open_on_device(invitation=row, link_nonce=nonce, device=device, now=now)
        elif answer in ("accept", "decline"):
            invitations.answer(invitation=row, accepts=answer == "accept", link_nonce=nonce, device=device, now=now)
        else:
            return show(request, row, now=now, status=FORM_REFUSED)
    except InvitationRefused:
        return neutral(request)
    return for_one_reader(redirect("sessions:invitation", token=token))


def show(request, row: Invitation, *, now, status: int = 200) -> HttpResponse:
    session = row.session
    context = {
        "invitation": row,
        "session": session,
        "text_language": "" if session.language == Language.BOTH else session.language,
        "goals": session.track.goals.all(),
        "content_leads": session.hostings.filter(part=HostingPart.CONTENT_LEAD).select_related("organisation"),
        "reply_by": reply_by(starts_at=session.starts_at, now=now),
        "token": request.resolver_match.kwargs["token"],
        "refused": status == FORM_REFUSED,
        "noindex": True,
    }
    return for_one_reader(render(request, "sessions_app/invitation.html", context, status=status))


def neutral(request, *, status: int = 404, mailed: bool = False, may_open: bool = False) -> HttpResponse:
    """Without title or names, and the same for a link that never was, is revoked, is over, or is another device's."""
    context = {"mailed": mailed, "may_open": may_open, "noindex": True}
    return for_one_reader(render(request, "sessions_app/invitation_neutral.html", context, status=status))


def remember(response: HttpResponse, row: Invitation, token: str, device: str) -> HttpResponse:
    """Give the device its word, on the pages of this one link, in both languages."""
    for language, _ in settings.LANGUAGES:
        with override(language):
            path = reverse("sessions:invitation", kwargs={"token": token})
        response.set_signed_cookie(
            DEVICE_COOKIE.format(language=language),
            device,
            salt=DEVICE_SALT,
            path=path,
            expires=row.session.ends_at,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return response


def too_often(request: HttpRequest) -> bool:
    """More than 30 requests a minute from one address; counted in the cache that all processes share."""
    key = f"invitation:{timezone.now():%H%M}:{get_adapter().get_client_ip(request)}"
    cache.add(key, 0, timeout=60)
    try:
        return cache.incr(key) > REQUESTS_A_MINUTE
    except ValueError:  # it ran out between the two calls
        return False
