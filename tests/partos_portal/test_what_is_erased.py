"""Of every row that is about a person: does erasing end it, and why not? A new model cannot be forgotten here."""

from datetime import timedelta
from fnmatch import fnmatch

import pytest
from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import Group, Permission
from django.contrib.sessions.backends.cached_db import SessionStore
from django.contrib.sessions.models import Session as BrowserSession
from django.db import connection, models

from core import audit
from core.models import Act, AuditEntry, MailState, OutgoingMail, RefusedAddress
from leerlijnen.models import Following
from members.actions import accounts
from members.models import User
from members.rules import AffiliationState
from partos_portal.erasure import close_account
from sessions_app.models import (
    CalendarAddress,
    CurationNote,
    Guest,
    Hosting,
    Invitation,
    NeedsNote,
    SeriesMembership,
    Session,
    SessionChange,
)
from sessions_app.rules import RegistrationState, SessionState
from tests.core.test_outbox import put
from tests.factories.leerlijnen import GroupMembershipFactory
from tests.factories.members import AffiliationFactory, UserFactory
from tests.factories.sessions import (
    DialogueFactory,
    InvitationFactory,
    ProposerFactory,
    RegistrationFactory,
    SeriesFactory,
    SessionFactory,
)
from tests.harness.proving import prove

pytestmark = pytest.mark.django_db

ERASED = {
    "members.user.name": "emptied",
    "members.user.function": "emptied",
    "members.user.email": "an address of the portal's own comes in its place",
    "members.user.password": "made unusable",
    "members.user_groups.user": "deleted",
    "members.user_user_permissions.user": "deleted",
    "account.emailaddress.user": "deleted",
    "account.emailaddress.email": "deleted",
    "account.emailconfirmation.email_address": "deleted with the address",
    "account.emailconfirmation.key": "deleted with the address",
    "mfa.authenticator.user": "deleted",
    "mfa.authenticator.data": "deleted",
    "usersessions.usersession.user": "deleted",
    "usersessions.usersession.ip": "deleted",
    "usersessions.usersession.user_agent": "deleted",
    "usersessions.usersession.data": "deleted",
    "usersessions.usersession.session_key": "deleted",
    "sessions.session.session_key": "deleted",
    "sessions.session.session_data": "deleted",
    "core.outgoingmail.recipient": "deleted; the last mail once it has left",
    "core.outgoingmail.to": "deleted; the last mail once it has left",
    "core.outgoingmail.subject": "deleted, or emptied where it was to somebody else",
    "core.outgoingmail.text": "deleted, or emptied where it was to somebody else",
    "core.outgoingmail.html": "deleted, or emptied where it was to somebody else",
    "core.outgoingmail.attachments": "deleted, or emptied where it was to somebody else",
    "core.outgoingmail.secret_link": "deleted",
    "core.outgoingmail.error": "deleted; it names no address but the row's own",
    "core.outgoingmail.about": "deleted, or emptied where it was to somebody else; struck while it waits",
    "core.refusedaddress.recipient": "deleted",
    "core.refusedaddress.mail": "deleted",
    "core.refusedaddress.address": "deleted",
    "core.refusedaddress.answer": "deleted",
    "members.user.mail_choices": "emptied",
    "leerlijnen.following.person": "deleted",
    "admin.logentry.object_repr": "deleted where it names the person",
    "admin.logentry.change_message": "deleted where it names the person",
    "sessions_app.registration.function": "emptied",
    "sessions_app.registration.link_nonce": "made anew, so that no mailed link opens the place any more",
    "sessions_app.registration.registered_by": "emptied where the person registered a colleague",
    "sessions_app.seriesmembership.person": "deleted",
    "sessions_app.needsnote.registration": "deleted",
    "sessions_app.needsnote.text": "deleted",
    "sessions_app.invitation.name": "deleted; emptied once the dialogue is over, for the total",
    "sessions_app.invitation.email": "deleted; emptied once the dialogue is over, for the total",
    "sessions_app.invitation.function": "deleted; emptied once the dialogue is over, for the total",
    "sessions_app.invitation.nonce": "deleted, or made anew",
    "sessions_app.invitation.device": "deleted",
    "sessions_app.calendaraddress.person": "deleted",
    "sessions_app.calendaraddress.nonce": "deleted",
    "sessions_app.guest.email": "deleted",
    "sessions_app.guest.link_nonce": "deleted",
    "sessions_app.curationnote.text": "what the person wrote is emptied; the name is struck from what others wrote",
}
OWN = "belongs to the organisation that put it on the agenda; address and full name are struck"
DOCUMENT = "the programme, and staff's words about it; address and full name are struck from the latter"
CODES = "codes, keys and numbers of the portal's own"
KEPT = {
    "core.auditentry.actor": "what staff and hosts did keeps its key; the row that it leads to names nobody",
    "core.act.actor": "as the audit trail, for the minutes in which an act can be taken back",
    "core.outgoingmail.act": "which act wrote the mail, for those minutes",
    "admin.logentry.user": "as the audit trail, and gone after a year",
    "members.affiliation.person": "ended, and gone after a year; names nobody",
    "leerlijnen.groupmembership.person": "ended, and gone after a year; names nobody",
    "sessions_app.registration.person": "for the numbers, until they are counted; names nobody",
    "sessions_app.proposer.person": "credit for what was sent in, to a closed account",
    "sessions_app.hosting.person": "who hosted, as a closed account; has no rights any more",
    "sessions_app.sessionchange.author": "who corrected what, as a closed account",
    "sessions_app.sessionchange.*": OWN,
    "sessions_app.curationnote.author": "that there was a question or an answer, by a closed account",
    "integrity.reportingroute.mail": "address of a function outside the portal, never a person's",
    "integrity.supportroute.mail": "address of a function outside the portal, never a person's",
    "sessions_app.session.*": OWN,
    "sessions_app.series.*": OWN,
    "leerlijnen.*": DOCUMENT,
    "integrity.*": "functions and channels, and subjects of the sector; address and full name are struck",
    "quality.*": "about an organisation; address and full name are struck",
    "members.organisation.*": "about an organisation",
    "members.maildomain.*": "about an organisation",
    "core.outgoingmail.*": CODES,
    "core.auditentry.*": CODES,
    "core.act.*": "what rows were before an act, for the minutes in which it can be taken back",
    "core.heartbeat.*": CODES,
    "partos_portal.*": CODES,
    "admin.logentry.object_id": CODES,
    "auth.*": CODES,
    "contenttypes.*": CODES,
}


