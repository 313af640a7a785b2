"""Samples of the mails about what happens to a session: changes, reminders, news, and what its hosts hear."""

from django.utils.translation import gettext_lazy as _

from core.mail import Letter
from core.mail_samples import Case, Sample
from leerlijnen.models import Following
from sessions_app.mail_samples.scene import REASON, Scene
from sessions_app.mails import news, organisers, registrations
from sessions_app.models import Session
from sessions_app.reminder_steps import Step
from sessions_app.rules import Form, RegistrationState, SessionState

MISTAKE = "We hadden de verkeerde bijeenkomst afgelast."
HOST_WRITES = "Neem een voorbeeld uit je eigen werk mee.\nDe zaal is op de eerste verdieping; er is een lift."


def moved(
    scene: Scene, session: Session, state: str = RegistrationState.CONFIRMED, *, form: str = "", switches: bool = False
) -> None:
    registration = scene.registration(state, session, **({"form": form} if form else {}))
    before, after = scene.moved(session)
    switched = {registration.pk} if switches else set()
    registrations.session_moved(after, [registration], switched, before=before, now=scene.now)


def postponed(scene: Scene, state: str, reason: str) -> None:
    registration = scene.registration(state)
    before, after = scene.postponed(registration.session)
    registrations.session_postponed(after, [registration], before, reason, now=scene.now)


def cancelled(scene: Scene, state: str) -> None:
    registration = scene.registration(state)
    registrations.session_cancelled(scene.cancelled(registration.session), [registration], REASON, now=scene.now)


def resumed(scene: Scene, state: str, *, has_date: bool = True, is_elsewhere: bool = False) -> None:
    registration = scene.registration(state)
    session = registration.session if has_date else scene.postponed(registration.session)[1]
    busy = {registration.person_id} if is_elsewhere else set()
    registrations.session_resumed(session, [registration], busy, MISTAKE, now=scene.now)


def told(scene: Scene, change: str) -> None:
    session, before, reason = scene.session(), None, ""
    if change == "resumed":
        reason = MISTAKE
    if change == "moved":
        before, session = scene.moved(session)
    elif change == "postponed":
        before, session = scene.postponed(session)
        reason = REASON
    elif change == "cancelled":
        before = scene.cancelled(session)
        reason = REASON
    back = change == "resumed"
    organisers.told(session, change, before=before, reason=reason, people_are_back=back, now=scene.now)  # type: ignore[arg-type]


def not_open_yet(scene: Scene) -> list[Letter]:
    return organisers.not_open_yet(scene.session(days=28, state=SessionState.PLANNED), [scene.curator])


def few_registered(scene: Scene, number: int) -> list[Letter]:
    session = scene.session(days=14)
    session.registered = number  # type: ignore[attr-defined]
    return organisers.few_registered(session, [scene.sam])


def reminder(scene: Scene, session: Session, step: str) -> list[Letter]:
    return [registrations.reminder(scene.registration(session=session), step=step)]


def opened(scene: Scene, **fields) -> Session:
    """Noor follows its line and wants to hear of it."""
    session, reader = scene.session(**fields), scene.noor
    reader.mail_choices = {"news": "at_once"}
    reader.save()
    Following.objects.get_or_create(person=reader, learning_line=session.learning_line)
    news.opened(session, now=scene.now, only=[reader.pk])
    return session


