"""PostgreSQL and Redis go away and come back while people register over HTTP; on a pair of the test's own."""

import http.client
import json
import re
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from urllib.parse import urlencode

import pytest

from script.lib.packages import find_binaries
from script.lib.services import private_servers
from tests.harness.portal import Portal
from tests.harness.smtp import MailServer
from tests.harness.waiting import eventually

pytestmark = [pytest.mark.one_pair, pytest.mark.servers]
DURABLE = {"fsync": "on", "max_connections": "100"}  # as in production: what was answered must outlive a crash
PEOPLE, SEATS, AT_ONCE = 80, 50, 4
# For one session with SEATS seats: PEOPLE who may register, each signed in.
SET_UP = f"""
import json
from django.test import Client
from members.models import Organisation
from tests.factories.members import OrganisationFactory, member_person
from tests.factories.sessions import SessionFactory
OrganisationFactory.reset_sequence(Organisation.objects.count())
session = SessionFactory(capacity={SEATS})
organisation = OrganisationFactory()
cookies = {{}}
for number in range({PEOPLE}):
    person = member_person(organisation, email=f"lid{{session.pk}}x{{number}}@leden.example")
    client = Client()
    client.force_login(person)
    cookies[person.email] = client.cookies["sessionid"].value
print(json.dumps({{"session": session.pk, "organisation": organisation.pk, "cookies": cookies}}))
"""
OUTCOME = """
import json
from core.models import OutgoingMail
from sessions_app.models import Registration
rows = list(Registration.objects.filter(session={session}).order_by("pk").values_list("person__email", "state"))
mails = list(OutgoingMail.objects.filter(key__startswith="session:{session}:").values_list("to", "state", "attempts"))
print(json.dumps({{"rows": rows, "mails": mails}}))
"""


@pytest.fixture(scope="module")
def lost_mail_server():
    with MailServer() as server:
        yield server


@pytest.fixture(scope="module")
def servers():
    with private_servers(find_binaries(install=False), settings=DURABLE) as servers:
        yield servers


@pytest.fixture(scope="module")
def own_portal(servers, lost_mail_server, tmp_path_factory):
    """A portal on PostgreSQL and Redis that may be stopped, shared by the tests here."""
    env = servers.addresses | {"EMAIL_URL": lost_mail_server.url, "DEFAULT_FROM_EMAIL": "portaal@portaal.example"}
    env |= {"DJANGO_SETTINGS_MODULE": "tests.quick_beat", "BEAT_SECONDS": "2", "MAIL_LEASE_SECONDS": "5"}
    with Portal(tmp_path_factory.mktemp("own"), **env) as portal:
        portal.start()
        yield portal


class Crowd:
    """People who register for one session, a few at once; `failed` are those who got an error page."""

    def __init__(self, portal: Portal):
        self.portal = portal
        self.plan = json.loads(portal.python(SET_UP))
        self.accepted: set[str] = set()
        self.failed: set[str] = set()
        self.strange: list[str] = []

    def register(self, people) -> None:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(self.register_one, people))

    def register_one(self, email: str) -> None:
        path = f"/bijeenkomsten/{self.plan['session']}/aanmelden/"
        cookies = f"sessionid={self.plan['cookies'][email]}"
        status, headers, page = self.ask("GET", path, cookies)
        if status == 200:
            [token] = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[:1]
            form = {"csrfmiddlewaretoken": token, "organisation": self.plan["organisation"], "form": "on_site"}
            [csrf] = re.findall(r"csrftoken=(\w+)", headers.get("Set-Cookie", ""))
            status, headers, page = self.ask("POST", path, f"{cookies}; csrftoken={csrf}", urlencode(form))
        if status == 302 and headers["Location"] == f"/bijeenkomsten/{self.plan['session']}/":
            self.accepted.add(email)
            self.failed.discard(email)
        elif status == 500 and "Er ging iets mis" in page:
            self.failed.add(email)
        else:
            self.strange.append(f"{status} {headers.get('Location')} {page[:2000]}")

    def ask(self, method: str, path: str, cookies: str, body: str | None = None):
        headers = {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"}
        with closing(http.client.HTTPConnection("localhost", self.portal.port, timeout=30)) as connection:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()

    def outcome(self) -> dict:
        return json.loads(self.portal.python(OUTCOME.format(session=self.plan["session"])))


def check(crowd: Crowd, server: MailServer, counts, *, refused: int) -> None:
    """Everyone is in once, the seats are full and no fuller, and everyone reads it once."""
    outcome = crowd.outcome()
    people = [email for email, _state in outcome["rows"]]
    states = [state for _email, state in outcome["rows"]]
    mails = [message["To"] for message in server.messages if message["To"] in crowd.plan["cookies"]]
    counts(
        people=PEOPLE, error_pages=refused, registered=len(people), seats=states.count("confirmed"),
        waiting=states.count("waitlisted"), mails=len(mails), lost=len(set(crowd.plan["cookies"]) - set(mails)),
        doubled=len(mails) - len(set(mails)),
    )  # fmt: skip
    assert sorted(people) == sorted(crowd.plan["cookies"])
    assert (states.count("confirmed"), states.count("waitlisted")) == (SEATS, PEOPLE - SEATS)
    assert sorted(mails) == sorted(people)


def test_postgresql_stopped_at_once_loses_no_registration_that_was_answered(
    own_portal, servers, lost_mail_server, counts
):
    crowd = Crowd(own_portal)
    people = list(crowd.plan["cookies"])
    with ThreadPoolExecutor(1) as pool:
        work = pool.submit(crowd.register, people)
        eventually(lambda: len(crowd.accepted) >= PEOPLE // 4, within=30, what="the first registrations")
        servers.stop("postgres", number=signal.SIGQUIT)
        eventually(lambda: len(crowd.failed) >= AT_ONCE, within=30, what="error pages")
        health = own_portal.health()
        assert (health["well"], health["database"]) == (False, False)
        servers.start("postgres")
        work.result()
    assert crowd.strange == []
    refused = len(crowd.failed)
    answered = set(crowd.accepted)
    before = [email for email, _state in crowd.outcome()["rows"]]
    assert answered <= set(before)  # a few more may be there: the commit was made, and its answer was lost
    assert len(before) == len(set(before)) <= len(answered) + AT_ONCE
    crowd.register(sorted(crowd.failed))  # they try once more, as the page says
    assert (crowd.strange, crowd.failed) == ([], set())
    eventually(lambda: all_is_well(own_portal), within=60, what="a portal that is well")
    check(crowd, lost_mail_server, counts, refused=refused)


def test_redis_restarted_and_emptied_costs_no_registration_and_no_mail(own_portal, servers, lost_mail_server, counts):
    crowd = Crowd(own_portal)
    people = list(crowd.plan["cookies"])
    crowd.register(people[:20])
    servers.stop("redis", number=signal.SIGKILL)
    crowd.register(people[20:60])
    health = own_portal.health()
    assert (health["well"], health["database"], health["broker"]) == (False, True, False)
    servers.start("redis")
    crowd.register(people[60:])
    assert (crowd.strange, crowd.failed) == ([], set())
    # A worker that had a message in hand when Redis went ends with an error (kombu 5.7 cannot give the message back),
    # in about half a minute, and is started again by who keeps it running. What it was woken for is in the database.
    eventually(lambda: all_is_well(own_portal), within=90, what="a portal that is well")
    check(crowd, lost_mail_server, counts, refused=0)


def all_is_well(portal: Portal) -> bool:
    """Beat and worker go on, and no mail waits."""
    health = portal.health()
    return health["well"] and health["beat_age"] < 5 and health["oldest_unsent_mail"] is None
