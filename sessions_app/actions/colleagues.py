"""Registering a colleague of one's own organisation, for a session or for a series as a whole."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from members.models import Affiliation, Organisation, User
from members.permissions import standing_of
from sessions_app import permissions
from sessions_app.actions import registrations, series_registrations
from sessions_app.actions.registration_state import RegistrationRefused
from sessions_app.models import Registration, Series, Session


@transaction.atomic
def register(
    *,
    session: Session,
    colleague: User,
    organisation: Organisation,
    form: str,
    needs_language: str = "",
    actor: User,
    now: datetime,
) -> Registration:
    """Register somebody who works for the same organisation as `actor`; she gets the mail, and can decline.

    All that holds for who registers herself holds for her. Raises RegistrationRefused as `registrations.register`
    does, for a closed space and a dialogue, when `actor` does not work for `organisation`, when the colleague is not
    confirmed there or has no account that is on, and when she is on the list already.
    """
    session = Session.objects.locked(session.pk)
    check_may_register(colleague, organisation, [session], actor=actor)
    check_is_for(colleague, [session])
    if session.registrations.with_a_place().filter(person=colleague).exists():
        raise _on_the_list(colleague)
    return registrations.register(
        session=session,
        person=colleague,
        organisation=organisation,
        form=form,
        function=colleague.function,
        needs_language=needs_language,
        registered_by=actor,
        actor=actor,
        now=now,
    )


@transaction.atomic
def register_for_series(
    *,
    series: Series,
    colleague: User,
    organisation: Organisation,
    form: str,
    needs_language: str = "",
    actor: User,
    now: datetime,
) -> list[Registration]:
    """Register a colleague for a series as a whole; she gets one mail about all dates, and can decline all or one.

    Gives what she has at each date. Raises RegistrationRefused as `series_registrations.register` and `register` do,
    also when she is on the list of one date to come already: then the others are for her to choose.
    """
    series, sessions = series_registrations.lock(series)
    check_may_register(colleague, organisation, sessions, actor=actor)
    check_is_for(colleague, sessions)
    if Registration.objects.of_series(series).to_come(now).filter(person=colleague).exists():
        raise _on_the_list(colleague)
    return series_registrations.register(
        series=series,
        person=colleague,
        organisation=organisation,
        form=form,
        function=colleague.function,
        needs_language=needs_language,
        registered_by=actor,
        actor=actor,
        now=now,
    )


def check_may_register(
    colleague: User, organisation: Organisation, sessions: Iterable[Session], *, actor: User
) -> None:
    """Raise RegistrationRefused when `actor` may not register this person for these sessions, whatever is free."""
    for session in sessions:
        check_may_register_others(actor, session)
    if organisation not in standing_of(actor).organisations:
        raise RegistrationRefused(_("Choose a colleague of your own organisation."), field="colleague")
    there = Affiliation.objects.colleagues_of(actor).filter(person=colleague.pk, organisation=organisation)
    if not there.exists():
        raise RegistrationRefused(
            _("This person is not confirmed at your organisation. Your contact can do that."),
            field="colleague",
        )


def check_may_register_others(actor: User, session: Session) -> None:
    """Raise RegistrationRefused for a closed space, a dialogue, and for who is confirmed nowhere."""
    if session.is_closed_space:
        raise RegistrationRefused(_("For this session everyone registers in person; you cannot do it for a colleague."))
    if not permissions.may_register_colleagues(actor, session):
        raise RegistrationRefused(_("You can register colleagues once an organisation has confirmed you."))


def check_may_register_now(actor: User, session: Session, *, now: datetime) -> None:
    """As `check_may_register_others`, and for what keeps `actor` from registering herself: so the pages lead there."""
    check_may_register_others(actor, session)
    registrations.check_may_register(session, actor, now=now)


def check_is_for(colleague: User, sessions: Sequence[Session]) -> None:
    """Raise RegistrationRefused when the colleague is among the people of none of `sessions`, in words about her."""
    guest_at = permissions.guest_at(colleague, sessions)
    if not any(permissions.is_among_people_of(colleague, session, guest_at=guest_at) for session in sessions):
        reason = gettext("%(name)s is not among those for whom this is, and not invited.") % {"name": colleague}
        raise RegistrationRefused(reason, field="colleague")


def _on_the_list(colleague: User) -> RegistrationRefused:
    """The refusal of who is on the list already."""
    reason = gettext("%(name)s is on the list already; nothing has changed.") % {"name": colleague}
    return RegistrationRefused(reason, field="colleague")
