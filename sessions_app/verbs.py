"""What can be done with sessions and series, for the audit trail (core.audit).

Who comes to a session stands on the registration, which goes with it; here stands that a place was given or ended, and
by whom when that was staff. Of dialogues, closed spaces and peer spaces not even that.
"""

from django.utils.translation import gettext_lazy as _

from core.audit import Verb, Who
from sessions_app.rules import SessionState

SESSION, SERIES = "sessions_app.Session", "sessions_app.Series"
PLACE = {"on": SESSION, "of_one_person": True}
OWN_PLACE = PLACE | {"who": Who.NOBODY}  # what she does herself, and what the portal does next
ADDRESS = {"on": "sessions_app.CalendarAddress", "who": Who.NOBODY}

VERBS = (
    # A proposer moves a proposal too, and is named on its own history alone.
    *(Verb(f"session.{state}", state.label, on=SESSION, who=Who.TEAM) for state in SessionState),
    Verb("session.changed", _("words or seats corrected"), on=SESSION),
    Verb("session.moved", _("moved"), on=SESSION),
    Verb("session.in_series", _("made the first date of a series"), on=SESSION),
    Verb("session.out_of_series", _("taken out of its series"), on=SESSION),
    Verb("session.prepared", _("put on the agenda by staff"), on=SESSION),
    Verb("session.took_in", _("another proposal merged into it"), on=SESSION),
    Verb("session.registrations_cancelled", _("registrations ended"), on=SESSION),
    Verb("session.registrations_restored", _("registrations put back"), on=SESSION),
    Verb("session.undone", _("undone before the mails left"), on=SESSION),
    Verb("session.hostings_changed", _("hosts changed"), on=SESSION),
    Verb("session.reminders_set", _("reminders set"), on=SESSION),
    Verb("session.attendance_noted", _("noted who was there"), on=SESSION),
    Verb("session.list_handed_out", _("list of participants taken as a file"), on=SESSION),
    Verb("dialogue.forgotten", _("names of the dialogue forgotten"), on=SESSION, who=Who.NOBODY),
    Verb("registration.created", _("somebody registered"), **OWN_PLACE),
    Verb("registration.cancelled", _("somebody cancelled"), **OWN_PLACE),
    Verb("registration.offered", _("a seat is held for somebody who waits"), **OWN_PLACE),
    Verb("registration.accepted", _("an offered seat was accepted"), **OWN_PLACE),
    Verb("registration.declined", _("an offered seat was declined"), **OWN_PLACE),
    Verb("registration.expired", _("an offer lapsed"), **OWN_PLACE),
    Verb("registration.seat_got", _("a free seat went to somebody who waits"), **OWN_PLACE),
    Verb("registration.seat_meanwhile", _("a seat taken in the other room"), **OWN_PLACE),
    Verb("registration.wished", _("a wish for the other room"), **OWN_PLACE),
    Verb("registration.line_changed", _("somebody changed lines"), **OWN_PLACE),
    Verb("registration.room_changed", _("somebody changed rooms"), **OWN_PLACE),
    Verb("registration.unanswered", _("a request for a seat lapsed without an answer"), **OWN_PLACE),
    Verb("registration.promoted", _("staff gave a seat to somebody who waits"), **PLACE),
    Verb("registration.decided", _("staff answered somebody who asked for a seat"), **PLACE),
    Verb("registration.ended", _("somebody was taken off the list"), **PLACE),
    Verb("guest.invited", _("somebody was invited by address"), **PLACE),
    Verb("guest.taken_back", _("an invitation by address was taken back"), **PLACE),
    Verb("series.made", _("series made"), on=SERIES),
    Verb("series.changed", _("series changed"), on=SERIES),
    Verb("series.date_added", _("date added to the series"), on=SERIES),
    Verb("calendar_address.made", _("address of a calendar made"), **ADDRESS),
    Verb("calendar_address.replaced", _("address of a calendar replaced"), **ADDRESS),
    Verb("calendar_address.ended", _("address of a calendar switched off"), **ADDRESS),
)
