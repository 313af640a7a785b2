"""Who may do what with a session; one question, one function. `person` may be anonymous."""

from members.permissions import staff_with_right, standing_of
from sessions_app.models import Session
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


def is_in_audience(person, session: Session) -> bool:
    """Belongs to those for whom the session is (domain.md 4.1, 4.2)."""
    return admits(session.audience, [a.organisation.kind for a in standing_of(person).affiliations])


def may_read(person, session: Session) -> bool:
    """More than title and date: the question, the place, the hosts (matrix of domain.md 3)."""
    return is_in_audience(person, session) or is_host(person, session) or can_curate(person)


def may_see_participants(person, session: Session) -> bool:
    """Names of who comes: the host of this very session, and programme staff; of a dialogue nobody here."""
    if session.is_dialogue:
        return False
    return is_host(person, session) or person.has_perm("sessions_app.view_registration")


def can_keep_registrations(person) -> bool:
    """Decide on who asked for a seat, and take a seat back: programme staff."""
    return person.has_perm("sessions_app.change_registration")


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
