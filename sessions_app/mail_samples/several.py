"""Samples of the mails about a series."""

from django.utils.translation import gettext_lazy as _

from core.mail_samples import Case, Sample
from sessions_app.mail_samples.scene import Scene
from sessions_app.mails import series
from sessions_app.rules import RegistrationState

SEAT, WAITS = RegistrationState.CONFIRMED, RegistrationState.WAITLISTED
REQUESTED, REJECTED = RegistrationState.REQUESTED, RegistrationState.REJECTED


def registered(scene: Scene, why: str, states: list[str]) -> None:
    one = scene.series()
    series.registered(one, scene.noor, scene.on_the_series(one, states), why=why, now=scene.now)


def left(scene: Scene) -> None:
    one = scene.series()
    rows = scene.on_the_series(one, [RegistrationState.CANCELLED] * 4)
    series.left(one, scene.noor, rows, now=scene.now)


def planned(scene: Scene) -> None:
    one = scene.series()
    series.planned(one, [scene.sam], scene.dates(one), now=scene.now)


SERIES = _("Series")
RIGHT = "sessions_app.view_registration"
SAMPLES = [
    Sample(
        "sessions_app/mail/series_registered",
        SERIES,
        _("On a series"),
        _("When someone registers for a whole series, hears about that, or a date is added."),
        Scene,
        (
            Case(lambda scene: registered(scene, "registered", [SEAT, SEAT, SEAT, WAITS]), "all", _("registered")),
            Case(
                lambda scene: registered(scene, "decided", [SEAT, REJECTED, SEAT, REQUESTED]),
                "decided",
                _("the organisers decided"),
            ),
            Case(lambda scene: registered(scene, "added", [SEAT]), "added", _("a date was added")),
        ),
        RIGHT,
    ),
    Sample(
        "sessions_app/mail/series_left",
        SERIES,
        _("Off a series"),
        _("When someone gives up all dates in one go."),
        Scene,
        (Case(left),),
        RIGHT,
    ),
    Sample(
        "sessions_app/mail/series_planned",
        SERIES,
        _("To the hosts: the dates of a series"),
        _("When the team makes a series. To its hosts and proposers."),
        Scene,
        (Case(planned),),
        "sessions_app.curate_session",
    ),
]
