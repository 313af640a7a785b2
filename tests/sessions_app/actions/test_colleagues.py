"""Registering a colleague: of one's own organisation alone, and never behind her back."""

from datetime import timedelta

import pytest
from django.urls import reverse
from icalendar import Calendar

from core.models import AuditEntry, OutgoingMail
from members.models import User
from members.permissions import standing_of
from members.rules import AffiliationState, OrganisationKind
from partos_portal.erasure import close_account
from partos_portal.my_data import own_data
from sessions_app.actions import colleagues, guests, registrations, series_registrations
from sessions_app.actions.registration_state import RegistrationRefused
from sessions_app.models import Registration
from sessions_app.rules import (
    LIVE,
    Admission,
    Audience,
    Confidentiality,
    Form,
    RegistrationState,
    SeriesRegistration,
    SessionState,
)
from tests.factories.members import AffiliationFactory, OrganisationFactory, member_person
from tests.factories.sessions import DialogueFactory, RegistrationFactory, SessionFactory
from tests.sessions_app.actions.test_attendance import peer_space
from tests.sessions_app.actions.test_series import open_series

pytestmark = pytest.mark.django_db


@pytest.fixture
def colleague(member_organisation):
    return member_person(member_organisation, name="Ravi Schetsma (fictief)", email="ravi@horizonhulp.example")


def register(session, colleague, actor, now, organisation=None, **wish):
    return colleagues.register(
        session=session,
        colleague=colleague,
        organisation=organisation or standing_of(actor).organisations[0],
        actor=actor,
        now=now,
        **({"form": Form.ON_SITE} | wish),
    )


def refused(*args, **wish):
    before = Registration.objects.count(), OutgoingMail.objects.count(), AuditEntry.objects.count()
    with pytest.raises(RegistrationRefused) as answer:
        register(*args, **wish)
    assert (Registration.objects.count(), OutgoingMail.objects.count(), AuditEntry.objects.count()) == before
    return str(answer.value.reason)


def test_the_colleague_gets_a_seat_and_a_mail_that_says_who_did_it_and_for_whom(practitioner, colleague, now):
    row = register(SessionFactory(), colleague, practitioner, now)
    assert (row.person, row.state, row.registered_by, row.function) == (
        colleague, RegistrationState.CONFIRMED, practitioner, colleague.function,
    )  # fmt: skip
    letter = OutgoingMail.objects.get()
    assert letter.recipient == colleague
    for words in (letter.text, letter.html.replace("<bdi>", "").replace("</bdi>", "")):
        assert "Noor Voorbeeld (fictief) heeft je aangemeld, namens Horizonhulp (fictief)." in words
    [file] = letter.attachments
    assert Calendar.from_ical(file["content"]).walk("VEVENT")
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.actor, entry.target_id) == ("registration.created", None, row.session_id)


def test_who_registers_in_person_reads_of_nobody_else(practitioner, now):
    registrations.register(
        session=SessionFactory(), person=practitioner, organisation=standing_of(practitioner).organisations[0],
        form=Form.ON_SITE, actor=practitioner, now=now,
    )  # fmt: skip
    assert "aangemeld, namens" not in OutgoingMail.objects.get().text
    assert Registration.objects.get().registered_by is None


def test_the_colleague_can_decline(practitioner, colleague, now):
    row = register(SessionFactory(), colleague, practitioner, now)
    registrations.cancel(registration=row, actor=colleague, now=now)
    row.refresh_from_db()
    assert row.state == RegistrationState.CANCELLED
    assert not OutgoingMail.objects.filter(recipient=practitioner).exists()


def test_the_same_rules_hold_as_for_who_registers_in_person(practitioner, colleague, now):
    full = SessionFactory(capacity=1, registered=1)
    assert register(full, colleague, practitioner, now).state == RegistrationState.WAITLISTED
    asks = SessionFactory(admission=Admission.BY_APPROVAL)
    assert register(asks, colleague, practitioner, now).state == RegistrationState.REQUESTED
    for fields in (
        {"state": SessionState.CANCELLED},
        {"state": SessionState.PLANNED},
        {"state": SessionState.CLOSED},
        {"starts_at": now - timedelta(minutes=1)},
        {"registration_deadline": now - timedelta(minutes=1)},
        {"admission": Admission.INVITATION},
        {"audience": Audience.INVITED},
    ):
        refused(SessionFactory(**fields), colleague, practitioner, now)
    refused(SessionFactory(), colleague, practitioner, now, form=Form.ONLINE)


