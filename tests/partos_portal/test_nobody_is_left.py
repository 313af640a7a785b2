"""A planted person takes part in every kind of room. Every period passes, and she is erased: nothing tells of her."""

import logging
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from core.models import AuditEntry, MailState, OutgoingMail
from leerlijnen.actions import groups
from leerlijnen.rules import ActivityKind
from members.actions import accounts, affiliations
from partos_portal import retention
from partos_portal.erasure import close_account
from sessions_app.actions import (
    attendance,
    calendar_addresses,
    colleagues,
    guests,
    invitations,
    mail_choices,
    needs,
    registrations,
    rooms,
    series_registrations,
    waitlist,
)
from sessions_app.models import Guest, Registration
from sessions_app.rules import Admission, Audience, Confidentiality, Form, SessionState
from tests.factories.leerlijnen import ActivityFactory
from tests.factories.members import AffiliationFactory, OrganisationFactory, UserFactory
from tests.factories.sessions import DialogueFactory, SeriesFactory, SessionFactory

pytestmark = pytest.mark.django_db

KEY, NAME, ADDRESS = 987654321, "Zegge Kenmerk", "zegge.kenmerk@merk.example"
MARKS = (str(KEY), NAME.lower(), ADDRESS)
# While she has an account these say so, and nothing else does.
HER_ACCOUNT = {
    *("members_user", "account_emailaddress", "members_affiliation", "leerlijnen_groupmembership"),
    *("leerlijnen_following", "sessions_app_calendaraddress", "sessions_app_proposer"),
}
ROOMS = ("open", "closed space", "peer space", "by approval", "hybrid", "series", "guest", "dialogue", "groups")


@pytest.fixture
def person(member_organisation, now):
    person = UserFactory(pk=KEY, name=NAME, email=ADDRESS, last_login=now)
    EmailAddress.objects.create(user=person, email=ADDRESS, verified=True, primary=True)
    AffiliationFactory(person=person, organisation=member_organisation)
    return person


@pytest.fixture
def world(person, member_organisation, staff, host, now):
    """Who is there besides, and the short ways to what they do."""
    return World(person, member_organisation, staff, host, now)


