"""Short ways to a proposal in a state, for the tests around it."""

from leerlijnen.rules import PartosRoleCode
from sessions_app.models import Proposer, Session
from sessions_app.rules import DATED, SessionState
from tests.factories.leerlijnen import PartosRoleFactory, WorkstreamFactory
from tests.factories.members import LONG_AGO
from tests.factories.sessions import SessionFactory


def proposal(person, *, state=SessionState.DRAFT, **fields) -> Session:
    """Complete, of `person`, with a date only where the state asks one."""
    if state not in (*DATED, SessionState.CANCELLED):
        fields = {"starts_at": None, "capacity": None, "place": "", "for_whom": "", **fields}
    if state != SessionState.DRAFT:
        fields = {"submitted_at": LONG_AGO, **fields}
    session = SessionFactory(state=state, **fields)
    session.partos_roles.add(PartosRoleFactory(programme=session.programme))
    credit(session, person)
    return session


def credit(session, person):
    organisation = person.affiliations.first().organisation
    Proposer.objects.create(session=session, person=person, organisation=organisation)


def programme_of_2026(session_factory=SessionFactory):
    """A programme with one line, both tracks, one workstream and the four roles."""
    template = session_factory()
    for order, code in enumerate(PartosRoleCode, start=1):
        PartosRoleFactory(programme=template.programme, code=code, order=order)
    WorkstreamFactory(programme=template.programme)
    return template.programme
