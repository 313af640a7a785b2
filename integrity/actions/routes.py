"""Checking, publishing and withdrawing the routes that the public page shows."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import audit, mail
from core.moves import Refused
from integrity import mails, permissions
from integrity.models import Route
from integrity.rules import ROUTE_MOVES, RouteState, route_gaps
from members.models import User


class RouteRefused(Refused):
    """The route stays as it is, and why."""


@transaction.atomic
def check(route: Route, *, actor: User, now: datetime) -> None:
    """Say that the route was tried and works; one that was published stays published.

    Raises RouteRefused for anyone but the integrity coordinator and when the route lacks something (it names the
    field), MoveRefused when it is withdrawn.
    """
    route = _locked(route, actor)
    was_published = route.state == RouteState.PUBLISHED
    gaps = route_gaps(
        for_whom=route.for_whom,
        about=route.about,
        what_next=route.what_next,
        phone=route.phone,
        mail=route.mail,
        web=route.web,
    )
    if gaps:
        raise RouteRefused(gaps[0].reason, field=gaps[0].field)
    _move(route, RouteState.VERIFIED, actor=actor, now=now, verified_at=now)
    if was_published:
        _move(route, RouteState.PUBLISHED, actor=actor, now=now, verified_at=now)


@transaction.atomic
def publish(route: Route, *, actor: User, now: datetime) -> None:
    """Show a checked route to everyone.

    Raises RouteRefused for anyone but the integrity coordinator, MoveRefused for a route that is not checked.
    """
    route = _locked(route, actor)
    _move(route, RouteState.PUBLISHED, actor=actor, now=now, verified_at=route.verified_at)


@transaction.atomic
def withdraw(route: Route, *, actor: User, now: datetime) -> None:
    """Take a route off the page. Raises RouteRefused for anyone but the integrity coordinator."""
    route = _locked(route, actor)
    _move(route, RouteState.WITHDRAWN, actor=actor, now=now, verified_at=route.verified_at)


@transaction.atomic
def reopen(route: Route, *, actor: User, now: datetime) -> None:
    """Make a withdrawn route a draft again; it has to be checked anew. Raises RouteRefused as withdrawing does."""
    route = _locked(route, actor)
    _move(route, RouteState.DRAFT, actor=actor, now=now, verified_at=None)


def _locked(route: Route, actor: User) -> Route:
    if not permissions.can_keep(actor, type(route)):
        raise RouteRefused(_("Only the integrity coordinator can do this."))
    return type(route)._default_manager.select_for_update().get(pk=route.pk)


def _move(route: Route, state: RouteState, *, actor: User, now: datetime, verified_at: datetime | None) -> None:
    old = route.state_at(now)
    reason = gettext("This cannot be done with a route that is “%(state)s”.") % {"state": old.label}
    ROUTE_MOVES.check(old, state, reason)
    route.state = state
    route.verified_at = verified_at
    route.save(update_fields=["state", "verified_at"])
    mail.withdraw(mails.check_prefix(route))
    audit.record(f"route.{state}", route, actor=actor, now=now, old=str(old))
