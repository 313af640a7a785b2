"""Registering for a series as a whole: every date still to come in one transaction, and one mail about all of them.

The series row is locked first, then its sessions, lowest key first, then their registrations. Each date keeps its own
seats and its own line, so that whatever happens to one date afterwards is as it is for any session.
"""

from collections import defaultdict
from collections.abc import Iterable
from copy import copy
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from members.models import Organisation, User
from sessions_app import permissions
from sessions_app.actions import registrations, series_memberships, waitlist
from sessions_app.actions.registration_state import NOT_POSSIBLE, RegistrationRefused, check_keeps
from sessions_app.mails import series as mails
from sessions_app.models import Registration, Series, Session
from sessions_app.rules import ADMITTED, WITH_A_PLACE, RegistrationState, forms_of, gives_seats


@transaction.atomic
def register(
    *,
    series: Series,
    person: User,
    organisation: Organisation | None,
    form: str,
    function: str = "",
    needs_language: str = "",
    needs: str = "",
    registered_by: User | None = None,
    actor: User,
    now: datetime,
) -> list[Registration]:
    """Give `person` a place at every date still to come at which one can register: a seat, or a place in its line.

    From then on she is on the series, so that a date that opens later is for her too (`bring_along`).
    What the person has already stays, and doing it twice changes nothing and mails nothing. A date at which one can not
    register (yet) is left out. `registered_by` is a colleague who does it for her, see `colleagues`. Gives the
    registrations that are new. Raises RegistrationRefused for a series of which people register for each date apart,
    when there is no date at which the person can register, and as `registrations.enter` does.
    """
    series, sessions = lock(series)
    if not series.is_whole:
        raise RegistrationRefused(_("For this series you register for each date apart."))
    own = Registration.objects.of_series(series).with_a_place().filter(person=person)
    has = {row.session_id for row in own}
    open_dates, refusal = dates_for(person, [s for s in sessions if s.pk not in has], now=now)
    if not open_dates:
        if own.to_come(now).exists():
            series_memberships.begin(series, person, organisation=own[0].organisation, now=now)
            return []
        raise refusal or RegistrationRefused(_("Registration for this series has closed."))
    new = [
        registrations.enter(
            session,
            person=person,
            organisation=organisation,
            form=form_at(session, form),
            function=function,
            needs_language=needs_language,
            needs=needs,
            registered_by=registered_by,
            actor=actor,
            now=now,
        )
        for session in open_dates
    ]
    series_memberships.begin(series, person, organisation=organisation, now=now)
    mails.registered(series, person, in_order(new), why="registered", now=now)
    return in_order(new)


def lock(series: Series) -> tuple[Series, list[Session]]:
    """The series row, then the rows of all its dates that are still to come or may be again, lowest key first."""
    series = Series.objects.locked(series.pk)
    return series, list(
        Session.objects.filter(series=series)
        .select_for_update(of=("self",))
        .select_related("track", "activity")
        .order_by("pk")
    )


def hold_for(session: Session) -> None:
    """Lock what a change of a place at `session` locks: the dates of its series where they go together, else itself.

    For who reads the place, or counts, before the change. Another order could wait for who locks several sessions.
    """
    if session.series is not None and session.series.is_whole:
        lock(session.series)
    else:
        Session.objects.locked(session.pk)


def dates_for(
    person: User, sessions: Iterable[Session], *, now: datetime
) -> tuple[list[Session], RegistrationRefused | None]:
    """Those of `sessions` at which the person can register now, and why not at the first one where she can not."""
    fit, why, sessions = [], None, list(sessions)
    guest_at = permissions.guest_at(person, sessions)
    for session in sessions:
        try:
            registrations.check_may_register(session, person, guest_at=guest_at, now=now)
        except RegistrationRefused as refused:
            why = why or refused
        else:
            fit.append(session)
    return fit, why


def form_at(session: Session, wished: str) -> str:
    """How one attends a date: as one wished where there is a choice, else as everybody does."""
    ways = forms_of(session.form)
    return wished if wished in ways or len(ways) > 1 else ways[0]


def in_order(rows: Iterable[Registration]) -> list[Registration]:
    """By date; what has none comes last."""
    return sorted(rows, key=lambda row: (row.session.starts_at is None, row.session.starts_at or row.queued_at, row.pk))


