"""Acts that ask first: a page says in numbers what will happen, and only its button does it.

Every act of staff on several rows and every danger button asks so; tests/architecture holds it.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise

from core import acts
from core.moves import Refused

ROWS_NAMED = 20  # on the asking page; of more only the number


def fingerprint(typed: Any) -> str:
    """Names what was typed, so that what a page showed for it holds for nothing else."""
    return hashlib.sha256(json.dumps(typed, sort_keys=True, default=str).encode()).hexdigest()[:32]


def to_show_first(
    request: HttpRequest, typed: str, act: Callable[[], Any], *, now: datetime
) -> acts.Foreseen[Any] | None:
    """What `act` would mail. None once the page showed it for just what was `typed`, and when nobody gets a mail."""
    if request.POST.get("seen") == typed:
        return None
    foreseen = acts.foresee(act, now=now).seen_by(request.user)
    return foreseen if foreseen.mails else None


@dataclass
class Done:
    """What an act on several rows came to: those that it changed, and those that it was refused for with why."""

    rows: list[Any]
    refused: list[tuple[Any, str | Promise]]


def each(rows: Any, act: Callable[[Any], Any]) -> Done:
    """Each row on its own: one that is refused does not hold the others back."""
    done = Done([], [])
    for row in rows:
        try:
            with transaction.atomic():
                act(row)
        except Refused as refused:
            done.refused.append((row, refused.reason))
        else:
            done.rows.append(row)
    return done


def asking_page(
    model_admin: admin.ModelAdmin,
    request: HttpRequest,
    *,
    title: str | Promise,
    sentences: list[str],
    rows: list[Any] | None = None,
    original: Model | None = None,
    hidden: list[tuple[str, str]] | None = None,
    foreseen: acts.Foreseen[Any] | None = None,
    can_be_done: bool = True,
) -> HttpResponse:
    """The page on which an act of the admin asks first: `sentences` say in numbers what will happen.

    The mails of `foreseen` stand there as they will be read.
    """
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "original": original,
        "title": title,
        "sentences": sentences,
        "rows": (rows or [])[:ROWS_NAMED],
        "more": max(len(rows or []) - ROWS_NAMED, 0),
        "hidden": hidden or [],
        "foreseen": foreseen,
        "can_be_done": can_be_done,
    }
    return TemplateResponse(request, "admin/asking_numbers.html", context)


def asking_action(
    *,
    description: str | Promise,
    permissions: list[str],
    act: Callable[..., Any],
    rows: Callable[[Any], Any] = lambda queryset: queryset,
    foretell: Callable[[list[Any]], list[str]] = lambda rows: [],
    changed: Callable[[int], str],
    together: Callable[..., Done] = lambda do, **about: do(),
    check: Callable[[HttpRequest], None] = lambda request: None,
):
    """An admin action that asks first; `check` may stop it by raising, such as for who has to show who is there.

    `act` takes one row, `actor` and `now`; `rows` are those of the selection that it is about, `foretell` gives the
    sentences about what else goes with them, and `changed` the sentence about so many. `together` does all of it, so
    that it can be taken back as one; it is told `rows`, `actor` and `now`.
    """

    def action(self, request, queryset):
        now = timezone.now()
        chosen = list(rows(queryset))

        def do() -> Done:
            who = {"actor": request.user, "now": now}
            return together(lambda: each(chosen, lambda row: act(row, **who)), rows=chosen, **who)

        if "sure" in request.POST:
            check(request)
            done = do()
            for row, reason in done.refused:
                messages.error(request, f"{row}: {reason}")
            number = len(done.rows)
            self.message_user(request, changed(number), messages.SUCCESS if number else messages.WARNING)
            return None
        also = foretell(chosen)  # as long as it is not done
        foreseen = acts.foresee(do, now=now).seen_by(request.user)
        refused = [f"{row}: {reason}" for row, reason in foreseen.outcome.refused]
        return asking_page(
            self,
            request,
            title=description,
            sentences=[changed(len(foreseen.outcome.rows)), *also, *refused],
            rows=foreseen.outcome.rows,
            hidden=[
                ("action", request.POST["action"]),
                *((ACTION_CHECKBOX_NAME, str(row.pk)) for row in queryset),
            ],
            foreseen=foreseen,
            can_be_done=bool(foreseen.outcome.rows),
        )

    action.short_description = description  # type: ignore[attr-defined]  # as admin.action writes them
    action.allowed_permissions = permissions  # type: ignore[attr-defined]
    action.asks_first = True  # type: ignore[attr-defined]
    return action
