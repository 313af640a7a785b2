from functools import partial

from django.contrib import admin
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import audit
from core.move_buttons import MoveButton, MoveButtons
from core.templatetags.portal import local_date
from integrity.actions import agenda, routes
from integrity.forms import RouteForm
from integrity.models import IntegrityAgendaItem, ReportingRoute, SupportRoute
from integrity.rules import ITEM_MOVES, ROUTE_MOVES, ItemState, RouteState


def can_become(state):
    return lambda route, now: ROUTE_MOVES.allows(route.state_at(now), state)


class Kept(MoveButtons):
    """Rows that the integrity coordinator keeps: an edit leaves a trail as a move does."""

    def has_delete_permission(self, request, obj=None):
        return False  # they are withdrawn or parked, so that the trail keeps what it speaks of

    def save_model(self, request, obj, form, change):
        now = timezone.now()
        if hasattr(obj, "changed_at"):
            obj.changed_at = now
        super().save_model(request, obj, form, change)
        verb = f"{self.opts.model_name}.{'changed' if change else 'added'}"
        audit.record(verb, obj, actor=request.user, now=now, fields="+".join(form.changed_data)[:80])


@admin.register(ReportingRoute, SupportRoute)
class RouteAdmin(Kept):
    form = RouteForm
    list_display = ["title", "run_by", "state_now", "verified_at", "check_before", "order"]
    list_filter = ["state"]
    search_fields = ["title", "run_by"]
    readonly_fields = ["state_now", "verified_at", "check_before"]
    fieldsets = [
        (None, {"fields": ["state_now", "verified_at", "check_before"]}),
        (_("What it is"), {"fields": ["title", "run_by", "language", "for_whom", "about", "order"]}),
        (
            _("How to get in touch"),
            {
                "fields": [
                    *("contact_function", "phone", "mail", "web"),
                    *("opening_hours", "languages", "is_anonymous_possible"),
                ]
            },
        ),
        (_("After that"), {"fields": ["what_next"]}),
    ]
    move_buttons = [
        MoveButton(
            name="check",
            label=_("I tried it: it works"),
            done=_("The route is marked as checked today."),
            act=routes.check,
            shows=can_become(RouteState.VERIFIED),
        ),
        MoveButton(
            name="publish",
            label=_("Publish"),
            done=_("Everyone can see the route."),
            act=routes.publish,
            shows=can_become(RouteState.PUBLISHED),
        ),
        MoveButton(
            name="reopen",
            label=_("Back to draft"),
            done=_("The route is a draft again."),
            act=routes.reopen,
            shows=can_become(RouteState.DRAFT),
        ),
        MoveButton(
            name="withdraw",
            label=_("Withdraw"),
            done=_("The route is off the page."),
            act=routes.withdraw,
            shows=can_become(RouteState.WITHDRAWN),
            is_danger=True,
            foretell=lambda row: [gettext("Nobody finds this route on the page. It can become a draft again.")],
        ),
    ]

    @admin.display(description=_("state"), ordering="state")
    def state_now(self, row):
        return row.state_at(timezone.now()).label

    @admin.display(description=_("check before"), ordering="verified_at")
    def check_before(self, row):
        return local_date(row.check_before)


@admin.register(IntegrityAgendaItem)
class IntegrityAgendaItemAdmin(Kept):
    list_display = ["title", "owner", "state", "next_step", "next_date"]
    list_filter = ["state", "owner"]
    search_fields = ["title", "next_step"]
    date_hierarchy = "next_date"
    readonly_fields = ["state", "changed_at"]
    fields = ["state", "title", "title_language", "owner", "next_step", "next_date", "changed_at"]
    move_buttons = [
        MoveButton(
            name=str(state).replace("_", "-"),
            label=format_lazy("{}: {}", _("Move to"), state.label),
            done=_("The item has moved."),
            act=partial(lambda item, state, **who: agenda.move(item, state, **who), state=state),
            shows=partial(lambda item, now, state: ITEM_MOVES.allows(item.state, state), state=state),
            is_danger=state == ItemState.PARKED,
            foretell=lambda item: [gettext("The item rests, without a next step. It can be raised again.")],
        )
        for state in ItemState
    ]
