"""Registering and cancelling. Every change locks the session row first, then its registrations."""

from collections import Counter, defaultdict
from collections.abc import Container
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from members.models import Organisation, User
from members.permissions import standing_of
from sessions_app import permissions
from sessions_app.actions import series_memberships, waitlist
from sessions_app.actions.registration_state import (
    LOST,
    RegistrationRefused,
    check_keeps,
    check_may_still_come,
    locked,
    losses,
    trail,
    withdraw_offer_mail,
    write,
)
from sessions_app.mails import news
from sessions_app.mails import registrations as mails
from sessions_app.mails.registrations import Released
from sessions_app.models import Guest, NeedsNote, Registration, Session
from sessions_app.rules import (
    HOLDING_SEAT,
    LIVE,
    Admission,
    Loss,
    RegistrationState,
    SessionState,
    forms_of,
    gives_seats,
    seat_for,
)


@transaction.atomic
def register(
    *,
    session: Session,
    person: User,
    organisation: Organisation | None,
    form: str,
    function: str = "",
    needs_language: str = "",
    needs: str = "",
    registered_by: User | None = None,
    actor: User,
    now: datetime,
) -> Registration:
    """Give `person` a seat, or a place in the queue when the session is full (domain.md 4.2).

    `needs` is what the person asks of access and food, for staff alone; `registered_by` a colleague who does it for
    her, see `colleagues`. Registering twice gives the registration that is there. Raises RegistrationRefused when the
    session is not open, its deadline has passed, the person is not in its audience, or `organisation` is not one the
    person acts for.
    """
    session = Session.objects.locked(session.pk)
    if existing := session.registrations.with_a_place().filter(person=person).order_by().first():
        return existing
    check_may_register(session, person, now=now)
    registration = enter(
        session,
        person=person,
        organisation=organisation,
        form=form,
        function=function,
        needs_language=needs_language,
        needs=needs,
        registered_by=registered_by,
        actor=actor,
        now=now,
    )
    mails.registration_result(registration, now=now)
    return registration


def enter(
    session: Session,
    *,
    person: User,
    organisation: Organisation | None,
    form: str,
    function: str = "",
    needs_language: str = "",
    needs: str = "",
    registered_by: User | None = None,
    is_admitted: bool = False,
    guest: Guest | None = None,
    actor: User,
    now: datetime,
) -> Registration:
    """Write a registration at a session whose row the caller has locked, and at which `person` may register.

    Nobody is told; the caller does that. News of the session that still waits for her is taken back. With `is_admitted`
    nobody is asked whether she may come, and with `guest`, the invitation of another, the organisers always are. Raises
    RegistrationRefused when `organisation` is not one the person acts for, and for a form that there is not.
    """
    organisations = standing_of(person).organisations
    if organisation not in organisations and (organisation or organisations):
        raise RegistrationRefused(_("Choose an organisation that you work for."), field="organisation")
    if form not in forms_of(session.form):
        raise RegistrationRefused(_("Choose how you attend: on site or online."), field="form")
    asks_first = guest is not None or (session.admission == Admission.BY_APPROVAL and not is_admitted)
    state = RegistrationState.REQUESTED if asks_first else seat_in(session, form)
    comes_as_guest = session.is_by_invitation or not permissions.is_in_audience(person, session, guest_at=())
    own = session.guests.filter(email=person.email.lower()).first() if comes_as_guest and guest is None else None
    registration = Registration.objects.create(
        session=session,
        person=person,
        organisation=organisation,
        function=function,
        form=form,
        needs_language=needs_language,
        state=state,
        registered_by=registered_by,
        guest=guest,
        invitation=own,
        needs_invitation=guest is None and session.is_by_invitation,
        queued_at=now,
        changed_at=now,
    )
    if needs.strip():
        NeedsNote.objects.create(registration=registration, text=needs.strip(), changed_at=now)
    news.withdraw_from(session, person)
    trail("registration.created", registration, session=session, actor=actor, now=now, state=str(state))
    return registration


def check_may_register(
    session: Session, person: User, *, guest_at: Container[int] | None = None, now: datetime
) -> None:
    """Raise RegistrationRefused with the one reason that keeps this person out at this moment.

    Whoever asks about many sessions gives `guest_at`, from `permissions.guest_at`.
    """
    if person.is_authenticated and not person.is_active:  # a visitor is told what holds for everybody
        raise RegistrationRefused(LOST[Loss.ACCOUNT])
    check_is_on(session)
    if session.is_dialogue or (
        session.is_by_invitation and not permissions.is_guest(person, session, guest_at=guest_at)
    ):
        raise RegistrationRefused(_("This session is by personal invitation."))
    check_takes_registrations(session, now=now)
    if not permissions.is_in_audience(person, session, guest_at=guest_at):
        raise RegistrationRefused(
            _("This session is for people of member organisations. Ask your organisation to confirm you first.")
        )


