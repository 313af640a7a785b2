"""Samples of the mails about routes (core.mail_samples)."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from core.mail import Letter
from core.mail_samples import Case, Sample
from integrity import mails
from integrity.models import ReportingRoute
from integrity.rules import CHECK_EVERY, RouteState
from members.mail_samples import FICTIONAL, Scene


def check(scene: Scene, *, step: int) -> list[Letter]:
    route = ReportingRoute.objects.create(
        title=f"Meldlijn Voorbeeld {FICTIONAL}",
        run_by=f"Luisterend Oor {FICTIONAL}",
        phone="+31 20 000 0000",
        state=RouteState.PUBLISHED,
        verified_at=scene.now + timedelta(days=step) - CHECK_EVERY,
    )
    keeper = scene.person("Ravi Schetsma", is_staff=True)
    return [mails.check(route, keeper, step=step, until=route.check_before)]


SAMPLES = [
    Sample(
        "integrity/mail/route_check",
        _("Integrity"),
        _("A route has to be tried again"),
        _("30, 14 and 3 days before a published route is due for a check, and when it is. To who keeps the routes."),
        Scene,
        (
            Case(lambda scene: check(scene, step=14), "before", _("before the date")),
            Case(lambda scene: check(scene, step=0), "over", _("the date has passed")),
        ),
        "integrity.view_reportingroute",
    )
]
