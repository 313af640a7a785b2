"""What would happen with more seats, or fewer: staff look before they change a number. Nothing changes or is mailed."""

from copy import copy
from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from core import dates
from core.http import FORM_REFUSED
from core.templatetags.portal import clock
from sessions_app import permissions
from sessions_app.actions import waitlist
from sessions_app.forms.rehearsal import RehearsalForm
from sessions_app.models import Registration, Session
from sessions_app.rules import Form, Room, Turn, gives_seats, offer_ends_at, seat_pools, still_waiting


@dataclass(frozen=True)
class Told:
    """Somebody in a line, and in a sentence why she stands where she stands."""

    row: Registration
    why: str


@dataclass(frozen=True)
class Outcome:
    """`given` in the order in which the seats go; `overfull` in sentences; `lines` of who waits on, with their room."""

    given: list[Told]
    overfull: list[str]
    lines: list[tuple[str, list[Told]]]

    @property
    def waiting(self) -> int:
        return sum(len(line) for _room, line in self.lines)


@cache_control(private=True, no_store=True)  # names stay in no cache
@login_required
@require_safe
def rehearsal(request, pk):
    """Asks a number of seats for each room, and shows who would get one now and who would wait on, and why."""
    now = timezone.now()
    rows = Session.objects.visible_to(request.user).with_place_in_programme().dated().with_seats()
    session = get_object_or_404(rows, pk=pk)
    if not permissions.may_rehearse(request.user, session):
        raise Http404
    form = RehearsalForm(request.GET or None, session=session)
    gives = gives_seats(state=session.state, starts_at=session.starts_at, now=now)
    context = {
        "session": session,
        "form": form,
        "gives": gives,
        "outcome": with_seats(session, form.capacities(), gives=gives) if form.is_valid() else None,
        "until": offer_ends_at(hours=session.offer_hours, starts_at=session.starts_at, now=now),
        "noindex": True,
    }
    return render(request, "sessions_app/session_rehearsal.html", context, status=FORM_REFUSED if form.errors else 200)


def with_seats(session: Session, capacities: list[int], *, gives: bool) -> Outcome:
    """What `waitlist.fill_seats` would do if the session had these numbers of seats: it asks the same rule."""
    trial = copy(session)
    trial.capacity, trial.capacity_online = capacities[0], capacities[-1]
    given = waitlist.next_seats(trial) if gives else []
    rooms, held = trial.registrations.rooms(trial)
    lines = still_waiting(rooms, given, held=held, shares=trial.shares_fairly)
    keys = [turn.who.key for turn in [*given, *(turn for line in lines for turn in line)]]
    rows = trial.registrations.select_related("person", "organisation").in_bulk(keys)
    names = rooms_in_words(trial)

    def told(turn: Turn, *, room: str = "") -> Told:
        row = rows[turn.who.key]
        return Told(row, why(row, turn, room=room, shares=trial.shares_fairly))

    return Outcome(
        given=[told(turn, room=names[turn.room]) for turn in given],
        overfull=[overfull(room, name) for room, name in zip(rooms, names, strict=True) if is_overfull(room)],
        lines=[(name, [told(turn) for turn in line]) for name, line in zip(names, lines, strict=True) if line],
    )


def rooms_in_words(session: Session) -> list[str]:
    """`on site` and `online` of a hybrid session; of another nothing."""
    return [str(Form(forms[0]).label) if session.is_hybrid else "" for forms in seat_pools(session.form)]


def why(row: Registration, turn: Turn, *, room: str, shares: bool) -> str:
    """Why it is somebody's turn, as staff read it; what the line goes by is said above it. `room`: if to be named."""
    parts = [_("since %(day)s, %(clock)s") % {"day": dates.day(turn.who.since), "clock": clock(turn.who.since)}]
    if turn.who.has_seat:
        ways = {"has": row.get_form_display(), "wished": row.get_wished_form_display()}
        parts.insert(0, _("has a seat %(has)s and would rather attend %(wished)s") % ways)
    elif room:
        parts.insert(0, room)
    if shares and row.organisation_id:
        seats = ngettext(
            "the organisation then has %(n)s seat", "the organisation then has %(n)s seats", turn.seats
        ) % {"n": turn.seats}
        parts.append(seats if turn.seats else _("the organisation then has no seat yet"))
    return "; ".join(parts)


def is_overfull(room: Room) -> bool:
    return room.capacity is not None and room.held > room.capacity


def overfull(room: Room, name: str) -> str:
    """How many are too many in a room, and what has to happen before it has a seat to give."""
    over = room.held - (room.capacity or 0)
    text = ngettext(
        "%(held)s people have a seat or an offer and there would be %(seats)s: %(over)s too many.",
        "%(held)s people have a seat or an offer and there would be %(seats)s: %(over)s too many.",
        over,
    ) % {"held": room.held, "seats": room.capacity, "over": over}
    text += " " + _("A seat comes free once %(n)s of them have cancelled.") % {"n": over + 1}
    return f"{name}: {text}" if name else text
