"""A mail domain is a hint about who belongs where: it is the organisation's own, or it is nothing."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.urls import reverse

from core.dates import day
from core.models import AuditEntry, OutgoingMail
from core.waiting import answered_by
from members.actions import affiliations, organisations
from members.actions.organisations import OrganisationRefused
from members.models import MailDomain
from members.rules import AffiliationState, Role
from members.shared_domains import is_shared
from tests.factories.members import MailDomainFactory, OrganisationFactory, UserFactory, member_person
from tests.harness.forms import form_in

pytestmark = pytest.mark.django_db


def verified(person):
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    return person


def signs_up(email, now):
    """A stranger whose address is verified; gives the affiliations that the portal asked for by itself."""
    return affiliations.suggest_by_mail_domain(person=verified(UserFactory(email=email)), now=now)


def typed(domains, **fields):
    return {"registration_number": "", "country": "NL", "size_class": "d", "domains": domains} | fields


def page_of(organisation):
    return reverse("members:organisation-data", args=[organisation.pk])


@pytest.mark.parametrize(
    "domain",
    [
        *("gmail.com", "yahoo.nl", "yahoo.co.uk", "ziggo.nl", "kpnmail.nl", "hotmail.nl", "proton.me", "tuta.com"),
        *("telenet.be", "web.de", "mail.yahoo.nl", "co.uk", "nl", "org", "com.au", "github.io", "nl.eu.org"),
    ],
)
def test_a_domain_of_everybody_is_of_no_organisation(client, contact, member_organisation, domain):
    assert is_shared(domain)
    client.force_login(contact)
    response = client.post(page_of(member_organisation), typed(domain))
    assert response.status_code == 422
    assert "domains" in response.context["form"].errors
    assert not MailDomain.objects.exists()


@pytest.mark.parametrize("domain", ["partos.nl", "mail.organisation.co.uk", "minbuza.nl", "horizonhulp.example"])
def test_a_domain_of_one_organisation_is_no_domain_of_everybody(domain):
    assert not is_shared(domain)


def test_a_domain_at_which_the_contact_has_no_address_waits_and_links_nobody(client, contact, member_organisation, now):
    verified(contact)
    client.force_login(contact)
    client.post(page_of(member_organisation), typed("minbuza.nl", confirms_at_once="on"))
    assert MailDomain.objects.get().is_waiting
    assert signs_up("iemand@minbuza.nl", now) == []
    page = client.get(page_of(member_organisation)).content.decode()
    assert "minbuza.nl wacht op Partos" in page

    stranger = verified(UserFactory(email="ander@minbuza.nl"))
    asked = affiliations.request_affiliation(person=stranger, organisation=member_organisation, actor=stranger, now=now)
    assert asked.state == AffiliationState.REQUESTED, "and the contact decides"


def test_a_domain_at_which_the_contact_has_a_verified_address_counts_at_once(client, contact, member_organisation, now):
    client.force_login(contact)
    client.post(page_of(member_organisation), typed("horizonhulp.example"))
    assert MailDomain.objects.get().is_waiting, "the address is not verified yet"
    verified(contact)
    client.post(page_of(member_organisation), typed("horizonhulp.example\nsub.horizonhulp.example"))
    waits = dict(MailDomain.objects.values_list("domain", "is_waiting"))
    assert waits == {"horizonhulp.example": False, "sub.horizonhulp.example": True}
    assert [row.organisation for row in signs_up("nieuw@horizonhulp.example", now)] == [member_organisation]
    assert signs_up("nieuw@sub.horizonhulp.example", now) == []


def test_staff_hear_of_a_domain_that_waits_and_confirm_it(client, contact, staff, member_organisation, now):
    client.force_login(contact)
    client.post(page_of(member_organisation), typed("horizonhulp.org"))
    letter = OutgoingMail.objects.get()
    assert letter.to == staff.email
    assert "horizonhulp.org" in letter.text
    assert "horizonhulp.org" not in letter.subject

    client.force_login(staff)
    listed = client.get(reverse("admin:members_maildomain_changelist"), {"is_waiting__exact": "1"})
    assert "horizonhulp.org" in listed.content.decode()
    row = MailDomain.objects.get()
    client.post(reverse("admin:members_maildomain_move", args=[row.pk, "confirm"]))
    assert not MailDomain.objects.get().is_waiting
    assert AuditEntry.objects.filter(verb="organisation.domain_confirmed").count() == 1
    assert [row.organisation for row in signs_up("nieuw@horizonhulp.org", now)] == [member_organisation]


def test_the_trail_tells_which_domain_came_and_which_went(client, contact, staff, member_organisation):
    MailDomainFactory(organisation=member_organisation, domain="oud.example")
    client.force_login(contact)
    client.post(page_of(member_organisation), typed("nieuw.example"))
    client.force_login(staff)
    rows = {"mail_domains-TOTAL_FORMS": "1", "mail_domains-INITIAL_FORMS": "1", "affiliations-TOTAL_FORMS": "0",
            "affiliations-INITIAL_FORMS": "0", "mail_domains-0-DELETE": "on"}  # fmt: skip
    address = reverse("admin:members_organisation_change", args=[member_organisation.pk])
    assert client.post(address, form_in(client.get(address)) | rows).status_code == 302
    told = AuditEntry.objects.filter(verb__startswith="organisation.domain").order_by("pk")
    assert list(told.values_list("verb", "codes", "actor", "target_id")) == [
        ("organisation.domain_added", {"domain": "nieuw.example"}, contact.pk, member_organisation.pk),
        ("organisation.domain_removed", {"domain": "oud.example"}, contact.pk, member_organisation.pk),
        ("organisation.domain_removed", {"domain": "nieuw.example"}, staff.pk, member_organisation.pk),
    ]


def test_what_staff_write_down_counts_at_once(client, staff, member_organisation):
    client.force_login(staff)
    client.post(page_of(member_organisation), typed("horizonhulp.org"))
    assert not MailDomain.objects.get().is_waiting


@pytest.mark.parametrize(
    "who", ["contact", "integrity_coordinator", "quality_coordinator", "functional_administrator", "practitioner"]
)
def test_nobody_else_confirms_a_domain(request, client, who, member_organisation, now):
    row = MailDomainFactory(organisation=member_organisation, is_waiting=True)
    person = request.getfixturevalue(who)
    with pytest.raises(OrganisationRefused):
        organisations.confirm_domain(domain=row, actor=person, now=now)
    client.force_login(person)
    client.post(reverse("admin:members_maildomain_move", args=[row.pk, "confirm"]))
    assert MailDomain.objects.get().is_waiting


def test_a_domain_belongs_to_one_organisation(client, contact, member_organisation, now):
    MailDomainFactory(domain="bezet.example", organisation=OrganisationFactory(name="Stem & Recht (fictief)"))
    with pytest.raises(IntegrityError), transaction.atomic():
        MailDomainFactory(domain="bezet.example", organisation=member_organisation)
    client.force_login(contact)
    response = client.post(page_of(member_organisation), typed("bezet.example"))
    assert response.status_code == 422
    told = " ".join(response.context["form"].errors["domains"])
    assert "bezet.example" in told
    assert "Stem" not in told
    with pytest.raises(OrganisationRefused) as refused:  # taken between the form and the writing
        organisations.change_data(
            organisation=member_organisation, changes={}, domains=["bezet.example"], actor=contact, now=now
        )
    assert refused.value.field == "domains"


def claim(organisation, person, now, domain="gedeeld.example"):
    organisations.change_data(organisation=organisation, changes={}, domains=[domain], actor=person, now=now)
    return organisation.mail_domains.get()


def answers():
    return list(OutgoingMail.objects.filter(kind="members.mail_domain_answered").order_by("pk"))


def test_a_claim_that_waits_keeps_no_other_organisation_from_its_own_domain(contact, member_organisation, now):
    claim(member_organisation, contact, now)
    owner = member_person(OrganisationFactory(), role=Role.CONTACT)
    EmailAddress.objects.create(user=owner, email="post@gedeeld.example", verified=True, primary=True)
    counts = claim(owner.affiliations.first().organisation, owner, now)
    assert not counts.is_waiting
    assert [row.organisation for row in signs_up("nieuw@gedeeld.example", now)] == [counts.organisation]


def test_a_claim_is_not_confirmed_once_the_domain_counts_elsewhere(contact, staff, member_organisation, now):
    waits = claim(member_organisation, contact, now)
    MailDomainFactory(domain=waits.domain)
    with pytest.raises(OrganisationRefused):
        organisations.confirm_domain(domain=waits, actor=staff, now=now)
    waits.refresh_from_db()
    assert waits.is_waiting
    with pytest.raises(IntegrityError), transaction.atomic():
        MailDomain.objects.waiting().update(is_waiting=False)


def test_the_contacts_hear_that_their_domain_counts(contact, staff, member_organisation, now):
    waits = claim(member_organisation, contact, now)
    for _twice in range(2):
        organisations.confirm_domain(domain=waits, actor=staff, now=now)
    [letter] = answers()
    assert letter.to == contact.email
    assert "gedeeld.example" in letter.text
    assert letter.subject == f"Een maildomein van {member_organisation} telt nu"


def test_a_claim_that_nobody_answers_is_answered_on_the_day_that_page_and_mail_say(
    client, contact, staff, member_organisation, now
):
    waits = claim(member_organisation, contact, now)
    due = answered_by(now)
    client.force_login(contact)
    assert day(due) in client.get(page_of(member_organisation)).content.decode()
    assert day(due) in OutgoingMail.objects.get(to=staff.email).text
    assert organisations.answer_unanswered_domains(now=due - timedelta(minutes=1)) == 0
    assert [organisations.answer_unanswered_domains(now=due) for _twice in range(2)] == [1, 0]
    assert not MailDomain.objects.filter(pk=waits.pk).exists()
    [letter] = answers()
    assert letter.to == contact.email
    assert "niet bevestigd" in letter.subject
    assert AuditEntry.objects.filter(verb="organisation.domain_removed", actor=None).count() == 1
    assert claim(member_organisation, contact, due).is_waiting, "it may be claimed again"


def test_a_domain_that_counts_is_never_answered(member_organisation, contact, now):
    MailDomainFactory(organisation=member_organisation)
    assert organisations.answer_unanswered_domains(now=now + timedelta(days=100)) == 0
    assert MailDomain.objects.exists()


def test_the_contacts_hear_when_staff_take_a_claim_away(client, staff, contact, member_organisation, now):
    claim(member_organisation, contact, now)
    client.force_login(staff)
    rows = {"mail_domains-TOTAL_FORMS": "1", "mail_domains-INITIAL_FORMS": "1", "affiliations-TOTAL_FORMS": "0",
            "affiliations-INITIAL_FORMS": "0", "mail_domains-0-DELETE": "on"}  # fmt: skip
    address = reverse("admin:members_organisation_change", args=[member_organisation.pk])
    assert client.post(address, form_in(client.get(address)) | rows).status_code == 302
    assert [letter.to for letter in answers()] == [contact.email]


def test_the_contacts_hear_of_who_is_linked_by_domain(member_organisation, contact, now):
    second = member_person(member_organisation, role=Role.CONTACT)
    member_organisation.confirms_at_once = True
    member_organisation.save()
    MailDomainFactory(organisation=member_organisation, domain="horizonhulp.example")
    linked = signs_up("nieuw@horizonhulp.example", now)[0]
    assert linked.state == AffiliationState.CONFIRMED
    told = OutgoingMail.objects.filter(kind__endswith="contacts_told")
    assert {letter.to for letter in told} == {contact.email, second.email}
    assert all("nieuw@horizonhulp.example" in letter.text for letter in told)
