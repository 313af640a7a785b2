"""What staff did with sessions and can still take back, on the pages of the admin that show it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.models import Act
from core.moves import Refused
from sessions_app.actions import undoing
from sessions_app.admin.moves import BY_NAME
from sessions_app.models import Session
from sessions_app.permissions import can_curate

OTHERS = {  # what is no move of one session
    "several": _("Several sessions"),
    "series-made": _("Make a series"),
    "series-open": _("Open all for registration"),
    "series-close": _("Close all"),
    "series-held": _("Mark all that are over as held"),
    "series-date": _("Add a date"),
    "correct": _("Correct the session"),
    "invitation": _("Invite someone"),
    "again": _("Mail a new link"),
    "revoke": _("Revoke the invitation"),
    "take-off": _("Take off the list"),
    "admit": _("Admit"),
    "reject": _("Do not admit"),
    "give-seat": _("Give a seat now"),
}


def acts_waiting(request: HttpRequest, *, now: datetime, sessions: Iterable[int] | None = None) -> list[Act]:
    """Those that this member of staff may take back, of these sessions or of all; with `words` for what was done."""
    if not can_curate(request.user):
        return []
    rows: list[Any] = undoing.waiting(now=now, sessions=sessions)
    for row in rows:
        row.words = BY_NAME[row.verb].label if row.verb in BY_NAME else OTHERS.get(row.verb, "")
    return rows


def act_view(request: HttpRequest, session: Session, act: int, name: str) -> HttpResponse:
    """Take back what was done, or let its mails leave at once; leads back to the page with the button."""
    if name not in ("undo", "send"):
        raise Http404
    who = {"actor": request.user, "now": timezone.now()}
    try:
        if name == "undo":
            undoing.undo(act=act, **who)
            messages.success(request, _("It is undone. Nobody got a mail."))
        else:
            number = undoing.send_now(act=act, **who)
            text = ngettext("%(number)s mail leaves now.", "%(number)s mails leave now.", number)
            messages.success(request, text % {"number": number})
    except Refused as refused:
        messages.error(request, refused.reason)
    back = request.POST.get("back", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None) or not back.startswith("/"):
        back = resolve_url("admin:sessions_app_session_change", session.pk)
    return redirect(back)