def check_is_on(session: Session) -> None:
    """Raise RegistrationRefused when the session was called off."""
    if session.state == SessionState.CANCELLED:
        raise RegistrationRefused(_("This session has been cancelled."))


def check_takes_registrations(session: Session, *, now: datetime) -> None:
    """Raise RegistrationRefused with the one reason for which nobody at all can register at this moment."""
    check_is_on(session)
    if session.state == SessionState.PLANNED:
        raise RegistrationRefused(_("Registration has not opened yet."))
    if session.state != SessionState.OPEN or session.starts_at is None or session.starts_at <= now:
        raise RegistrationRefused(_("Registration for this session has closed."))
    if session.registration_deadline and session.registration_deadline <= now:
        raise RegistrationRefused(_("The registration deadline has passed."))


def seat_in(session: Session, form: str) -> RegistrationState:
    """What a newcomer gets now; the caller holds the lock on the session row."""
    numbers = Counter(dict(Registration.objects.in_pool(form, session).by_state()))
    held = sum(numbers[state] for state in HOLDING_SEAT)
    waiting = numbers[RegistrationState.WAITLISTED]
    if session.is_hybrid:
        waiting += session.registrations.wishing().filter(wished_form=form).count()
    return seat_for(capacity=session.capacity_for(form), held=held, waiting=waiting)


@transaction.atomic
def cancel(*, registration: Registration, actor: User | None, now: datetime) -> Registration:
    """Give up a seat or a place in the queue, until the session starts; the first in line gets the seat.

    Cancelling what is over already changes nothing. Raises RegistrationRefused once the session has started, and when
    it was noted whether the person came; which of the two was noted it does not tell.
    """
    session, registration = locked(registration)
    if registration.is_seated and registration.state not in LIVE:
        check_has_not_started(session, now=now)
        raise RegistrationRefused(_("You can no longer cancel here. Tell the organisers if you do not come."))
    if registration.state not in LIVE:
        return registration
    had_seat = give_up(registration, session, actor=actor, now=now)
    mails.registration_cancelled(registration, had_seat=had_seat, now=now)
    waitlist.fill_seats(session, actor=actor, now=now)
    return registration


def give_up(registration: Registration, session: Session, *, actor: User | None, now: datetime) -> bool:
    """End a live registration because its person wants that; tells whether she had a seat.

    The caller holds the lock, tells it and fills the seat. Raises RegistrationRefused once the session has started.
    """
    had_seat = registration.state == RegistrationState.CONFIRMED
    state = RegistrationState.CANCELLED if had_seat else RegistrationState.WITHDRAWN
    _leave(registration, state, "registration.cancelled", session=session, actor=actor, now=now)
    return had_seat


@transaction.atomic
def cancel_by_staff(*, registration: Registration, reason: str, actor: User, now: datetime) -> Registration:
    """Take a seat or a place in the queue from someone, who reads the reason (domain.md 4.2).

    The reason is in that mail and nowhere else. Whom staff take off one date of a series is brought to no date that
    opens later. Cancelling what is over already changes nothing. Raises RegistrationRefused for an actor who keeps no
    registrations, without a reason, and once the session has started.
    """
    check_keeps(actor)
    if not reason.strip():
        raise RegistrationRefused(_("Write down why; it is sent to the people concerned."), field="reason")
    session, registration = locked(registration)
    if registration.state not in LIVE:
        return registration
    had_seat = registration.state == RegistrationState.CONFIRMED
    _leave(
        registration, RegistrationState.CANCELLED, "registration.ended", session=session, actor=actor, now=now,
        why="staff",
    )  # fmt: skip
    series_memberships.end_with(session, registration.person_id)
    mails.registration_ended(registration, why="staff", had_seat=had_seat, reason=reason.strip(), now=now)
    waitlist.fill_seats(session, actor=actor, now=now)
    return registration


