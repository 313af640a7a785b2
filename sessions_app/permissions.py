"""Who may do what with a session; one question, one function. `person` may be anonymous."""

from collections.abc import Container, Iterable
from datetime import datetime

from django.utils.functional import SimpleLazyObject

from members.permissions import staff_with_right, standing_of
from sessions_app.models import Guest, Session
from sessions_app.rules import EDITABLE_BY_PROPOSER, admits


def can_curate(person) -> bool:
    """Weigh, plan and open sessions: programme staff."""
    return person.has_perm("sessions_app.curate_session")


def may_propose(person) -> bool:
    """Members and partners put sessions on the agenda (domain.md 0.3)."""
    return standing_of(person).may_propose


def is_host(person, session: Session) -> bool:
    """Named in one of the session's hostings, for an organisation that the person still acts for.

    Reads the prefetched rows where there are any.
    """
    if not person.is_authenticated:
        return False
    named = [hosting.organisation_id for hosting in session.hostings.all() if hosting.person_id == person.pk]
    return bool(named) and any(a.organisation_id in named for a in standing_of(person).affiliations)


def is_in_audience(person, session: Session, *, guest_at: Container[int] | None = None) -> bool:
    """Belongs to those for whom the session is, or is invited by address (domain.md 4.1, 4.2)."""
    kinds = [a.organisation.kind for a in standing_of(person).affiliations]
    return admits(session.audience, kinds) or is_guest(person, session, guest_at=guest_at)


def is_among_people_of(person, session: Session, *, guest_at: Container[int] | None = None) -> bool:
    """Those who may register: its audience, and of what is by invitation its guests; of a dialogue nobody."""
    if session.is_dialogue:
        return False
    is_for = is_guest if session.is_by_invitation else is_in_audience
    return is_for(person, session, guest_at=guest_at)


def is_guest(person, session: Session, *, guest_at: Container[int] | None = None) -> bool:
    """Invited by the address with which the person signs in, or admitted by the invitation of another.

    Whoever asks about many sessions gives `guest_at`, from `guest_at`.
    """
    if guest_at is not None:
        return session.pk in guest_at
    return person.is_authenticated and Guest.objects.letting_in(person).filter(session=session.pk).exists()


def guest_at(person, sessions: Iterable[Session]) -> Container[int]:
    """Those of `sessions`, by key, at which the person is a guest; one query, once it is asked."""
    keys = [session.pk for session in sessions]

    def read() -> set[int]:
        if not person.is_authenticated:
            return set()
        return set(Guest.objects.letting_in(person).filter(session__in=keys).values_list("session", flat=True))

    return SimpleLazyObject(read)


def may_read(person, session: Session) -> bool:
    """More than title and date: the question, the place, the hosts (matrix of domain.md 3)."""
    return is_host(person, session) or can_curate(person) or is_in_audience(person, session)


def may_see_participants(person, session: Session, *, now: datetime) -> bool:
    """Names of who comes: programme staff, and the host of this very session while she needs them (domain.md 3).

    Of a dialogue nobody here.
    """
    if session.is_dialogue:
        return False
    closes_at = session.list_closes_at
    needed = closes_at is None or now < closes_at
    return (needed and is_host(person, session)) or person.has_perm("sessions_app.view_registration")


def may_rehearse(person, session: Session) -> bool:
    """See who would get a seat with other numbers of seats: staff who decide on those, about any but a dialogue."""
    return can_curate(person) and can_keep_registrations(person) and not session.is_dialogue


def may_note_attendance(person, session: Session) -> bool:
    """Tick off who is here: a host of this session, and staff who keep registrations; when is the session's matter."""
    return not session.is_dialogue and (is_host(person, session) or can_keep_registrations(person))


def reads_needs(person) -> bool:
    """What people need of access and food: staff who keep registrations, and no host (domain.md 3)."""
    return can_keep_registrations(person)


def may_register_colleagues(person, session: Session) -> bool:
    """Someone confirmed at an organisation, for others there; for a closed space everyone registers alone."""
    return not session.is_closed_space and not session.is_dialogue and bool(standing_of(person).affiliations)


def may_set_reminders(person, session: Session) -> bool:
    """Choose when people are reminded and what is added: who hosts the session, and curating staff; of no dialogue."""
    return not session.is_dialogue and (is_host(person, session) or can_curate(person))


def can_keep_registrations(person) -> bool:
    """Decide on who asked for a seat, and take a seat back: programme staff."""
    return person.has_perm("sessions_app.change_registration")


def keepers():
    """Who gets a mail when somebody asks to come by the invitation of another."""
    return staff_with_right("sessions_app.change_registration")


def is_proposer(person, session: Session) -> bool:
    """Credited with putting the session on the agenda; reads the prefetched rows where there are any."""
    return person.is_authenticated and any(proposer.person_id == person.pk for proposer in session.proposers.all())


def may_edit_proposal(person, session: Session) -> bool:
    """A proposer, while it is a draft or staff have asked something. Staff ask; they do not rewrite (domain.md 0.3)."""
    return session.state in EDITABLE_BY_PROPOSER and is_proposer(person, session)


def curators():
    """Who gets a mail when a proposal comes in."""
    return staff_with_right("sessions_app.curate_session")


def can_invite(person) -> bool:
    """Invite people to leadership dialogues: programme staff."""
    return person.has_perm("sessions_app.add_invitation")