def fields_of(model):
    return [field for field in model._meta.get_fields() if field.concrete or not field.auto_created]


def links_to_people():
    """Fields that lead to a person, or to a row that is nothing but a person's own; addresses included."""
    direct = {
        f"{model._meta.label_lower}.{field.name}": model
        for model in apps.get_models(include_auto_created=True)
        for field in fields_of(model)
        if field.is_relation and field.related_model is User and not field.many_to_many
    }
    through = {
        f"{model._meta.label_lower}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in fields_of(model)
        if field.is_relation and field.related_model in direct.values()
    }
    addresses = {
        f"{model._meta.label_lower}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in fields_of(model)
        if isinstance(field, models.EmailField | models.GenericIPAddressField)
    }
    return set(direct) | through | addresses


def texts():
    typed = (models.CharField, models.TextField, models.JSONField)
    return {
        f"{model._meta.label_lower}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in fields_of(model)
        if isinstance(field, typed) and not field.choices
    }


def test_every_link_to_a_person_is_erased_or_kept_for_a_reason():
    """A new one: write in ERASED what erasure does with it, and let it do so; or in KEPT why it stays."""
    assert links_to_people() - set(ERASED) - set(KEPT) == set()


def test_every_text_is_erased_or_kept_for_a_reason():
    patterns = [*ERASED, *KEPT]
    assert [name for name in texts() if not any(fnmatch(name, pattern) for pattern in patterns)] == []


def test_the_lists_name_nothing_that_is_no_more():
    there = texts() | links_to_people()
    assert [name for name in [*ERASED, *KEPT] if not any(fnmatch(field, name) for field in there)] == []
    assert set(ERASED) & set(KEPT) == set()


# Words that somebody has left all over the portal.

NAME, EMAIL, OLD = "Zegge Kenmerk", "zegge.kenmerk@merk.example", "vorige.kenmerk@merk.example"
KEPT_WORD = "kernvraag-van-een-organisatie"
MARKS = (
    *(NAME, EMAIL, OLD, "merkfunctie", "203.0.113.77", "merkbrowser", "merksleutel", "merkconcept", "merkantwoord"),
    *("merkreden", "merkpost", "merkadres", "merkbehoefte", KEPT_WORD),
)