class World:
    def __init__(self, person, organisation, staff, host, now):
        self.person, self.organisation, self.staff, self.host, self.now = person, organisation, staff, host, now
        self.who = {"actor": person, "now": now}
        self.by_staff = {"actor": staff, "now": now}

    def register(self, session, person=None, **more):
        person = person or self.person
        return registrations.register(
            session=session, person=person, organisation=self.organisation, form=Form.ON_SITE, actor=person,
            now=self.now, **more,
        )  # fmt: skip

    def colleague(self):
        return AffiliationFactory(organisation=self.organisation).person

    def everything_at(self, session):
        """Takes a seat, leaves a note, gives the seat up, waits, is offered one, and answers."""
        row = self.register(session, needs="een hellingbaan", function="merkfunctie")
        needs.write(registration=row, text="geen noten", **self.who)
        registrations.cancel(registration=row, **self.who)
        others = [self.register(session, self.colleague()) for _ in range(session.capacity)]
        for accepts in (False, True):
            row = self.register(session)
            registrations.cancel(registration=others.pop(), actor=self.staff, now=self.now)
            row.refresh_from_db()
            assert row.state == "offered"
            (waitlist.accept if accepts else waitlist.decline)(registration=row, **self.who)
            if not accepts:
                others.append(self.register(session, self.colleague()))
        registrations.cancel_by_staff(registration=row, reason="Het is vol.", **self.by_staff)
        self.register(session, self.colleague())
        row = self.register(session)
        for other in others:
            registrations.cancel(registration=other, actor=self.staff, now=self.now)
        waitlist.promote(registration=row, **self.by_staff)
        return row

    def open(self):
        session = SessionFactory(capacity=2, host=self.host)
        row = self.everything_at(session)
        other = SessionFactory()
        colleagues.register(
            session=other, colleague=self.person, organisation=self.organisation, form=Form.ON_SITE,
            actor=self.colleague(), now=self.now,
        )  # fmt: skip
        colleagues.register(
            session=other, colleague=self.colleague(), organisation=self.organisation, form=Form.ON_SITE, **self.who
        )
        attendance.note(registration=row, state="attended", actor=self.host, now=session.starts_at)

    def closed_space(self):
        self.everything_at(SessionFactory(capacity=2, confidentiality=Confidentiality.CLOSED_SPACE))

    def peer_space(self):
        activity = ActivityFactory(kind=ActivityKind.PEER_SPACE)
        self.everything_at(SessionFactory(capacity=2, activity=activity))

    def by_approval(self):
        session = SessionFactory(admission=Admission.BY_APPROVAL)
        for admit in (False, True):
            registrations.decide(registration=self.register(session), admit=admit, **self.by_staff)

    def hybrid(self):
        session = SessionFactory(form=Form.HYBRID, capacity=2, capacity_online=1)
        row = self.register(session)
        other = registrations.register(
            session=session, person=(guest := self.colleague()), organisation=self.organisation, form=Form.ONLINE,
            actor=guest, now=self.now,
        )  # fmt: skip
        rooms.attend_otherwise(registration=row, form=Form.ONLINE, **self.who)
        registrations.cancel(registration=other, actor=self.staff, now=self.now)
        row.refresh_from_db()
        assert row.form == Form.ONLINE

    def series(self):
        series = SeriesFactory()
        dates = [SessionFactory(series=series) for _ in range(2)]
        for closed in (Confidentiality.INTERNAL, Confidentiality.CLOSED_SPACE):
            dates[0].confidentiality = closed
            dates[0].save()
            series_registrations.register(
                series=series, person=self.person, organisation=self.organisation, form=Form.ON_SITE, **self.who
            )
            series_registrations.cancel(series=series, person=self.person, **self.who)

    def guest(self):
        session = SessionFactory(audience=Audience.INVITED)
        [guest] = guests.invite(session=session, addresses=[ADDRESS], **self.by_staff)
        self.register(session)
        [other] = guests.invite(session=session, addresses=["ander@elders.example"], **self.by_staff)
        guests.take_back(guest=guest, **self.by_staff)
        registrations.release_lost(now=self.now)
        guests.ask(guest=other, person=self.person, organisation=self.organisation, form=Form.ON_SITE, **self.who)
        assert Guest.objects.exists()

    def dialogue(self):
        dialogue = DialogueFactory(state=SessionState.PLANNED)
        invitation = invitations.invite(
            session=dialogue, name=NAME, email=ADDRESS, organisation=OrganisationFactory(), **self.by_staff
        )
        for accepts in (True, False, True):
            invitation.refresh_from_db()
            invitations.answer(
                invitation=invitation, accepts=accepts, link_nonce=invitation.nonce, device="phone", now=self.now
            )

    def groups(self):
        for kind in (ActivityKind.WORKING_GROUP, ActivityKind.PEER_SPACE):
            group = ActivityFactory(kind=kind)
            for admit in (False, True):
                membership = groups.request_to_join(group=group, person=self.person, **self.who)
                (groups.admit if admit else groups.refuse)(membership=membership, **self.by_staff)
            groups.make_lead(membership=membership, **self.by_staff)
            groups.leave(group=group, person=self.person, **self.who)

    def own(self):
        """What she does for herself."""
        line = SessionFactory().learning_line
        mail_choices.choose(person=self.person, wishes={"requests": "none"}, lines=[line], workstreams=[], now=self.now)
        for _ in range(2):
            calendar_addresses.make(person=self.person, **self.who)
        accounts.change_profile(person=self.person, changes={"function": "merkfunctie"}, now=self.now)
        other = affiliations.request_affiliation(
            person=self.person, organisation=OrganisationFactory(), actor=self.person, now=self.now
        )
        affiliations.confirm(affiliation=other, **self.by_staff)
        affiliations.end(affiliation=other, **self.who)