def test_what_keeps_a_colleague_out_is_told_as_about_her(cohost, staff, now):
    """A partner who is invited to a session of members, and her colleague, who is not."""
    colleague = member_person(cohost.affiliations.get().organisation, name="Kofi Testman (fictief)")
    for session in (SessionFactory(), SessionFactory(admission=Admission.INVITATION)):
        guests.invite(session=session, addresses=[cohost.email], actor=staff, now=now)
        reason = refused(session, colleague, cohost, now)
        assert (
            reason == "Kofi Testman (fictief) hoort niet bij de mensen voor wie dit bedoeld is, en is niet uitgenodigd."
        )
        guests.invite(session=session, addresses=[colleague.email], actor=staff, now=now)
        assert register(session, colleague, cohost, now).state == RegistrationState.CONFIRMED


def test_partners_register_partners_only_where_partners_may_come(cohost, now):
    partner = standing_of(cohost).organisations[0]
    colleague = member_person(partner)
    refused(SessionFactory(), colleague, cohost, now)
    row = register(SessionFactory(audience=Audience.MEMBERS_AND_PARTNERS), colleague, cohost, now)
    assert row.organisation.kind == OrganisationKind.PARTNER


def test_nobody_of_another_organisation_is_registered(practitioner, host, now):
    theirs = standing_of(host).organisations[0]
    session = SessionFactory()
    assert "niet bevestigd" in refused(session, host, practitioner, now)
    assert "eigen organisatie" in refused(session, host, practitioner, now, organisation=theirs)


@pytest.mark.parametrize("state", [AffiliationState.REQUESTED, AffiliationState.ENDED])
def test_who_asks_to_belong_or_has_left_is_not_registered(practitioner, member_organisation, now, state):
    someone = AffiliationFactory(organisation=member_organisation, state=state).person
    assert "niet bevestigd" in refused(SessionFactory(), someone, practitioner, now)


def test_an_account_that_is_off_is_not_registered(practitioner, colleague, now):
    User.objects.filter(pk=colleague.pk).update(is_active=False)
    assert "niet bevestigd" in refused(SessionFactory(), colleague, practitioner, now)


def test_who_has_left_herself_registers_nobody(practitioner, colleague, outsider, now):
    organisation = standing_of(colleague).organisations[0]
    practitioner.affiliations.update(state=AffiliationState.ENDED)
    gone = User.objects.get(pk=practitioner.pk)
    for actor in (gone, outsider):
        assert "bevestigd" in refused(SessionFactory(), colleague, actor, now, organisation=organisation)


def test_nobody_registers_herself_by_this_way(practitioner, now):
    refused(SessionFactory(), practitioner, practitioner, now)


@pytest.mark.parametrize("state", [*LIVE, RegistrationState.ATTENDED, RegistrationState.NO_SHOW])
def test_who_is_on_the_list_is_not_doubled(practitioner, colleague, now, state):
    session = SessionFactory()
    RegistrationFactory(session=session, person=colleague, state=state)
    assert "staat al op de lijst" in refused(session, colleague, practitioner, now)


@pytest.mark.parametrize("kind", ["closed space", "peer space", "dialogue"])
def test_where_being_there_tells_of_a_person_nobody_registers_another_nor_learns_of_her(
    practitioner, colleague, now, kind
):
    session = DialogueFactory() if kind == "dialogue" else SessionFactory()
    if kind == "closed space":
        session.confidentiality = Confidentiality.CLOSED_SPACE
        session.save()
    elif kind == "peer space":
        peer_space(session)
    before = refused(session, colleague, practitioner, now)
    RegistrationFactory(session=session, person=colleague)
    assert refused(session, colleague, practitioner, now) == before


def test_erasing_who_registered_leaves_the_colleague_her_seat_and_no_name(practitioner, colleague, now):
    row = register(SessionFactory(), colleague, practitioner, now)
    close_account(person=practitioner, actor=practitioner, now=now)
    row.refresh_from_db()
    assert (row.registered_by, row.state) == (None, RegistrationState.CONFIRMED)
    assert "Noor Voorbeeld" not in OutgoingMail.objects.get(recipient=colleague).text


def test_both_read_in_their_own_data_what_is_kept_and_of_the_other_no_more(practitioner, colleague, now):
    register(SessionFactory(title="Straks"), colleague, practitioner, now)
    [told] = own_data(practitioner)["registered_colleagues_for"]
    assert told["session__title"] == "Straks"
    assert "Schetsma" not in str(own_data(practitioner))
    [own] = own_data(colleague)["registrations"]
    assert own["registered_by__name"] == "Noor Voorbeeld (fictief)"


def test_a_colleague_at_two_organisations_comes_for_the_one_that_was_chosen(practitioner, colleague, now):
    other = OrganisationFactory()
    for person in (practitioner, colleague):
        AffiliationFactory(person=person, organisation=other)
    row = register(SessionFactory(), colleague, practitioner, now, organisation=other)
    assert row.organisation == other


