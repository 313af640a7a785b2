from typing import Any

from leerlijnen.models import Following, GroupMembership
from members.models import User


def own_data(person: User) -> dict[str, Any]:
    """The groups that the person asked for, is in or was in, and what the person follows."""
    return {
        "groups": list(
            GroupMembership.objects.filter(person=person).values(
                "activity__title", "state", "is_lead", "requested_at", "decided_at"
            )
        ),
        "follows": list(Following.objects.of_person(person).values("learning_line__title", "workstream__title")),
    }
