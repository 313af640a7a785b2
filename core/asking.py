"""Acts that ask first: a page says in numbers what will happen, and only its button does it.

Every act of staff on several rows and every danger button asks so; tests/architecture holds it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext

from core.models import MailState, OutgoingMail
from core.moves import Refused

Outcome = TypeVar("Outcome")
ROWS_NAMED = 20  # on the asking page; of more only the number


@dataclass(frozen=True)
class Foreseen(Generic[Outcome]):
    """What an act gives, and how many mails to how many people it writes."""

    outcome: Outcome
    mails: int
    people: int

    @property
    def mails_in_words(self) -> str:
        """One sentence, for the list of what will happen."""
        if not self.mails:
            return gettext("Nobody gets a mail.")
        text = ngettext("%(number)s mail goes out.", "%(number)s mails go out.", self.mails) % {"number": self.mails}
        if self.people == self.mails:
            return text
        to = ngettext("To %(number)s person.", "To %(number)s people.", self.people) % {"number": self.people}
        return f"{text} {to}"


def what_if(act: Callable[[], Outcome]) -> Outcome:
    """What `act` gives, without doing it: all that it wrote is undone, and no mail leaves. What it raises is raised."""
    with transaction.atomic():
        try:
            return act()
        finally:
            transaction.set_rollback(True)


def foresee(act: Callable[[], Outcome], *, now: datetime) -> Foreseen[Outcome]:
    """As `what_if`, with the mails that it writes; `now` is the moment that `act` gives to what it calls."""

    def counted() -> Foreseen[Outcome]:
        before = set(OutgoingMail.objects.filter(queued_at=now).values_list("pk", flat=True))
        outcome = act()
        new = OutgoingMail.objects.filter(queued_at=now).exclude(state=MailState.WITHDRAWN).exclude(pk__in=before)
        addresses = list(new.values_list("to", flat=True))
        return Foreseen(outcome, len(addresses), len({address.lower() for address in addresses}))

    return what_if(counted)


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
    can_be_done: bool = True,
) -> HttpResponse:
    """The page on which an act of the admin asks first: `sentences` say in numbers what will happen."""
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "original": original,
        "title": title,
        "sentences": sentences,
        "rows": (rows or [])[:ROWS_NAMED],
        "more": max(len(rows or []) - ROWS_NAMED, 0),
        "hidden": hidden or [],
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
):
    """An admin action that asks first.

    `act` takes one row, `actor` and `now`; `rows` are those of the selection that it is about, `foretell` gives the
    sentences about what else goes with them, and `changed` the sentence about so many.
    """

    def action(self, request, queryset):
        now = timezone.now()
        chosen = list(rows(queryset))

        def do() -> Done:
            return each(chosen, lambda row: act(row, actor=request.user, now=now))

        if "sure" in request.POST:
            done = do()
            for row, reason in done.refused:
                messages.error(request, f"{row}: {reason}")
            number = len(done.rows)
            self.message_user(request, changed(number), messages.SUCCESS if number else messages.WARNING)
            return None
        also = foretell(chosen)  # as long as it is not done
        foreseen = foresee(do, now=now)
        refused = [f"{row}: {reason}" for row, reason in foreseen.outcome.refused]
        return asking_page(
            self,
            request,
            title=description,
            sentences=[changed(len(foreseen.outcome.rows)), *also, foreseen.mails_in_words, *refused],
            rows=foreseen.outcome.rows,
            hidden=[
                ("action", request.POST["action"]),
                *((ACTION_CHECKBOX_NAME, str(row.pk)) for row in queryset),
            ],
            can_be_done=bool(foreseen.outcome.rows),
        )

    action.short_description = description  # type: ignore[attr-defined]  # as admin.action writes them
    action.allowed_permissions = permissions  # type: ignore[attr-defined]
    action.asks_first = True  # type: ignore[attr-defined]
    return action