def tables():
    """Table -> those of her marks that stand in it."""
    found = {}
    with connection.cursor() as cursor:
        quoted = connection.ops.quote_name
        for table in connection.introspection.table_names(cursor):
            for column in connection.introspection.get_table_description(cursor, table):
                cursor.execute(f"SELECT CAST({quoted(column.name)} AS TEXT) FROM {quoted(table)}")
                text = "\n".join(str(value) for (value,) in cursor.fetchall()).lower()
                if marks := {mark for mark in MARKS if mark in text}:
                    found.setdefault(table, set()).update(marks)
    return found


def files():
    """Those of the portal's own files in which she stands: media, mails of the trial run, cache."""
    inside = [path for path in Path(settings.VAR_DIR).rglob("*") if path.is_file() and path.stat().st_size < 5_000_000]
    return [path for path in inside if any(mark.encode() in path.read_bytes().lower() for mark in MARKS)]


def dump():
    told = StringIO()
    call_command("dumpdata", stdout=told)
    return told.getvalue().lower()


@pytest.mark.parametrize("room", [*ROOMS, "own"])
def test_the_trail_never_says_that_she_takes_part(world, room):
    getattr(world, room.replace(" ", "_"))()
    rows = list(AuditEntry.objects.values("verb", "actor", "target_type", "target_id", "codes"))
    assert [row for row in rows if any(mark in str(row).lower() for mark in MARKS)] == []
    assert {"core_auditentry", "sessions_app_sessionchange"} & set(tables()) == set()
    assert bool(rows) is (room not in ("closed space", "peer space"))


@pytest.mark.parametrize("room", ["closed space", "peer space", "dialogue"])
def test_of_a_closed_room_the_trail_has_not_even_the_moment(world, room):
    getattr(world, room.replace(" ", "_"))()
    verbs = set(AuditEntry.objects.values_list("verb", flat=True))
    assert verbs <= {"session.inviting"}


def test_after_every_period_and_erasing_nothing_tells_of_her(world, functional_administrator, caplog):
    with caplog.at_level(logging.DEBUG):
        for room in [*ROOMS, "own"]:
            getattr(world, room.replace(" ", "_"))()
        assert set(tables()) > HER_ACCOUNT - {"sessions_app_proposer"}
        assert Registration.objects.filter(person=world.person).exists()
        OutgoingMail.objects.update(state=MailState.SENT, sent_at=world.now)

        later = world.now + timedelta(days=3 * 366)
        assert not any(run.has_failed for run in retention.retain(now=later))
        left = tables()
        assert set(left) <= HER_ACCOUNT, left

        close_account(person=world.person, actor=functional_administrator, now=later)
        OutgoingMail.objects.update(state=MailState.SENT, sent_at=later)
        assert not any(run.has_failed for run in retention.retain(now=later + timedelta(days=3 * 366)))
    assert tables() == {"members_user": {str(KEY)}}  # the emptied row that history hangs on
    assert files() == []
    assert not any(mark in dump() for mark in (NAME.lower(), ADDRESS))
    told = "\n".join([*(record.getMessage() for record in caplog.records), caplog.text]).lower()
    assert [mark for mark in MARKS if mark in told] == []


@pytest.mark.parametrize("role", ["functional_administrator", "staff", "quality_coordinator"])
def test_nobody_finds_her_in_the_trail_by_her_address(client, request, world, role):
    for room in ("open", "groups", "own"):
        getattr(world, room)()
    client.force_login(request.getfixturevalue(role))
    page = client.get("/admin/core/auditentry/", {"q": ADDRESS})
    assert page.context["cl"].result_count == 0
    everything = client.get("/admin/core/auditentry/").content.decode()
    assert NAME not in everything
    assert ADDRESS not in everything
