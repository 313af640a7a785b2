"""Ending links asks first, in numbers; and what one errand costs a person stands in one mail."""

from datetime import timedelta

import pytest
from django.urls import reverse

from core.models import OutgoingMail
from members import consequences
from members.models import Affiliation
from members.rules import AffiliationState, Role
from sessions_app.actions import registrations
from sessions_app.models import Registration
from sessions_app.rules import RegistrationState
from tests.factories.members import AffiliationFactory
from tests.factories.sessions import RegistrationFactory, SessionFactory
from tests.harness.proving import prove

pytestmark = pytest.mark.django_db
LIST = "admin:members_affiliation_changelist"


@pytest.fixture
def fourteen(contact, member_organisation, now):
    """Places of the only contact at fourteen sessions, ten of them seats."""
    return [
        RegistrationFactory(
            session=SessionFactory(starts_at=now + timedelta(days=7 + number)),
            person=contact,
            organisation=member_organisation,
            state=RegistrationState.CONFIRMED if number < 10 else RegistrationState.WAITLISTED,
        )
        for number in range(14)
    ]


def end_all(client, rows, **more):
    data = {"action": "end_selected", "_selected_action": [row.pk for row in rows], **more}
    return client.post(reverse(LIST), data)


def test_ending_links_in_bulk_says_in_numbers_what_will_happen_and_changes_nothing(client, staff, contact, fourteen):
    client.force_login(staff)
    page = end_all(client, contact.affiliations.all()).content.decode()
    assert "14 plaatsen bij bijeenkomsten vervallen." in page
    assert "Horizonhulp (fictief) heeft dan geen contactpersoon meer." in page
    assert "1 persoon krijgt een mail." in page
    assert set(Affiliation.objects.values_list("state", flat=True)) == {AffiliationState.CONFIRMED}
    assert Registration.objects.live().count() == 14
    assert not OutgoingMail.objects.exists()


def test_one_errand_is_one_mail_that_lists_what_is_lost(client, staff, contact, fourteen, now):
    client.force_login(staff)
    prove(client)
    end_all(client, contact.affiliations.all(), sure="1")
    assert not Registration.objects.live().exists()
    registrations.release_lost(now=now)
    mail = OutgoingMail.objects.get(recipient=contact)
    assert mail.kind == "members.affiliation_ended"
    assert all(row.session.title in mail.text and row.session.title in mail.html for row in fourteen)
    assert len([file for file in mail.attachments if "CANCEL" in file["content"]]) == 10


def test_a_danger_button_is_a_page_that_asks_and_post_does_it(client, staff, contact, fourteen):
    client.force_login(staff)
    prove(client)
    row = contact.affiliations.get(role=Role.COLLEAGUE)
    change = client.get(reverse("admin:members_affiliation_change", args=[row.pk])).content.decode()
    address = reverse("admin:members_affiliation_move", args=[row.pk, "end"])
    assert f'class="button danger" href="{address}"' in change
    asked = client.get(address)
    assert "14 plaatsen bij bijeenkomsten vervallen." in asked.content.decode()
    row.refresh_from_db()
    assert row.state == AffiliationState.CONFIRMED
    client.post(address, dict(asked.context["hidden"]))
    row.refresh_from_db()
    assert row.state == AffiliationState.ENDED


def test_another_contact_stays_so_that_nothing_is_said_of_none(contact, member_organisation, now):
    AffiliationFactory(organisation=member_organisation, role=Role.CONTACT)
    sentences = consequences.foretell_ending(contact.affiliations.select_related("organisation"), now=now)
    assert not any("geen contactpersoon" in sentence for sentence in sentences)


def test_the_page_of_a_colleague_says_it_too(client, contact, practitioner, member_organisation):
    RegistrationFactory(session=SessionFactory(), person=practitioner, organisation=member_organisation)
    client.force_login(contact)
    row = practitioner.affiliations.get()
    page = client.get(reverse("members:colleague", args=[row.pk])).content.decode()
    assert "1 plaats bij een bijeenkomst vervalt." in page


def test_who_loses_several_places_in_another_way_hears_it_in_one_mail_too(practitioner, member_organisation, now):
    for days in (7, 14, 21):
        session = SessionFactory(starts_at=now + timedelta(days=days))
        RegistrationFactory(session=session, person=practitioner, organisation=member_organisation)
    type(practitioner).objects.filter(pk=practitioner.pk).update(is_active=False)
    assert registrations.release_lost(now=now) == 3
    mail = OutgoingMail.objects.get(recipient=practitioner)
    assert mail.kind == "sessions_app.registrations_ended"
    assert len(mail.attachments) == 3