# For a series as a whole


def register_all(one, colleague, actor, now, organisation=None, form=Form.ON_SITE):
    return colleagues.register_for_series(
        series=one,
        colleague=colleague,
        organisation=organisation or standing_of(actor).organisations[0],
        form=form,
        actor=actor,
        now=now,
    )


def refused_all(*args, **wish):
    before = Registration.objects.count(), OutgoingMail.objects.count(), AuditEntry.objects.count()
    with pytest.raises(RegistrationRefused) as answer:
        register_all(*args, **wish)
    assert (Registration.objects.count(), OutgoingMail.objects.count(), AuditEntry.objects.count()) == before
    return str(answer.value.reason)


def test_a_colleague_is_registered_for_the_whole_series_with_one_mail_that_says_who_did_it(
    practitioner, colleague, now
):
    one = open_series(now)
    rows = register_all(one, colleague, practitioner, now)
    assert {(row.person, row.registered_by, row.state) for row in rows} == {
        (colleague, practitioner, RegistrationState.CONFIRMED)
    }
    assert len(rows) == 3
    letter = OutgoingMail.objects.get()
    assert letter.recipient == colleague
    for words in (letter.text, letter.html.replace("<bdi>", "").replace("</bdi>", "")):
        assert "Noor Voorbeeld (fictief) heeft je aangemeld voor “" in words
        assert "namens Horizonhulp (fictief)" in words
    assert [len(Calendar.from_ical(file["content"]).walk("VEVENT")) for file in letter.attachments] == [1, 1, 1]


def test_the_colleague_can_decline_the_series_or_one_date(practitioner, colleague, now):
    one = open_series(now)
    first, *_others = register_all(one, colleague, practitioner, now)
    registrations.cancel(registration=first, actor=colleague, now=now)
    live = Registration.objects.of_series(one).live().filter(person=colleague)
    assert live.count() == 2
    series_registrations.cancel(series=one, person=colleague, actor=colleague, now=now)
    assert not live.exists()
    assert not OutgoingMail.objects.filter(recipient=practitioner).exists()


def test_the_refusals_for_a_session_hold_for_a_series(practitioner, colleague, host, outsider, now):
    one = open_series(now)
    assert "niet bevestigd" in refused_all(one, host, practitioner, now)
    theirs = standing_of(host).organisations[0]
    assert "eigen organisatie" in refused_all(one, host, practitioner, now, organisation=theirs)
    assert "bevestigd" in refused_all(
        one, colleague, outsider, now, organisation=standing_of(colleague).organisations[0]
    )
    refused_all(open_series(now, state=SessionState.CLOSED), colleague, practitioner, now)
    refused_all(open_series(now, audience=Audience.INVITED), colleague, practitioner, now)
    refused_all(open_series(now, registration=SeriesRegistration.PER_DATE), colleague, practitioner, now)
    closed = open_series(now)
    last = closed.sessions.order_by("-starts_at")[0]
    last.confidentiality = Confidentiality.CLOSED_SPACE
    last.save()
    assert "zelf" in refused_all(closed, colleague, practitioner, now)


def test_who_is_on_one_date_chooses_the_others_herself(practitioner, colleague, now):
    one = open_series(now)
    RegistrationFactory(session=one.sessions.order_by("-starts_at")[0], person=colleague)
    assert "staat al op de lijst" in refused_all(one, colleague, practitioner, now)


def test_a_full_date_puts_the_colleague_in_its_line_alone(practitioner, colleague, now):
    one = open_series(now, capacity=1)
    RegistrationFactory(session=one.sessions.order_by("starts_at")[0])
    states = [row.state for row in register_all(one, colleague, practitioner, now)]
    assert states == [RegistrationState.WAITLISTED, RegistrationState.CONFIRMED, RegistrationState.CONFIRMED]


def test_the_page_of_one_date_registers_for_the_whole_series_or_for_that_date(client, practitioner, colleague, now):
    client.force_login(practitioner)
    organisation = standing_of(practitioner).organisations[0]
    for registration, number in ((SeriesRegistration.WHOLE, 3), (SeriesRegistration.PER_DATE, 1)):
        one = open_series(now, registration=registration)
        url = reverse("sessions:register_colleague", args=[one.sessions.order_by("starts_at")[1].pk])
        assert ("op de lijst van elke datum" in client.get(url).content.decode()) == (number == 3)
        answer = client.post(url, {"colleague": f"{organisation.pk}-{colleague.pk}"}, follow=True)
        assert Registration.objects.of_series(one).filter(person=colleague).count() == number
        assert ("op de lijst van 3 data" in answer.content.decode()) == (number == 3)
