"""Calendars to subscribe to, and the page on which one gets the address of one's own.

Programs ask for a feed each hour, for years, and mostly nothing has changed: then the answer is 304.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import brotli
from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import http_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from core.limits import seconds_to_wait
from core.visitor_pages import kept_for_all
from leerlijnen.models import LearningLine, Programme
from leerlijnen.rules import TrackCode
from members import reauthentication
from sessions_app.actions import calendar_addresses
from sessions_app.calendar_feed import SHOWN_BACK, personal_feed, public_feed
from sessions_app.models import CalendarAddress, Session
from sessions_app.rules import IN_CALENDARS

VISITOR = AnonymousUser()
REQUESTS_A_MINUTE = 30  # for one address; a program asks once an hour, and a firm of many people for many addresses
GUESSES_A_MINUTE = 30  # from one computer, at addresses that are nobody's
KEPT_SINCE = 30 * 24 * 3600  # seconds that is remembered when a feed last changed


@dataclass(frozen=True)
class Text:
    """A feed that is the same for everyone."""

    plain: bytes
    compressed: bytes


# For everyone


@require_safe
def all_sessions(request):
    """Of the past year and to come, of every programme."""
    sessions = Session.objects.visible_to(VISITOR).filter(starts_at__gte=timezone.now() - SHOWN_BACK)
    return for_everyone(request, lambda: ("Netwerk en Leren", sessions))


@require_safe
def of_programme(request, year):
    def found():
        programme = get_object_or_404(Programme.objects.visible_to(VISITOR), year=year)
        return f"Netwerk en Leren {year}", Session.objects.visible_to(VISITOR).filter(programme=programme)

    return for_everyone(request, found)


@require_safe
def of_track(request, year, track):
    """Of one track of a programme; leadership dialogues stand in no feed, so that track has none."""
    if track not in TrackCode.values or track == TrackCode.LEADERSHIP:
        raise Http404

    def found():
        programme = get_object_or_404(Programme.objects.visible_to(VISITOR), year=year)
        row = get_object_or_404(programme.tracks, code=track)
        return f"Netwerk en Leren {year}: {row.title}", Session.objects.visible_to(VISITOR).filter(track=row)

    return for_everyone(request, found)


@require_safe
def of_line(request, slug):
    def found():
        line = get_object_or_404(LearningLine.objects.visible_to(VISITOR), slug=slug)
        return f"Netwerk en Leren: {line.title}", Session.objects.visible_to(VISITOR).filter(learning_line=line)

    return for_everyone(request, found)


def for_everyone(request: HttpRequest, find: Callable) -> HttpResponse:
    """`find` gives the name and the sessions; asked only when the feed is not kept."""

    def make() -> Text:
        name, sessions = find()
        rows = sessions.dated().only(*IN_CALENDARS).order_by("starts_at", "pk")
        plain = public_feed(rows, name=name, language=get_language()).encode()
        return Text(plain, brotli.compress(plain, quality=5))

    text = kept_for_all(f"feed:{request.path}", make)
    compressed = "br" in request.headers.get("Accept-Encoding", "")
    response = answer(request, text.plain, now=timezone.now(), sent=text.compressed if compressed else text.plain)
    if compressed and response.content:
        response.headers["Content-Encoding"] = "br"
    patch_vary_headers(response, ["Accept-Encoding"])
    response.headers["Cache-Control"] = "no-cache"
    return response


# One's own


@require_safe
def personal(request, token):
    """Without signing in, for whoever has the address; what is no address any more answers like what never was."""
    now = timezone.now()
    wait = seconds_to_wait("feed", token, a_minute=REQUESTS_A_MINUTE, now=now)
    address = None if wait else CalendarAddress.objects.behind(token)
    if address is None:
        computer = get_adapter().get_client_ip(request)
        wait = wait or seconds_to_wait("feed-guess", computer, a_minute=GUESSES_A_MINUTE, now=now)
        return refused(wait)
    text = personal_feed(address.person, language=get_language(), now=now).encode()
    response = answer(request, text, now=now)
    response.headers["Cache-Control"] = "private, no-cache"
    return nowhere_else(response)


def refused(wait: int) -> HttpResponse:
    """Words that a program may show; a page would cost more than the feed."""
    words = _("Too often. Try again in a minute.") if wait else _("There is no calendar at this address.")
    response = HttpResponse(f"{words}\n", status=429 if wait else 404, content_type="text/plain; charset=utf-8")
    if wait:
        response.headers["Retry-After"] = str(wait)
    response.headers["Cache-Control"] = "private, no-store"
    return nowhere_else(response)


def nowhere_else(response: HttpResponse) -> HttpResponse:
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def answer(request: HttpRequest, text: bytes, *, now: datetime, sent: bytes | None = None) -> HttpResponse:
    """The feed, or 304 for who has it already, by its digest or by when it last changed."""
    digest = sha256(text).hexdigest()[:24]
    since = unchanged_since(request.path, digest, now=now)
    response = HttpResponse(text if sent is None else sent, content_type="text/calendar; charset=utf-8")
    response.headers["ETag"] = etag = f'W/"{digest}"'
    response.headers["Last-Modified"] = http_date(since)
    response.headers["Content-Disposition"] = 'inline; filename="netwerk-en-leren.ics"'
    response.headers["X-Robots-Tag"] = "noindex"
    return get_conditional_response(request, etag=etag, last_modified=since, response=response) or response


def unchanged_since(path: str, digest: str, *, now: datetime) -> int:
    """When this feed was first seen as it is now, in seconds.

    The rows do not tell: a session that is gone from a feed leaves no moment behind. It is always later than what was
    said before, so that two changes in one second are two.
    """
    key = f"feed-since:{sha256(path.encode()).hexdigest()[:32]}"
    known = cache.get(key)
    if known and known[0] == digest:
        return known[1]
    since = max(int(now.timestamp()), known[1] + 1 if known else 0)
    cache.set(key, (digest, since), KEPT_SINCE)
    return since


# The page


@cache_control(private=True, no_store=True)  # it shows the address
@login_required
@require_safe
def subscribe(request):
    """How to have one's sessions in a calendar of one's own, with the address once there is one.

    Whoever has that address reads the calendar for years without signing in, so that who is there is asked first.
    """
    address = CalendarAddress.objects.of(request.user)
    if address:
        reauthentication.ask(request)
    context = {"address": address, "noindex": True}
    return render(request, "sessions_app/calendar_subscribe.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication.asks_again()
def make_address(request):
    """POST makes an address, or another in place of the one that there is."""
    if request.method == "POST":
        calendar_addresses.make(person=request.user, actor=request.user, now=timezone.now())
        messages.success(request, _("This is your new address. An older one shows nothing any more."))
    return redirect("sessions:subscribe")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def end_address(request):
    """POST switches it off."""
    if request.method == "POST" and calendar_addresses.end(person=request.user, actor=request.user, now=timezone.now()):
        messages.success(request, _("Your address is switched off. Calendars that read it show nothing new any more."))
    return redirect("sessions:subscribe")


def as_download(text: str, *, name: str) -> HttpResponse:
    """One calendar file, for the reader's own program to open."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type="text/calendar; charset=utf-8", headers=headers)
