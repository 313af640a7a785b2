import pytest
from django.core.cache import cache

from sessions_app.actions import calendar_addresses
from sessions_app.rules import Form, InvitationState
from tests.factories.leerlijnen import load_2026
from tests.factories.members import member_person
from tests.factories.sessions import DialogueFactory, InvitationFactory, RegistrationFactory, SessionFactory


@pytest.fixture(autouse=True)
def _nothing_counted():
    cache.clear()


@pytest.fixture
def address(practitioner, now):
    return calendar_addresses.make(person=practitioner, actor=practitioner, now=now)


@pytest.fixture
def planted(practitioner, now):
    """A session of members and a dialogue with everything in them that could leak; gives the paths of public feeds."""
    programme = load_2026()
    line = programme.learning_lines.order_by("number").first()
    tracks = {track.code: track for track in programme.tracks.all()}
    where = {"programme": programme, "learning_line": line}
    session = SessionFactory(
        **where, track=tracks["practitioner"], title="Ledenbijeenkomst", question="SECRET-ISSUE", place="SECRET-PLACE",
        form=Form.HYBRID, capacity_online=5, online_link="https://video.example/SECRET-LINK",
    )  # fmt: skip
    RegistrationFactory(session=session, person=practitioner, form=Form.ONLINE)
    RegistrationFactory(session=session, person=member_person(name="SECRET-NAME"))
    dialogue = DialogueFactory(
        **where, track=tracks["leadership"], title="SECRET-DIALOGUE", question="SECRET-ISSUE", place="SECRET-PLACE",
        host=practitioner, online_link="https://video.example/SECRET-LINK",
    )  # fmt: skip
    InvitationFactory(session=dialogue, name="SECRET-NAME", state=InvitationState.ACCEPTED)
    return [
        "/bijeenkomsten/agenda.ics",
        f"/programma/{programme.year}/agenda.ics",
        f"/programma/{programme.year}/practitioner/agenda.ics",
        f"/leerlijnen/{line.slug}/agenda.ics",
    ]
