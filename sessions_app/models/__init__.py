from sessions_app.models.calendar_addresses import CalendarAddress, CalendarAddressQuerySet
from sessions_app.models.counts import RegistrationCount
from sessions_app.models.guests import GUEST_LINK, Guest, GuestQuerySet
from sessions_app.models.history import TOLD, SessionChange, as_text
from sessions_app.models.hostings import Hosting, HostingQuerySet, Proposer
from sessions_app.models.invitations import Invitation, InvitationQuerySet
from sessions_app.models.needs import NeedsNote
from sessions_app.models.notes import CurationNote
from sessions_app.models.registration_sets import IN_CLOSED_SPACE, LINK_PURPOSE, RegistrationQuerySet
from sessions_app.models.registrations import Registration
from sessions_app.models.requests import answered_by
from sessions_app.models.series import Series, SeriesQuerySet
from sessions_app.models.series_memberships import SeriesMembership
from sessions_app.models.session_sets import SessionQuerySet, count_seats
from sessions_app.models.sessions import Session

__all__ = [
    "GUEST_LINK",
    "IN_CLOSED_SPACE",
    "LINK_PURPOSE",
    "TOLD",
    "CalendarAddress",
    "CalendarAddressQuerySet",
    "CurationNote",
    "Guest",
    "GuestQuerySet",
    "Hosting",
    "HostingQuerySet",
    "Invitation",
    "InvitationQuerySet",
    "NeedsNote",
    "Proposer",
    "Registration",
    "RegistrationCount",
    "RegistrationQuerySet",
    "Series",
    "SeriesMembership",
    "SeriesQuerySet",
    "Session",
    "SessionChange",
    "SessionQuerySet",
    "answered_by",
    "as_text",
    "count_seats",
]
