import json
from functools import partial

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import mail
from core.mail import Letter
from core.models import MailState, OutgoingMail
from leerlijnen.actions import groups
from members.actions import accounts, affiliations
from members.actions.accounts import AccountRefused
from members.models import User
from partos_portal.erasure import close_account
from sessions_app.mails import proposals as proposals_mails
from sessions_app.models import Session
from sessions_app.rules import RegistrationState, SessionState
from tests.factories.leerlijnen import GroupMembershipFactory
from tests.factories.members import AffiliationFactory
from tests.factories.sessions import InvitationFactory, ProposerFactory, RegistrationFactory, SessionFactory
from tests.harness.proving import prove

pytestmark = pytest.mark.django_db


def test_closing_holds_the_seat_for_the_first_in_line_and_leaves_the_groups(outsider, now):
    session = SessionFactory(capacity=1, waiting=1)
    seat = RegistrationFactory(session=session, person=outsider)
    membership = GroupMembershipFactory(person=outsider, activity__learning_line=session.learning_line)
    email = outsider.email

    close_account(person=outsider, actor=outsider, now=now)

    seat.refresh_from_db()
    assert seat.state == RegistrationState.CANCELLED
    assert session.registrations.get(state=RegistrationState.OFFERED).person != outsider
    membership.refresh_from_db()
    assert not outsider.memberships.live().exists()
    # nothing but the last goodbye goes to the old address
    assert list(OutgoingMail.objects.filter(to=email).values_list("kind", flat=True)) == ["members.account_closed"]


def read_in_turn(act, *tables):
    """Which of `tables` `act` reads first, as whoever locks a row does, and which after it."""
    with CaptureQueriesContext(connection) as queries:
        act()
    first = {
        table: next(number for number, query in enumerate(queries) if query["sql"].startswith("SELECT")
                    and f'FROM "{table}"' in query["sql"])
        for table in tables
    }  # fmt: skip
    return sorted(first, key=lambda table: first[table])


def test_closing_locks_the_organisation_before_the_sessions_as_ending_a_link_does(staff, practitioner, now):
    """The other way round the two would wait for each other, and one of them would fail."""
    organisation = practitioner.affiliations.get().organisation
    colleague = AffiliationFactory(organisation=organisation)
    for person in (practitioner, colleague.person):
        RegistrationFactory(person=person, organisation=organisation)
    turn = ["members_organisation", "sessions_app_session"]
    close = partial(close_account, person=practitioner, actor=practitioner, now=now)
    assert read_in_turn(partial(affiliations.end, affiliation=colleague, actor=staff, now=now), *turn) == turn
    assert read_in_turn(close, *turn) == turn


def everything_kept():
    """All rows of all tables as one text."""
    return "\n".join(
        str(row) for model in apps.get_models(include_auto_created=True) for row in model.objects.values_list()
    )


def test_closing_leaves_nothing_that_says_who_it_was(
    client, functional_administrator, staff, contact, outsider, member_organisation, now
):
    User.objects.filter(pk=outsider.pk).update(function="directeur van niets")
    outsider.refresh_from_db()
    client.force_login(functional_administrator)
    client.post(
        f"/admin/members/user/{outsider.pk}/change/",
        {"name": outsider.name, "function": outsider.function, "language": "nl", "is_active": "on"},
    )
    asked = affiliations.request_affiliation(person=outsider, organisation=member_organisation, actor=outsider, now=now)
    affiliations.confirm(affiliation=asked, actor=contact, now=now)
    line = SessionFactory().learning_line
    lead = GroupMembershipFactory(activity__learning_line=line, person=contact, is_lead=True)
    groups.request_to_join(group=lead.activity, person=outsider, actor=outsider, now=now)
    RegistrationFactory(person=outsider, function=outsider.function, state=RegistrationState.ATTENDED)
    InvitationFactory(email=outsider.email.upper(), name=outsider.name, function=outsider.function)
    draft = SessionFactory(state=SessionState.DRAFT, starts_at=None)
    ProposerFactory(session=draft, person=outsider, organisation=member_organisation)
    proposed = SessionFactory(state=SessionState.SUBMITTED, starts_at=None)
    ProposerFactory(session=proposed, person=outsider, organisation=member_organisation)
    proposals_mails.submitted(proposed, now=now)
    mail.queue(Letter(key="other:1", to=staff, template="members/mail/account_closed", context={}), now=now)
    OutgoingMail.objects.filter(key="other:1").update(state=MailState.SENT, text=f"{outsider} schreef iets.")
    mail.queue(Letter(key="hand:1", to=outsider, template="members/mail/account_closed", context={}), now=now)
    OutgoingMail.objects.filter(key="hand:1").update(state=MailState.SENDING)
    name, email, function = outsider.name, outsider.email, outsider.function
    assert all(word in everything_kept() for word in (name, email, function))

    close_account(person=outsider, actor=outsider, now=now)

    assert not Session.objects.filter(pk=draft.pk).exists()
    assert Session.objects.filter(pk=proposed.pk).exists()
    last = OutgoingMail.objects.filter(to__iexact=email)
    assert [row.kind for row in last] == ["members.account_closed"]
    accounts.forget_last_mails()
    assert last.count() == 1  # it waits to be sent
    last.update(state=MailState.SENT)
    accounts.forget_last_mails()
    assert not {word for word in (name, email, function) if word.lower() in everything_kept().lower()}


def test_a_mail_about_somebody_with_a_longer_name_is_kept(outsider, staff, now):
    User.objects.filter(pk=outsider.pk).update(name="Jan")
    mail.queue(Letter(key="other:1", to=staff, template="members/mail/account_closed", context={}), now=now)
    OutgoingMail.objects.update(state=MailState.SENT, text="Tot 12 januari, Janneke!")
    outsider.refresh_from_db()
    close_account(person=outsider, actor=outsider, now=now)
    assert OutgoingMail.objects.get(key="other:1").text


def test_a_draft_that_another_works_on_stays(practitioner, host, now):
    draft = SessionFactory(state=SessionState.DRAFT, starts_at=None)
    for person in (practitioner, host):
        ProposerFactory(session=draft, person=person)
    close_account(person=practitioner, actor=practitioner, now=now)
    assert Session.objects.filter(pk=draft.pk).exists()


def test_a_refused_closing_keeps_the_seat(staff, now):
    seat = RegistrationFactory(person=staff)
    with pytest.raises(AccountRefused):
        close_account(person=staff, actor=staff, now=now)
    seat.refresh_from_db()
    assert seat.state == RegistrationState.CONFIRMED


def test_my_data_tells_of_every_app_and_of_nobody_else(client, outsider):
    session = SessionFactory(registered=2, title="Digitale autonomie")
    RegistrationFactory(session=session, person=outsider)
    other = GroupMembershipFactory(activity__learning_line=session.learning_line).person
    GroupMembershipFactory(activity__learning_line=session.learning_line, person=outsider)
    InvitationFactory(session__title="Tafel A", email=outsider.email.upper())
    InvitationFactory(session__title="Tafel B")
    client.force_login(outsider)
    prove(client)

    response = client.post("/profiel/gegevens/")

    kept = json.loads(response.content)
    assert [row["session__title"] for row in kept["registrations"]] == ["Digitale autonomie"]
    assert [row["session__title"] for row in kept["invitations"]] == ["Tafel A"]
    assert len(kept["groups"]) == 1
    assert other.name not in response.content.decode()