CHANGES, AHEAD = _("When a session changes"), _("Reminders and news")
RIGHT, CURATE = "sessions_app.view_registration", "sessions_app.curate_session"
SAMPLES = [
    Sample(
        "sessions_app/mail/session_moved",
        CHANGES,
        _("New date or place"),
        _("When the team moves a session. To everyone who is registered, asked, or waits."),
        Scene,
        (
            Case(lambda scene: moved(scene, scene.session()), "seat", _("has a seat")),
            Case(lambda scene: moved(scene, scene.session(), RegistrationState.WAITLISTED), "waits", _("waits")),
            Case(lambda scene: moved(scene, scene.session(), RegistrationState.OFFERED), "held", _("a seat is held")),
            Case(
                lambda scene: moved(scene, scene.hybrid(), form=Form.ONLINE, switches=True),
                "form",
                _("attends in another form now"),
            ),
        ),
        RIGHT,
    ),
    Sample(
        "sessions_app/mail/session_postponed",
        CHANGES,
        _("Postponed"),
        _("When the date is dropped and there is no new one yet. To everyone who is registered, asked, or waits."),
        Scene,
        (
            Case(lambda scene: postponed(scene, RegistrationState.CONFIRMED, REASON), "seat", _("has a seat")),
            Case(
                lambda scene: postponed(scene, RegistrationState.WAITLISTED, ""), "waits", _("waits, no reason given")
            ),
        ),
        RIGHT,
    ),
    Sample(
        "sessions_app/mail/session_cancelled",
        CHANGES,
        _("Cancelled"),
        _("When a session is off. To everyone who is registered, asked, or waits."),
        Scene,
        (
            Case(lambda scene: cancelled(scene, RegistrationState.CONFIRMED), "seat", _("has a seat")),
            Case(lambda scene: cancelled(scene, RegistrationState.WAITLISTED), "waits", _("waits")),
        ),
        RIGHT,
    ),
    Sample(
        "sessions_app/mail/session_resumed",
        CHANGES,
        _("On after all"),
        _("When a session that was cancelled is taken up again. To everyone who is back."),
        Scene,
        (
            Case(lambda scene: resumed(scene, RegistrationState.CONFIRMED), "seat", _("has a seat")),
            Case(lambda scene: resumed(scene, RegistrationState.WAITLISTED), "waits", _("waits")),
            Case(lambda scene: resumed(scene, RegistrationState.OFFERED), "held", _("a seat is held")),
            Case(
                lambda scene: resumed(scene, RegistrationState.CONFIRMED, is_elsewhere=True),
                "elsewhere",
                _("registered elsewhere meanwhile"),
            ),
            Case(
                lambda scene: resumed(scene, RegistrationState.CONFIRMED, has_date=False), "undated", _("no date yet")
            ),
        ),
        RIGHT,
    ),
    Sample(
        "sessions_app/mail/session_organisers",
        CHANGES,
        _("To the hosts: what happens to your session"),
        _("When a session gets a date, moves, is postponed, cancelled, or on after all. To its hosts and proposers."),
        Scene,
        (
            Case(lambda scene: told(scene, "planned"), "planned", _("has a date")),
            Case(lambda scene: told(scene, "moved"), "moved", _("moved")),
            Case(lambda scene: told(scene, "postponed"), "postponed", _("postponed")),
            Case(lambda scene: told(scene, "cancelled"), "cancelled", _("cancelled")),
            Case(lambda scene: told(scene, "resumed"), "resumed", _("on after all")),
        ),
        CURATE,
    ),
    Sample(
        "sessions_app/mail/few_registered",
        CHANGES,
        _("To the hosts: few people have registered"),
        _("Two weeks before the start, when fewer than five people have registered."),
        Scene,
        (
            Case(lambda scene: few_registered(scene, 2), "some", _("two people")),
            Case(lambda scene: few_registered(scene, 0), "none", _("nobody")),
        ),
        CURATE,
    ),
    Sample(
        "sessions_app/mail/not_open_yet",
        CHANGES,
        _("To the team: not open for registration yet"),
        _("Four weeks before the start, when a session has a date and nobody can register for it."),
        Scene,
        (Case(not_open_yet),),
        CURATE,
    ),
    Sample(
        "sessions_app/mail/reminder",
        AHEAD,
        _("Reminder"),
        _("At the moments that the session has for it: usually a week and a day before, and an hour before online."),
        Scene,
        (
            Case(lambda scene: reminder(scene, scene.session(days=7), Step.WEEK), "week", _("a week before")),
            Case(
                lambda scene: reminder(scene, scene.session(days=1, reminder_text=HOST_WRITES), Step.DAY),
                "hosts",
                _("a day before, with a text of the hosts"),
            ),
            Case(lambda scene: reminder(scene, scene.online(days=1), Step.HOUR), "hour", _("an hour before, online")),
        ),
        RIGHT,
    ),
    Sample(
        "sessions_app/mail/session_opened",
        AHEAD,
        _("New on the programme"),
        _("When registration opens. To those who follow the line or workstream and want to hear of it."),
        Scene,
        (
            Case(lambda scene: opened(scene) and None, "one", _("one session")),
            Case(lambda scene: opened(scene, series=scene.series()) and None, "series", _("one of a series")),
        ),
    ),
]
