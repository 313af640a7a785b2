from typing import Any

from leerlijnen.models import GroupMembership
from members.models import User


def own_data(person: User) -> dict[str, Any]:
    """The groups that the person asked for, is in or was in."""
    return {
        "groups": list(
            GroupMembership.objects.filter(person=person).values(
                "activity__title", "state", "is_lead", "requested_at", "decided_at"
            )
        )
    }