def release_lost(*, now: datetime, session: Session | None = None) -> int:
    """Free the places of people who may no longer come, at what is still to come or at `session`; gives their number.

    That is who left the organisation that they registered for or the audience, and whose account is off; see
    `rules.loss_of`. Each reads why in one mail, and the next in line gets the seat. Finding them costs the same for
    many.
    """
    to_come = Registration.objects.to_come(now)
    if session is not None:
        to_come = to_come.filter(session=session)
    by_person: dict[int, list[int]] = defaultdict(list)
    for pk, person in to_come.filter(pk__in=losses(to_come)).order_by("person_id", "pk").values_list("pk", "person"):
        by_person[person].append(pk)
    return sum(_release_of(keys, now=now) for keys in by_person.values())


@transaction.atomic
def _release_of(keys: list[int], *, now: datetime) -> int:
    released = release(keys, actor=None, now=now)
    if released:
        mails.registrations_ended(released, now=now)
    return len(released)


def release(keys: list[int], *, actor: User | None, now: datetime) -> list[Released]:
    """End those of one person's registrations, `keys`, that can not stand any more; in the caller's transaction.

    Looks once more under the locks of the sessions: the person may have been confirmed anew, or a session may have
    begun. The seats go to the next in line; the caller tells the person. Gives what ended, by date.
    """
    rows = Registration.objects.filter(pk__in=keys)
    Session.objects.lock_all(rows.order_by().values("session"))
    still = Registration.objects.to_come(now).filter(pk__in=keys)
    lost = losses(still)
    released = []
    for row in still.filter(pk__in=lost).select_related("person", "organisation").order_by("session_id"):
        session = Session.objects.locked(row.session_id)
        why = lost[row.pk]
        had_seat = row.state == RegistrationState.CONFIRMED
        _leave(
            row, RegistrationState.CANCELLED, "registration.ended", session=session, actor=actor, now=now, why=str(why)
        )
        if why not in (Loss.AUDIENCE, Loss.INVITATION):  # the other dates may be for other people
            series_memberships.end_with(session, row.person_id)
        released.append(Released(row, why=str(why), had_seat=had_seat))
    for one in released:
        waitlist.fill_seats(one.registration.session, actor=actor, now=now)
    return sorted(released, key=lambda one: (one.session.starts_at or now, one.session.pk))


def cancel_all_of(person: User, *, actor: User | None, now: datetime) -> int:
    """Give up every seat and place in a queue of what is still to come, as when an account closes; gives the number.

    A postponed session has no date and counts as still to come.
    """
    live = Registration.objects.to_come(now).filter(person=person).order_by("session_id")
    for registration in (rows := list(live)):
        cancel(registration=registration, actor=actor, now=now)
    return len(rows)


@transaction.atomic
def decide(*, registration: Registration, admit: bool, note: str = "", actor: User, now: datetime) -> Registration:
    """Admit someone who asked for a seat, or not; one who is admitted to a full session waits in line.

    `note` is a sentence to the person, in that mail and kept nowhere else. Raises RegistrationRefused for an actor who
    keeps no registrations, once it has been decided, when the session is off, has no date or has started, and when
    someone is admitted who may no longer come.
    """
    check_keeps(actor)
    session, registration = locked(registration)
    settle(registration, session, admit=admit, actor=actor, now=now)
    mails.registration_result(registration, note=note.strip(), now=now)
    return registration


def settle(registration: Registration, session: Session, *, admit: bool, actor: User, now: datetime) -> None:
    """Write the decision about a registration that the caller has locked; the caller tells it. Refuses as `decide`."""
    if registration.state != RegistrationState.REQUESTED:
        raise RegistrationRefused(_("This request has been decided already."))
    if not gives_seats(state=session.state, starts_at=session.starts_at, now=now):
        raise RegistrationRefused(_("You can decide on this only while the session has a date that is still to come."))
    if admit:
        check_may_still_come(registration)
    state = seat_in(session, registration.form) if admit else RegistrationState.REJECTED
    write(registration, state, "registration.decided", session=session, actor=actor, now=now)


def _leave(
    registration: Registration,
    state: RegistrationState,
    verb: str,
    *,
    session: Session,
    actor: User | None,
    now: datetime,
    **codes,
) -> None:
    """Off the list, without reminders; until the session starts. The caller tells why, and fills the seat."""
    check_has_not_started(session, now=now)
    write(registration, state, verb, session=session, actor=actor, now=now, **codes)
    mails.withdraw_reminders(session, of=[registration.person_id])
    withdraw_offer_mail(registration)


def check_has_not_started(session: Session, *, now: datetime) -> None:
    """Raise RegistrationRefused from the start on, when nobody cancels any more."""
    if session.starts_at and session.starts_at <= now:
        raise RegistrationRefused(_("This session has started; you can no longer cancel."))
