"""Everything that the portal keeps about one person, for that person: each app tells its own part."""

from datetime import datetime
from typing import Any

from core import audit
from leerlijnen import export as leerlijnen_export
from members import export as members_export
from members.models import User
from sessions_app import export as sessions_export


def own_data(person: User) -> dict[str, Any]:
    """Ready for JSON; the keys are those of the code, the times are UTC."""
    return members_export.own_data(person) | leerlijnen_export.own_data(person) | sessions_export.own_data(person)


def hand_out(*, person: User, now: datetime) -> dict[str, Any]:
    """The same, as it leaves the portal in a file; the audit trail counts that."""
    audit.record("account.data_downloaded", person, actor=person, now=now)
    return own_data(person)