@pytest.fixture
def person(member_organisation, now):
    """Somebody who did everything that one can do here."""
    person = UserFactory(name=NAME, email=EMAIL, function="merkfunctie")
    person.groups.add(Group.objects.create(name="was once of the team"))
    person.user_permissions.add(Permission.objects.first())
    for address in (EMAIL, OLD):
        row = EmailAddress.objects.create(user=person, email=address, primary=address == EMAIL)
    EmailConfirmation.objects.create(email_address=row, key="merksleutel")
    Authenticator.objects.create(user=person, type="totp", data={"secret": "merksleutel"})
    UserSession.objects.create(
        user=person, ip="203.0.113.77", user_agent="merkbrowser", session_key=browser_session(person), data={}
    )
    AffiliationFactory(person=person, organisation=member_organisation)
    AffiliationFactory(person=person, state=AffiliationState.ENDED)
    session = SessionFactory(
        title="Wat Zegge Kenmerk vroeg", question=f"Mail {EMAIL.upper()}", host=person, waiting=1, capacity=1
    )
    own = RegistrationFactory(session=session, person=person, function="merkfunctie")
    NeedsNote.objects.create(registration=own, text="merkbehoefte", changed_at=now)
    RegistrationFactory(registered_by=person)
    SeriesMembership.objects.create(series=SeriesFactory(), person=person, since=now)
    RegistrationFactory(person=person, function="merkfunctie", state=RegistrationState.ATTENDED, session=past(now))
    GroupMembershipFactory(person=person, activity__learning_line=session.learning_line)
    ProposerFactory(session__title="merkconcept", session__state=SessionState.DRAFT, person=person)
    sent_in = ProposerFactory(session__title=KEPT_WORD, session__submitted_at=now, person=person).session
    for author, text in ((person, "merkantwoord"), (UserFactory(), "merkreden van Zegge Kenmerk")):
        CurationNote.objects.create(session=sent_in, kind="answer", state="submitted", text=text, author=author, at=now)
    Guest.objects.create(session=session, email=EMAIL, invited_at=now)
    for address in (EMAIL.upper(), OLD):
        InvitationFactory(name=NAME, email=address, function="merkfunctie")
    over = DialogueFactory(starts_at=now - timedelta(hours=3), ends_at=now - timedelta(hours=2))
    InvitationFactory(session=over, name=NAME, email=EMAIL, function="merkfunctie", state="accepted")
    put("to", EMAIL, recipient=person, state=MailState.FAILED, text="merkpost", error=f"refused: {EMAIL}")
    put("old", OLD, state=MailState.SENT, subject="merkpost")
    put("waits", "iemand@leden.example", text=f"Over {NAME}", html=EMAIL, attachments=[{"name": "a", "content": NAME}])
    put("about", "iemand@leden.example", state=MailState.SENT, text=f"merkpost over {NAME}", html=NAME)
    refused_on = OutgoingMail.objects.get(key="waits")
    RefusedAddress.objects.create(address=OLD, recipient=person, mail=refused_on, answer=f"550 {EMAIL}", refused_at=now)
    Following.objects.create(person=person, learning_line=session.learning_line)
    LogEntry.objects.create(user=person, object_repr=f"Sessie van {NAME}", action_flag=CHANGE)
    LogEntry.objects.create(user=person, object_repr="Zaal 1", action_flag=CHANGE, change_message=EMAIL)
    CalendarAddress.objects.create(person=person, made_at=now, nonce="merkadres")
    audit.record("session.moved", session, actor=person, now=now)  # as its host
    Act.objects.create(
        verb="session.moved",
        target_type=session._meta.label_lower,
        target_id=session.pk,
        actor=person,
        at=now,
        waits_until=now,
    )
    SessionChange.objects.create(
        session=session, verb="session.changed", author=person, field="title", old=f"Wat {NAME} vraagt", at=now
    )
    return person


def past(now):
    return SessionFactory(state=SessionState.HELD, starts_at=now - timedelta(days=9), ends_at=now - timedelta(days=8))


def browser_session(person, **data):
    store = SessionStore()
    store.update(data or {SESSION_KEY: str(person.pk)})
    store.save()
    return store.session_key


def found():
    """Column -> marked words in it, of every column of every table."""
    with connection.cursor() as cursor:
        quoted = connection.ops.quote_name
        seen = {}
        for table in connection.introspection.table_names(cursor):
            for column in connection.introspection.get_table_description(cursor, table):
                cursor.execute(f"SELECT CAST({quoted(column.name)} AS TEXT) FROM {quoted(table)}")
                text = "\n".join(str(value) for (value,) in cursor.fetchall()).lower()
                if words := {mark for mark in MARKS if mark.lower() in text}:
                    seen[f"{table}.{column.name}"] = words
    return seen


def test_there_is_a_row_of_this_person_wherever_there_can_be_one(person):
    """So that the search below looks for something everywhere."""
    links = [
        (model, field)
        for model in apps.get_models(include_auto_created=True)
        for field in fields_of(model)
        if field.is_relation and field.related_model is User and not field.many_to_many
    ]
    assert [
        f"{model._meta.label}.{field.name}"
        for model, field in links
        if not model._base_manager.filter(**{field.name: person}).exists()
    ] == []
    assert set().union(*found().values()) == set(MARKS)


