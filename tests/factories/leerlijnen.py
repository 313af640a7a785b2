import factory
from django.conf import settings
from django.core.management import call_command

from leerlijnen.models import Activity, GroupMembership, LearningLine, PartosRole, Programme, Track, Workstream
from leerlijnen.rules import ActivityKind, MembershipState, PartosRoleCode, TrackCode, WorkstreamCode
from tests.factories.members import LONG_AGO, UserFactory

FILE_2026 = settings.BASE_DIR / "leerlijnen" / "data" / "programme_2026.yaml"


def load_2026():
    """The programme as a fresh install has it."""
    call_command("load_programme", FILE_2026, verbosity=0)
    return Programme.objects.get(year=2026)


class ProgrammeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Programme
        django_get_or_create = ("year",)

    year = 2026
    identifier = factory.LazyAttribute(lambda row: f"programme-{row.year}")
    document_title = factory.LazyAttribute(lambda row: f"Programme {row.year}")
    planning_title = "Planning"
    goal_heading = "Goal"
    goal = ["One sentence."]
    setup_heading = "Set-up"
    setup = []
    lines_heading = "Lines"
    lines_intro = "Three lines."
    by_members_heading = "By members"
    by_members_text = "Members lead."
    workstreams_heading = "Workstreams"
    workstreams_text = "Two."


class PartosRoleFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PartosRole
        django_get_or_create = ("programme", "code")

    programme = factory.SubFactory(ProgrammeFactory)
    code = PartosRoleCode.CREATE_SPACE
    order = 1
    text = factory.LazyAttribute(lambda row: str(row.code))


class TrackFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Track
        django_get_or_create = ("programme", "code")

    programme = factory.SubFactory(ProgrammeFactory)
    code = TrackCode.PRACTITIONER
    order = factory.LazyAttribute(lambda row: 1 if row.code == TrackCode.PRACTITIONER else 2)
    title = factory.LazyAttribute(lambda row: f"{row.code} track")
    table_label = factory.LazyAttribute(lambda row: str(TrackCode(row.code).label))


class LearningLineFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = LearningLine
        django_get_or_create = ("slug",)

    programme = factory.SubFactory(ProgrammeFactory)
    slug = factory.Sequence(lambda n: f"line-{n}")
    number = factory.Sequence(lambda n: 100 + n % 30_000)  # none of the numbers that the document gives
    title = factory.LazyAttribute(lambda row: row.slug.replace("-", " ").title())
    text = "What this line is about."
    colour, tint, colour_dark = "#3B4BA3", "#E9EBF8", "#A9B4F5"


class WorkstreamFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Workstream
        django_get_or_create = ("slug",)

    programme = factory.SubFactory(ProgrammeFactory)
    code = WorkstreamCode.INTEGRITY
    slug = factory.LazyAttribute(lambda row: {"integrity": "integriteit", "quality": "kwaliteit"}[row.code])
    order = 1
    title = factory.LazyAttribute(lambda row: row.slug.title())


class ActivityFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Activity

    learning_line = factory.SubFactory(LearningLineFactory)
    track = factory.SubFactory(TrackFactory)
    code = factory.Sequence(lambda n: f"T{n}")
    slug = factory.Sequence(lambda n: f"activity-{n}")
    order = 1
    kind = ActivityKind.NETWORK_SESSIONS
    title = factory.Sequence(lambda n: f"Activity {n}")
    verbatim = factory.LazyAttribute(lambda row: row.title)


class GroupMembershipFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = GroupMembership

    activity = factory.SubFactory(ActivityFactory, kind=ActivityKind.WORKING_GROUP)
    person = factory.SubFactory(UserFactory)
    state = MembershipState.MEMBER
    requested_at = LONG_AGO
