"""What tests of faults share: the portal's processes one by one, many reminders to send, and counts to print."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.models import OutgoingMail
from members.models import Affiliation, User
from sessions_app.models import Registration, Session
from tests.factories.members import LONG_AGO, OrganisationFactory
from tests.factories.sessions import SessionFactory
from tests.harness.crew import Crew
from tests.harness.smtp import MailServer
from tests.settings import SERVICES


def pytest_collection_modifyitems(config, items):
    """SQLite with its files knows one worker only; what needs more runs on PostgreSQL and Redis alone."""
    on_servers = [item for item in items if item.get_closest_marker("servers")]
    if on_servers and "DATABASE_URL" not in SERVICES:
        config.hook.pytest_deselected(items=on_servers)
        items[:] = [item for item in items if item not in on_servers]


@pytest.fixture
def mail_server():
    """As `smtp_server`, for portals in processes of their own only."""
    with MailServer() as server:
        yield server


@pytest.fixture
def crew(transactional_db, tmp_path, mail_server):
    """The portal's processes, none started yet; their mail goes to `mail_server`."""
    with Crew(tmp_path, EMAIL_URL=mail_server.url) as crew:
        yield crew


@pytest.fixture
def counts(request):
    """Counts by name, printed at the end of the run, also when the test passes: `counts(taken=500, lost=0)`."""

    def write(**found) -> None:
        request.node.user_properties.append(("counts", ", ".join(f"{name} {found[name]}" for name in found)))

    return write


def people_with_seats(number: int, *, sessions: int) -> list[str]:
    """People with a seat each, spread over sessions in eight days; gives their addresses."""
    organisation = OrganisationFactory()
    people = User.objects.bulk_create(
        User(email=f"deelnemer{n}@leden.example", name=f"Deelnemer {n} (fictief)") for n in range(number)
    )
    Affiliation.objects.bulk_create(
        Affiliation(
            person=person, organisation=organisation, state="confirmed", requested_at=LONG_AGO, confirmed_at=LONG_AGO
        )
        for person in people
    )
    start = timezone.now().replace(microsecond=0) + timedelta(days=8)
    rows = [SessionFactory(starts_at=start, capacity=number) for _ in range(sessions)]
    Registration.objects.bulk_create(
        Registration(
            session=rows[n % sessions], person=person, organisation=organisation, form="on_site", state="confirmed",
            queued_at=LONG_AGO, changed_at=LONG_AGO,
        )
        for n, person in enumerate(people)
    )  # fmt: skip
    return [person.email for person in people]


def a_day_passes() -> None:
    """What was to start in eight days starts in seven, so that its reminders are due.

    Once in a test: the second time is another minute, sooner or later, and to another start belongs another reminder.
    """
    start = timezone.now().replace(microsecond=0) + timedelta(days=7, minutes=-1)
    Session.objects.update(starts_at=start, ends_at=start + timedelta(hours=2))


def a_minute_passes() -> None:
    """What was put back is due again; its last error is forgotten, so that the next can be seen."""
    OutgoingMail.objects.unsent().update(next_attempt_at=timezone.now(), error="")
