"""No old page overwrites a newer one: organisations, accounts, mail, proposals, routes and certificates."""

import pytest
from django.urls import reverse

from integrity.models import IntegrityAgendaItem
from integrity.rules import ItemState
from members.models import Affiliation
from members.rules import AffiliationState, Role
from sessions_app.rules import SessionState
from tests.factories.integrity import IntegrityAgendaItemFactory, ReportingRouteFactory
from tests.factories.members import AffiliationFactory
from tests.factories.quality import CertificateFactory
from tests.factories.sessions import RegistrationFactory, SessionFactory
from tests.harness.forms import Forms, fill, form_in
from tests.harness.proving import prove
from tests.sessions_app.proposing import proposal

pytestmark = pytest.mark.django_db


def button_on(page, address):
    """What a browser sends from the form that leads to `address`."""
    form = next(form for form in Forms(page.text).found if form.action in (address, ""))
    return {name: values[0] for name, values in form.values.items() if name != "csrfmiddlewaretoken"}


def test_two_contacts_change_their_organisation_without_overwriting_each_other(client, contact, member_organisation):
    address = reverse("members:organisation-data", args=[member_organisation.pk])
    client.force_login(contact)
    older, newer = client.get(address), client.get(address)
    assert client.post(address, fill(newer, {"size_class": "c"})).status_code == 302
    assert client.post(address, fill(older, {"country": "BE"})).status_code == 302
    member_organisation.refresh_from_db()
    assert (member_organisation.size_class, member_organisation.country) == ("c", "BE")
    assert client.post(address, fill(older, {"size_class": "d", "country": "DE"})).status_code == 422
    member_organisation.refresh_from_db()
    assert (member_organisation.size_class, member_organisation.country) == ("c", "BE")


def test_a_profile_in_two_tabs_keeps_what_each_changed(client, practitioner):
    client.force_login(practitioner)
    older, newer = client.get("/profiel/"), client.get("/profiel/")
    assert client.post("/profiel/", fill(newer, {"function": "Adviseur"})).status_code == 302
    assert client.post("/profiel/", fill(older, {"language": "en"})).status_code == 302
    practitioner.refresh_from_db()
    assert (practitioner.function, practitioner.language) == ("Adviseur", "en")
    refused = client.post("/profiel/", fill(older, {"function": "Directeur"}))
    assert refused.status_code == 422
    assert "Adviseur" in refused.text
    assert client.post("/profiel/", fill(refused, {"stays-function": "theirs"})).status_code == 302
    practitioner.refresh_from_db()
    assert practitioner.function == "Adviseur"


def test_a_choice_about_mail_in_an_older_tab_leaves_the_newer_one(client, practitioner):
    client.force_login(practitioner)
    older, newer = client.get("/profiel/mail/"), client.get("/profiel/mail/")
    assert client.post("/profiel/mail/", fill(newer, {"reminders": "none"})).status_code == 302
    assert client.post("/profiel/mail/", fill(older, {})).status_code == 302
    practitioner.refresh_from_db()
    assert practitioner.mail_choices["reminders"] == "none"


def test_a_step_of_a_proposal_that_two_changed_keeps_nothing_until_one_is_chosen(client, practitioner):
    session = proposal(practitioner, title="Eerst", question="Waarom?")
    address = reverse("sessions:proposal_step", args=[session.pk, "vraag"])
    client.force_login(practitioner)
    older, newer = client.get(address), client.get(address)
    assert client.post(address, fill(newer, {"title": "Tweede"})).status_code == 302
    refused = client.post(address, fill(older, {"title": "Derde", "question": "Hoe dan?"}))
    session.refresh_from_db()
    assert refused.status_code == 422
    assert (session.title, session.question) == ("Tweede", "Waarom?")
    assert client.post(address, fill(refused, {"stays-title": "mine"})).status_code == 302
    session.refresh_from_db()
    assert (session.title, session.question) == ("Derde", "Hoe dan?")


def test_a_proposal_that_was_accepted_meanwhile_is_not_withdrawn_by_an_older_page(client, practitioner):
    session = proposal(practitioner, state=SessionState.SUBMITTED)
    address = reverse("sessions:proposal_withdraw", args=[session.pk])
    client.force_login(practitioner)
    older = button_on(client.get(address), address)
    type(session).objects.filter(pk=session.pk).update(state=SessionState.ACCEPTED)
    assert client.post(address, older).status_code == 422
    session.refresh_from_db()
    assert session.state == SessionState.ACCEPTED


