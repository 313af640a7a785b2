"""“Lid tot en met” ends what it says: rights last until the end of that day, in Dutch time, and people hear of it."""

from datetime import datetime, time, timedelta

import pytest
from django.urls import reverse

from core.dates import AMSTERDAM, local
from core.models import OutgoingMail
from leerlijnen.permissions import may_ask_to_join
from members import reminders
from members.actions import organisations
from members.models import Organisation, User
from members.permissions import standing_of
from members.rules import OrganisationKind
from sessions_app.actions import registrations
from sessions_app.permissions import is_in_audience
from sessions_app.rules import Audience, RegistrationState
from tests.factories.sessions import RegistrationFactory, SessionFactory

pytestmark = pytest.mark.django_db


def at(day, clock):
    return datetime.combine(day, clock, tzinfo=AMSTERDAM)


@pytest.fixture
def last(member_organisation, now):
    """The last day as a member of Horizonhulp: in three weeks."""
    day = local(now).date() + timedelta(days=21)
    Organisation.objects.filter(pk=member_organisation.pk).update(membership_ended_on=day)
    return day


def rights_of(person, session):
    person = User.objects.get(pk=person.pk)  # who asks anew
    standing = standing_of(person)
    return {standing.is_member, standing.may_propose, may_ask_to_join(person), is_in_audience(person, session)}


def mails(kind="members.membership_ends"):
    """Also those that the next one took back, as no worker sends them here."""
    return OutgoingMail.objects.filter(kind=kind)


def test_it_is_a_member_on_that_very_day_and_no_more_the_minute_after(practitioner, contact, last):
    session = SessionFactory(audience=Audience.MEMBERS)
    organisations.end_memberships(now=at(last, time(23, 59)))
    assert rights_of(practitioner, session) == {True}
    assert organisations.end_memberships(now=at(last + timedelta(days=1), time(0, 0))) == 1
    assert rights_of(practitioner, session) == {False}
    assert organisations.end_memberships(now=at(last + timedelta(days=1), time(0, 1))) == 0


def test_contacts_and_staff_hear_once_two_weeks_before_and_once_after(contact, practitioner, staff, last):
    for days in range(-20, 5):
        moment = at(last + timedelta(days=days), time(9, 0))
        organisations.end_memberships(now=moment)
        reminders.queue_ending_memberships(now=moment)
    heard = {(mail.recipient, mail.key.split(":")[3]) for mail in mails()}
    assert heard == {(person, step) for person in (contact, staff) for step in ("soon", "over")}
    assert local(mails().filter(key__contains=":soon:")[0].queued_at).date() == last - timedelta(days=14)
    assert (
        "Het lidmaatschap van Horizonhulp (fictief) is geëindigd"
        in mails().get(key__contains=":over:", recipient=contact).subject
    )


def test_seats_for_members_go_with_one_mail_that_lists_them_and_open_ones_stay(practitioner, member_organisation, last):
    moment = at(last + timedelta(days=1), time(0, 0))
    closed = [
        RegistrationFactory(
            session=SessionFactory(starts_at=moment + timedelta(days=days), audience=Audience.MEMBERS),
            person=practitioner,
            organisation=member_organisation,
        )
        for days in (5, 12)
    ]
    public = RegistrationFactory(
        session=SessionFactory(starts_at=moment + timedelta(days=9), audience=Audience.PUBLIC),
        person=practitioner,
        organisation=member_organisation,
    )
    organisations.end_memberships(now=moment)
    registrations.release_lost(now=moment)
    states = [type(row).objects.get(pk=row.pk).state for row in (*closed, public)]
    assert states == [RegistrationState.CANCELLED] * 2 + [RegistrationState.CONFIRMED]
    told = OutgoingMail.objects.get(recipient=practitioner)
    assert told.kind == "sessions_app.registrations_ended"
    assert all(row.session.title in told.text for row in closed)


def change(client, organisation, **fields):
    address = reverse("admin:members_organisation_change", args=[organisation.pk])
    form = client.get(address).context["adminform"].form
    data = {name: form[name].value() if form[name].value() is not None else "" for name in form.fields}
    data = {name: value for name, value in data.items() if value is not False}
    inline = {"mail_domains-TOTAL_FORMS": "0", "mail_domains-INITIAL_FORMS": "0"}
    people = {"affiliations-TOTAL_FORMS": "0", "affiliations-INITIAL_FORMS": "0"}
    return client.post(address, {**data, **inline, **people, **fields}, follow=True)


def test_a_day_in_the_past_ends_the_rights_as_it_is_saved(client, staff, practitioner, member_organisation, now):
    client.force_login(staff)
    response = change(client, member_organisation, membership_ended_on=local(now).date() - timedelta(days=1))
    assert "is geen lid meer" in response.content.decode()
    member_organisation.refresh_from_db()
    assert member_organisation.kind == OrganisationKind.OTHER
    assert not standing_of(User.objects.get(pk=practitioner.pk)).is_member


@pytest.mark.parametrize(("typed", "stored"), [("BE", "BE"), ("Be", "NL"), ("België", "NL"), ("", "NL"), ("ZZ", "NL")])
def test_a_country_is_chosen_from_the_list(client, staff, member_organisation, typed, stored):
    client.force_login(staff)
    change(client, member_organisation, country=typed)
    member_organisation.refresh_from_db()
    assert member_organisation.country == stored


def test_countries_have_their_names_in_both_languages(client, contact, member_organisation):
    client.force_login(contact)
    address = reverse("members:organisation-data", args=[member_organisation.pk])
    assert '<option value="BE">België</option>' in client.get(address).content.decode()
    assert '<option value="BE">Belgium</option>' in client.get(f"/en{address}").content.decode()
