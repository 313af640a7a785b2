"""Everything that the portal keeps about one person, for that person: each app tells its own part."""

from typing import Any

from leerlijnen import export as leerlijnen_export
from members import export as members_export
from members.models import User
from sessions_app import export as sessions_export


def own_data(person: User) -> dict[str, Any]:
    """Ready for JSON; the keys are those of the code, the times are UTC."""
    return members_export.own_data(person) | leerlijnen_export.own_data(person) | sessions_export.own_data(person)