def test_refusing_a_request_that_another_contact_confirmed_ends_nothing(client, contact, member_organisation):
    row = AffiliationFactory(organisation=member_organisation, state=AffiliationState.REQUESTED)
    address = reverse("members:affiliation-end", args=[row.pk])
    client.force_login(contact)
    older = button_on(client.get(reverse("members:colleague", args=[row.pk])), address)
    Affiliation.objects.filter(pk=row.pk).update(state=AffiliationState.CONFIRMED)
    refused = client.post(address, older)
    assert refused.status_code == 422
    assert "gewijzigd terwijl jouw pagina openstond" in refused.text
    row.refresh_from_db()
    assert row.state == AffiliationState.CONFIRMED


def test_a_role_is_not_taken_back_without_what_the_page_showed(client, contact, practitioner, member_organisation):
    role = AffiliationFactory(person=practitioner, organisation=member_organisation, role=Role.QUALITY_OFFICER)
    client.force_login(contact)
    assert client.post(reverse("members:role-take-back", args=[role.pk]), {"shown": "verzonnen"}).status_code == 422
    role.refresh_from_db()
    assert role.state == AffiliationState.CONFIRMED


def test_who_leaves_the_line_on_an_older_page_keeps_the_seat_that_she_got_meanwhile(client, practitioner):
    row = RegistrationFactory(session=SessionFactory(), person=practitioner, state="waitlisted")
    address = reverse("sessions:cancel", args=[row.session_id])
    client.force_login(practitioner)
    older = form_in(client.get(address), has="shown")
    type(row).objects.filter(pk=row.pk).update(state="confirmed")
    for page in (address, reverse("sessions:my_place", args=[row.session_id])):
        assert client.post(page, older | {"act": "cancel"}).status_code == 422
    row.refresh_from_db()
    assert row.state == "confirmed"


def test_an_item_that_a_colleague_moved_is_not_moved_by_an_older_page(client, integrity_coordinator):
    item = IntegrityAgendaItemFactory(state=ItemState.AGENDISED)
    page = reverse("admin:integrity_integrityagendaitem_change", args=[item.pk])
    client.force_login(integrity_coordinator)
    older = client.get(page)
    address = next(form.action for form in Forms(older.text).found if "/move/" in form.action)
    IntegrityAgendaItem.objects.filter(pk=item.pk).update(next_step="Iets anders")
    for sent in (button_on(older, address), {"shown": ""}):
        said = client.post(address, sent, follow=True)
        assert "gewijzigd terwijl jouw pagina openstond" in said.text
    item.refresh_from_db()
    assert item.state == ItemState.AGENDISED


def test_an_older_page_of_a_route_leaves_the_newer_telephone_number(client, integrity_coordinator):
    route = ReportingRouteFactory()
    address = reverse("admin:integrity_reportingroute_change", args=[route.pk])
    client.force_login(integrity_coordinator)
    older, newer = client.get(address), client.get(address)
    assert client.post(address, fill(newer, {"phone": "0800 2222"})).status_code == 302
    assert client.post(address, fill(older, {"opening_hours": "Altijd"})).status_code == 302
    route.refresh_from_db()
    assert (route.phone, route.opening_hours) == ("0800 2222", "Altijd")
    assert client.post(address, fill(older, {"phone": "0800 3333"})).status_code == 422


def test_an_older_page_of_a_certificate_leaves_the_newer_number(client, quality_coordinator):
    row = CertificateFactory()
    address = reverse("admin:quality_certificate_change", args=[row.pk])
    client.force_login(quality_coordinator)
    older, newer = client.get(address), client.get(address)
    assert client.post(address, fill(newer, {"number": "N-2"})).status_code == 302
    assert client.post(address, fill(older, {"scope": "Alles"})).status_code == 302
    row.refresh_from_db()
    assert (row.number, row.scope) == ("N-2", "Alles")


def test_a_colleague_who_got_a_group_meanwhile_keeps_it(client, functional_administrator, staff, outsider):
    """The many rows of an account: its groups."""
    functional_administrator.is_superuser = True
    functional_administrator.save()
    address = reverse("admin:members_user_change", args=[outsider.pk])
    client.force_login(functional_administrator)
    prove(client)
    older, newer = client.get(address), client.get(address)
    group = str(staff.groups.get().pk)
    assert client.post(address, fill(newer, {"groups": [group]})).status_code == 302
    assert client.post(address, fill(older, {"function": "Adviseur"})).status_code == 302
    outsider.refresh_from_db()
    assert (outsider.function, [str(each.pk) for each in outsider.groups.all()]) == ("Adviseur", [group])
