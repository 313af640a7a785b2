"""All samples of mails, in the order in which staff find them, and that of the digest, which bundles several."""

from collections.abc import Callable
from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from core import digest
from core.mail import Letter
from core.mail_samples import Case, Sample
from core.models import MailState, OutgoingMail
from core.streams import Wish
from integrity import mail_samples as integrity
from leerlijnen import mail_samples as groups
from leerlijnen.models import Following
from members import mail_samples as members
from members.models import User
from quality import mail_samples as quality
from sessions_app import mail_samples as sessions
from sessions_app.mail_samples.scene import Scene
from sessions_app.mails import news, proposals


def bundled(scene: Scene, reader: User, *steps: Callable[[Scene], None]) -> list[Letter]:
    """What each step queues for the reader, two hours after the one before."""
    begun = scene.now - timedelta(days=1)
    for number, step in enumerate(steps):
        scene.now = begun + timedelta(hours=2 * number)
        step(scene)
    rows = OutgoingMail.objects.filter(recipient=reader, state=MailState.DIGEST).order_by("-queued_at", "-pk")
    return [digest.letter(reader, list(rows), key=f"digest:{reader.pk}:sample")]


def wants_digest(reader: User, *streams: str) -> User:
    reader.mail_choices = dict.fromkeys(streams, Wish.DIGEST)
    reader.save()
    return reader


def of_news(scene: Scene) -> list[Letter]:
    """Registration opened for two sessions."""
    reader = wants_digest(scene.noor, "news")
    Following.objects.create(person=reader, learning_line=scene.line)
    first, second = scene.session(), scene.online(days=30, title="Phishing: oefenen met je eigen team")
    readers = [reader.pk]
    return bundled(
        scene,
        reader,
        lambda scene: news.opened(first, now=scene.now, only=readers),
        lambda scene: news.opened(second, now=scene.now, only=readers),
    )


def of_proposals(scene: Scene) -> list[Letter]:
    """A proposal with all that happened to it that day, and another one."""
    reader = wants_digest(scene.curator, "proposals")
    first, second = scene.proposal(), scene.proposal(title="Samen inkopen van software")
    note = scene.note(first, sessions.proposals.ANSWER)
    return bundled(
        scene,
        reader,
        lambda scene: proposals.submitted(first, now=scene.now),
        lambda scene: proposals.submitted(second, now=scene.now),
        lambda scene: proposals.answered(first, note, now=scene.now),
    )


DIGEST = Sample(
    "core/mail/digest",
    sessions.changes.AHEAD,
    _("Daily digest"),
    _("On working days at 7.30, to those who chose one mail a day, when there is something to tell."),
    Scene,
    (Case(of_news, "news", _("of what is new")), Case(of_proposals, "team", _("to the team, of proposals"))),
    "sessions_app.curate_session",
)
SAMPLES = [
    *sessions.seats.SAMPLES,
    *sessions.changes.SAMPLES,
    DIGEST,
    *sessions.several.SAMPLES,
    *sessions.proposals.SAMPLES,
    *groups.SAMPLES,
    *members.SAMPLES,
    *quality.SAMPLES,
    *integrity.SAMPLES,
]


def visible_to(person) -> list[Sample]:
    """Those that this person of the team may look at."""
    return [sample for sample in SAMPLES if sample.visible_to(person)]
