from leerlijnen.models.people import Following, GroupMembership
from leerlijnen.models.programme import (
    Activity,
    Language,
    LearningLine,
    PartosRole,
    Programme,
    Track,
    TrackFormat,
    TrackGoal,
    Workstream,
    WorkstreamPoint,
)

__all__ = [
    "Activity",
    "Following",
    "GroupMembership",
    "Language",
    "LearningLine",
    "PartosRole",
    "Programme",
    "Track",
    "TrackFormat",
    "TrackGoal",
    "Workstream",
    "WorkstreamPoint",
]
