"""Mails about routes, to those who keep them. Keys start with `route:<model>:<id>:`."""

from datetime import datetime

from core.mail import Letter
from integrity.models import Route
from members.models import User


def check_prefix(route: Route) -> str:
    """Of the mails that ask to try a route again."""
    return f"route:{route._meta.model_name}:{route.pk}:check:"


def check(route: Route, person: User, *, step: int, until: datetime) -> Letter:
    """`step` days are left, or none: then phone and mail are hidden. Once for each step and date."""
    return Letter(
        key=f"{check_prefix(route)}{step}:{until:%Y-%m-%dT%H:%MZ}:{person.pk}",
        to=person,
        template="integrity/mail/route_check",
        context={
            "route": route,
            "until": until,
            "is_over": step == 0,
            "admin_page": f"admin:integrity_{route._meta.model_name}_change",
        },
        needs_right=f"integrity.view_{route._meta.model_name}",
    )
