"""Moves in the admin: state fields are read-only there, and a button on a row's page calls the action."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.functional import Promise
from django.views.decorators.http import require_http_methods

from core import acts
from core.asking import asking_page
from core.moves import Refused
from core.old_pages import OUTDATED, hold, row_digest
from core.portal_admin import PortalAdmin


@dataclass(frozen=True)
class MoveButton:
    """`act` is an action that takes the row, actor and now; `shows` tells whether the row can make the move now.

    What is dangerous, or mails somebody and `asks`, asks first, on a page with the sentences of `foretell`: what will
    happen, in numbers, and who gets which mail.
    """

    name: str
    label: str | Promise
    done: str | Promise
    act: Callable[..., Any]
    shows: Callable[[Any, datetime], bool]
    is_danger: bool = False
    foretell: Callable[[Any], list[str]] | None = None
    asks: bool = False

    @property
    def asks_first(self) -> bool:
        return self.asks or self.is_danger


class MoveButtons(PortalAdmin):
    """A ModelAdmin with buttons that move a row as their page showed it; for whoever may change it."""

    change_form_template = "admin/move_buttons.html"
    move_buttons: Sequence[MoveButton] = ()
    changes_by_itself: Sequence[str] = ()  # fields of no concern to who presses a button

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}_move"
        view = self.admin_site.admin_view(self.move_view)
        return [path("<path:object_id>/move/<slug:name>/", view, name=name), *super().get_urls()]

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def move_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        button = next((button for button in self.move_buttons if button.name == name), None)
        if button is None:
            raise Http404
        row = self.row_to_move(request, object_id)
        now = timezone.now()
        if request.method != "POST":
            if not button.asks_first:
                return HttpResponseNotAllowed(["POST"])
            return self.ask_first(request, row, button, now=now)
        with transaction.atomic():
            for locked in self.locked_first(row):
                hold(type(locked), locked.pk)
            row = self.row_to_move(request, object_id)
            try:
                if request.POST.get("shown") != self.shown(row):
                    raise Refused(OUTDATED)
                self.press(button, row, actor=request.user, now=now)
            except Refused as refused:
                messages.error(request, refused.reason)
            else:
                messages.success(request, str(button.done))
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", row.pk)

    def press(self, button: MoveButton, row: Any, *, actor: Any, now: datetime) -> None:
        """Do what the button does; overridden where it can be taken back while its mails wait."""
        button.act(row, actor=actor, now=now)

    def acts_on(self, request: HttpRequest, row: Any, *, now: datetime) -> list[acts.Act]:
        """What was done with the row and this reader may still take back; each with `words` for what it was."""
        return []

    def locked_first(self, row: Any) -> Iterable[Model]:
        """What the actions behind the buttons lock, in their order."""
        return [row]

    def shown(self, row: Any) -> str:
        """All that the page told of a row, for a button to send along."""
        return row_digest(row, but=self.changes_by_itself)

    def ask_first(self, request: HttpRequest, row: Any, button: MoveButton, *, now: datetime) -> HttpResponse:
        """The page of a danger button; what would be refused is said right away."""
        sentences = button.foretell(row) if button.foretell else []
        copy = self.get_queryset(request).get(pk=row.pk)
        try:
            foreseen = acts.foresee(lambda: self.press(button, copy, actor=request.user, now=now), now=now)
        except Refused as refused:
            messages.error(request, refused.reason)
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", row.pk)
        return asking_page(
            self,
            request,
            title=button.label,
            sentences=sentences,
            original=row,
            hidden=[("shown", self.shown(row))],
            foreseen=foreseen.seen_by(request.user),
        )

    def row_to_move(self, request: HttpRequest, object_id: str) -> Any:
        """The row behind an address. Raises Http404, or PermissionDenied for who may see it and not move it."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        if not self.may_move(request, row):
            raise PermissionDenied
        return row

    def may_move(self, request: HttpRequest, row: Model) -> bool:
        return self.has_change_permission(request, row)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj is not None and self.may_move(request, obj):
            now = timezone.now()
            context["acts"] = self.acts_on(request, obj, now=now)
            context["shown"] = self.shown(obj)
            context["move_buttons"] = [button for button in self.move_buttons if button.shows(obj, now)]
        return super().render_change_form(request, context, add=add, change=change, form_url=form_url, obj=obj)
