from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Schedule:
    """When and where; what everyone who registered is told when it changes."""

    starts_at: datetime | None
    ends_at: datetime | None
    form: str
    place: str = ""
    online_link: str = ""
    doors_open_at: datetime | None = None
    registration_deadline: datetime | None = None
    capacity: int | None = None
    capacity_online: int | None = None

    def moments(self) -> dict[str, datetime | None]:
        """Its moments by the name of their field."""
        return {
            "starts_at": self.starts_at,
            "ends_at": self.ends_at,
            "doors_open_at": self.doors_open_at,
            "registration_deadline": self.registration_deadline,
        }
