"""Samples of the mails about groups (core.mail_samples), and a programme for what happens in samples."""

from functools import cached_property

from django.utils.translation import gettext_lazy as _

from core.mail import Letter
from core.mail_samples import Case, Sample
from leerlijnen import mails
from leerlijnen.models import Activity, GroupMembership, LearningLine, Programme, Track, TrackGoal
from leerlijnen.rules import ActivityKind, MembershipState, TrackCode
from members import mail_samples as people


class Scene(people.Scene):
    """With a programme of its own, so that the samples are there before any is loaded."""

    @cached_property
    def programme(self) -> Programme:
        return Programme.objects.create(identifier="voorbeeld", year=1, goal=[], setup=[])

    @cached_property
    def line(self) -> LearningLine:
        return LearningLine.objects.create(
            programme=self.programme, slug="voorbeeldlijn", number=1, title="Digital readiness"
        )

    def track(self, code: TrackCode) -> Track:
        return Track.objects.get_or_create(programme=self.programme, code=code, defaults={"order": 1})[0]

    @cached_property
    def leadership(self) -> Track:
        track = self.track(TrackCode.LEADERSHIP)
        for order, text in enumerate(["mandaat", "middelen", "verantwoording"]):
            TrackGoal.objects.create(track=track, order=order, text=text)
        return track

    def membership(self) -> GroupMembership:
        """Noor asks to join a group, which Sam leads."""
        group = Activity.objects.create(
            learning_line=self.line,
            track=self.track(TrackCode.PRACTITIONER),
            kind=ActivityKind.WORKING_GROUP,
            slug="voorbeeldgroep",
            order=1,
            title="Werkgroep AI-beleid",
        )
        asks = {"activity": group, "requested_at": self.now}
        GroupMembership.objects.create(person=self.sam, state=MembershipState.MEMBER, is_lead=True, **asks)
        return GroupMembership.objects.create(person=self.noor, state=MembershipState.REQUESTED, **asks)


def waits(scene: Scene) -> list[Letter]:
    return mails.waits(scene.membership(), [scene.person("Lotte van der Fictie", is_staff=True)])


def no_lead(scene: Scene) -> None:
    team = [scene.person("Lotte van der Fictie", is_staff=True)]
    mails.no_lead(scene.membership(), readers=team, now=scene.now)


GROUPS = _("Groups")
RIGHT = "leerlijnen.view_groupmembership"
SAMPLES = [
    Sample(
        "leerlijnen/mail/group_requested",
        GROUPS,
        _("Someone asks to join a group"),
        _("When someone asks to join a group. To its leads, or to the team while it has none."),
        Scene,
        (Case(lambda scene: mails.requested(scene.membership(), now=scene.now)),),
        RIGHT,
    ),
    Sample(
        "leerlijnen/mail/group_admitted",
        GROUPS,
        _("Let into a group"),
        _("When a lead or the team lets someone in."),
        Scene,
        (Case(lambda scene: mails.admitted(scene.membership(), now=scene.now)),),
        RIGHT,
    ),
    Sample(
        "leerlijnen/mail/group_refused",
        GROUPS,
        _("Not let into a group"),
        _("When a lead or the team refuses the request, or nobody answers within ten working days."),
        Scene,
        (
            Case(lambda scene: mails.refused(scene.membership(), now=scene.now), "refused", _("it was refused")),
            Case(
                lambda scene: mails.refused(scene.membership(), is_unanswered=True, now=scene.now),
                "unanswered",
                _("nobody answered"),
            ),
        ),
        RIGHT,
    ),
    Sample(
        "leerlijnen/mail/group_no_lead",
        GROUPS,
        _("To the team: a group has no lead any more"),
        _("When the last lead leaves the group, or works for no member any more."),
        Scene,
        (Case(no_lead),),
        RIGHT,
    ),
    Sample(
        "leerlijnen/mail/group_waits",
        GROUPS,
        _("To the team: a request to join a group has no answer yet"),
        _("When nobody answered for seven working days. After ten the portal answers."),
        Scene,
        (Case(waits),),
        RIGHT,
    ),
]