def test_no_word_of_an_erased_person_is_left_in_any_column(person, functional_administrator, now):
    unfinished = browser_session(person, account_login={"email": EMAIL})
    close_account(person=person, actor=functional_administrator, now=now)
    OutgoingMail.objects.filter(kind="members.account_closed").update(state=MailState.SENT)
    accounts.forget_last_mails()

    assert found() == {
        "sessions_app_session.title": {KEPT_WORD},
        "sessions_app_curationnote.text": {"merkreden"},  # what somebody else wrote
        "core_outgoingmail.text": {"merkpost"},  # to somebody else
    }
    assert not BrowserSession.objects.filter(session_key=unfinished).exists()
    assert not any(str(person.pk) == row.get_decoded().get(SESSION_KEY) for row in BrowserSession.objects.all())
    assert Session.objects.get(question__contains="[…]").title == "Wat […] vroeg"
    assert SessionChange.objects.get(old__contains="[…]").old == "Wat […] vraagt"
    assert CurationNote.objects.get(text__contains="[…]").text == "merkreden van […]"


def test_history_keeps_its_keys_and_numbers_stay_right(person, functional_administrator, now):
    session = Session.objects.get(hostings__person=person)
    over = Invitation.objects.get(state="accepted").session
    before = Session.objects.with_seats().get(pk=session.pk)
    attended = person.registrations.filter(state=RegistrationState.ATTENDED).count()
    assert (before.held, before.waiting) == (1, 1)

    close_account(person=person, actor=functional_administrator, now=now)

    after = Session.objects.with_seats().get(pk=session.pk)
    assert (after.held, after.waiting) == (1, 0)  # the seat went to who waited
    assert person.registrations.filter(state=RegistrationState.ATTENDED).count() == attended
    assert over.invitations.accepted().count() == 1
    assert Hosting.objects.filter(person=person).exists()
    closed = AuditEntry.objects.get(verb="account.closed")
    assert (closed.actor, closed.target_id) == (functional_administrator, None)
    assert str(User.objects.get(pk=person.pk)) not in NAME


def test_erasing_twice_changes_nothing(person, functional_administrator, now):
    close_account(person=person, actor=functional_administrator, now=now)
    rows = AuditEntry.objects.count(), OutgoingMail.objects.count()
    close_account(person=person, actor=functional_administrator, now=now)
    assert (AuditEntry.objects.count(), OutgoingMail.objects.count()) == rows


def test_a_single_name_is_not_struck_from_what_others_wrote(now):
    person = UserFactory(name="Jan", email="jan@leden.example")
    session = SessionFactory(title="Jan, janneke en de wijde wereld")
    other = SessionFactory(question="Schrijf naar marjan@leden.example.nl")
    close_account(person=person, actor=person, now=now)
    session.refresh_from_db()
    other.refresh_from_db()
    assert session.title == "Jan, janneke en de wijde wereld"
    assert other.question == "Schrijf naar marjan@leden.example.nl"


def test_a_name_with_an_apostrophe_is_struck_from_the_html_of_mail_that_waits(now):
    person = UserFactory(name="Zegge D'Hondt", email="zegge@leden.example")
    put("waits", text="Zegge D'Hondt vraagt", html="<p>Zegge D&#x27;Hondt vraagt</p>")
    close_account(person=person, actor=person, now=now)
    waits = OutgoingMail.objects.get(key="waits")
    assert (waits.text, waits.html) == ("[…] vraagt", "<p>[…] vraagt</p>")


# By staff


def erase_page(person):
    return f"/admin/members/user/{person.pk}/erase/"


def test_the_functional_administrator_erases_after_a_page_that_asks(client, functional_administrator, outsider):
    client.force_login(functional_administrator)
    prove(client)
    assert erase_page(outsider) in client.get(f"/admin/members/user/{outsider.pk}/change/").content.decode()
    assert client.get(erase_page(outsider)).status_code == 200
    outsider.refresh_from_db()
    assert outsider.closed_at is None

    response = client.post(erase_page(outsider), follow=True)
    outsider.refresh_from_db()
    assert outsider.closed_at
    assert response.status_code == 200
    assert client.post(erase_page(outsider)).status_code == 403  # nothing is left to change


@pytest.mark.parametrize("role", ["staff", "integrity_coordinator", "quality_coordinator", "practitioner"])
def test_nobody_else_erases_anybody(client, role, outsider, request):
    client.force_login(request.getfixturevalue(role))
    prove(client)
    assert client.post(erase_page(outsider)).status_code in (302, 403, 404)
    outsider.refresh_from_db()
    assert outsider.closed_at is None


def test_a_colleague_who_may_open_the_admin_is_not_erased(client, functional_administrator, staff):
    client.force_login(functional_administrator)
    prove(client)
    assert erase_page(staff) not in client.get(f"/admin/members/user/{staff.pk}/change/").content.decode()
    client.post(erase_page(staff), follow=True)
    staff.refresh_from_db()
    assert staff.closed_at is None


def test_the_trail_of_an_erased_person_still_says_that_it_was_one(person, functional_administrator, now):
    close_account(person=person, actor=functional_administrator, now=now)
    assert AuditEntry.objects.filter(actor=person).exists()