@transaction.atomic
def cancel(*, series: Series, person: User, actor: User | None, now: datetime) -> list[Registration]:
    """Leave the series: every date still to come is given up, and none that opens later is for this person.

    Each freed seat goes to the line of its own date. Gives what was given up: a postponed date too, one that has
    started stays. Doing it twice changes nothing and mails nothing.
    """
    series, sessions = lock(series)
    held = {
        row.session_id: row
        for row in Registration.objects.of_series(series).to_come(now).filter(person=person).order_by("session")
    }
    series_memberships.end(series.pk, person.pk)
    touched = [session for session in sessions if session.pk in held]
    for session in touched:
        registrations.give_up(held[session.pk], session, actor=actor, now=now)
    if held:
        mails.left(series, person, in_order(held.values()), now=now)
    for session in touched:
        waitlist.fill_seats(session, actor=actor, now=now)
    return in_order(held.values())


def leave_from(*, registration: Registration, actor: User | None, now: datetime) -> Registration:
    """Leave the series that this registration is in, as `cancel` does; gives the registration as it is after that.

    What was given stays as it was, so that the two can be compared. Raises RegistrationRefused for a session that is in
    no series, or in one of which people register for each date apart.
    """
    series = registration.session.series
    if series is None or not series.is_whole:
        raise RegistrationRefused(_("Choose one of the buttons."))
    cancel(series=series, person=registration.person, actor=actor, now=now)
    after = copy(registration)
    after.refresh_from_db()
    return after


@transaction.atomic
def decide(
    *, registration: Registration, admit: bool, note: str = "", actor: User, now: datetime
) -> list[Registration]:
    """Decide once for all dates at which the person of `registration` asked for a seat; she gets one mail.

    At a session that is in no series, or in one of which people register for each date apart, it decides on that one.
    A date that is postponed or has started is left out. Raises RegistrationRefused as `registrations.decide` does.
    """
    check_keeps(actor)
    series = Series.objects.filter(sessions=registration.session_id).first()
    if series is None or not series.is_whole:
        return [registrations.decide(registration=registration, admit=admit, note=note, actor=actor, now=now)]
    series, sessions = lock(series)
    rows = Registration.objects.of_series(series).filter(person=registration.person_id)
    asked = {row.session_id: row for row in rows.filter(state=RegistrationState.REQUESTED)}
    on = [
        session
        for session in sessions
        if session.pk in asked and gives_seats(state=session.state, starts_at=session.starts_at, now=now)
    ]
    if registration.session_id not in [session.pk for session in on]:
        raise RegistrationRefused(NOT_POSSIBLE)
    for session in on:
        registrations.settle(asked[session.pk], session, admit=admit, actor=actor, now=now)
    if not admit:
        series_memberships.end(series.pk, registration.person_id)
    decided = in_order(asked[session.pk] for session in on)
    mails.registered(series, decided[0].person, decided, why="decided", note=note.strip(), now=now)
    return decided


def bring_along(session: Session, *, actor: User | None, now: datetime) -> list[Registration]:
    """Register who is on a series as a whole at a date that opens now, and tell them: one mail each.

    Who ever had a place at this date, also one that ended, has decided about it. The caller holds the lock on the
    session row. Who may not come to this date is passed over. Who came first goes first, each as at the date that she
    registered for last, and who still waits for a decision waits for it here too.
    """
    series = session.series
    if series is None or not series.is_whole:
        return []
    decided = session.registrations.order_by().values("person")
    rows = series.memberships.exclude(person__in=decided).select_related("person", "organisation")
    before = _before(series, session)
    new = []
    for row in rows.order_by("since", "pk"):
        earlier = before.get(row.person_id, [])
        last = earlier[-1] if earlier else None
        try:
            registrations.check_may_register(session, row.person, now=now)
            registration = registrations.enter(
                session,
                person=row.person,
                organisation=row.organisation,
                form=form_at(session, last.form if last else ""),
                function=last.function if last else "",
                needs_language=last.needs_language if last else "",
                needs=_latest_needs(earlier),
                is_admitted=any(one.state in ADMITTED for one in earlier),
                actor=actor or row.person,
                now=now,
            )
        except RegistrationRefused:
            continue
        new.append(registration)
        mails.registered(series, row.person, [registration], why="added", now=now)
    return new


def _before(series: Series, session: Session) -> dict[int, list[Registration]]:
    """By person, what those who are on a series had at its other dates, the latest last, with their notes."""
    found: dict[int, list[Registration]] = defaultdict(list)
    rows = Registration.objects.of_series(series).filter(person__in=series.memberships.order_by().values("person"))
    for row in rows.exclude(session=session).select_related("needs").order_by("queued_at", "pk"):
        found[row.person_id].append(row)
    return found


def _latest_needs(earlier: Iterable[Registration]) -> str:
    """What she wrote last about what she needs, as long as that is kept; nothing when she took it back."""
    notes = [row.needs for row in earlier if row.state in WITH_A_PLACE and hasattr(row, "needs")]
    return max(notes, key=lambda note: (note.changed_at, note.pk)).text if notes else ""
