from datetime import timedelta

import html5lib
import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import override

from core import audit
from leerlijnen.models import WorkstreamPoint
from leerlijnen.rules import WorkstreamCode
from members.rules import AffiliationState, Role
from quality.models import Certificate
from tests.factories.leerlijnen import WorkstreamFactory
from tests.factories.members import OrganisationFactory, member_person
from tests.factories.quality import CertificateFactory, CertificationBodyFactory

pytestmark = pytest.mark.django_db
PAGE, OWN = "/kwaliteit/", "/kwaliteit/mijn-organisatie/"


@pytest.fixture
def officer(member_organisation):
    return member_person(member_organisation, role=Role.QUALITY_OFFICER, email="kwaliteit@horizonhulp.example")


@pytest.fixture
def colleague_elsewhere(db):
    """Keeps the dossier of another member, and is just a colleague here."""
    return member_person(OrganisationFactory(), role=Role.QUALITY_OFFICER)


def text_of(response):
    assert response.status_code == 200
    page = response.content.decode()
    html5lib.HTMLParser(strict=True).parse(page)
    return page


class TestOverview:
    def test_a_visitor_reads_the_points_and_gets_no_cookie(self, client):
        point = "Leden ondersteunen bij kwaliteitssystemen en audits waar nodig."
        WorkstreamPoint.objects.create(workstream=WorkstreamFactory(code=WorkstreamCode.QUALITY), order=1, text=point)
        row = CertificateFactory()
        response = client.get(PAGE)
        page = text_of(response)
        assert point in page
        assert row.number not in page
        assert str(row.organisation) not in page
        assert not response.cookies

    def test_a_fresh_install_has_the_page(self, client):
        text_of(client.get(PAGE))
        text_of(client.get(f"/en{PAGE}"))

    @pytest.mark.parametrize(("name", "shown"), [("director", True), ("contact", True), ("practitioner", False)])
    def test_the_way_to_the_dossier_is_for_who_may_read_it(self, client, request, name, shown):
        client.force_login(request.getfixturevalue(name))
        assert (f'href="{OWN}"' in text_of(client.get(PAGE))) == shown


class TestOwn:
    @pytest.mark.parametrize(
        ("name", "status"),
        [
            (None, 302),
            ("outsider", 404),
            ("practitioner", 404),
            ("host", 404),
            ("cohost", 404),
            ("staff", 404),
            ("integrity_coordinator", 404),
            ("quality_coordinator", 404),
            ("functional_administrator", 404),
            ("director", 200),
            ("contact", 200),
            ("officer", 200),
            ("colleague_elsewhere", 200),
        ],
    )
    def test_only_the_keepers_of_the_organisation_read_its_certificates(
        self, client, request, member_organisation, name, status
    ):
        own = CertificateFactory(organisation=member_organisation, number="EIGEN-1")
        other = CertificateFactory(organisation=OrganisationFactory(name="Stiltevrede (fictief)"), number="ANDER-2")
        if name:
            client.force_login(request.getfixturevalue(name))
        response = client.get(OWN)
        page = response.content.decode()
        assert response.status_code == status
        assert (own.number in page) == (name in ("director", "contact", "officer"))
        assert other.number not in page
        assert other.organisation.name not in page

    @pytest.mark.parametrize("state", [AffiliationState.REQUESTED, AffiliationState.ENDED])
    def test_an_affiliation_that_is_not_confirmed_gives_nothing(self, client, officer, state):
        officer.affiliations.update(state=state)
        client.force_login(officer)
        assert client.get(OWN).status_code == 404

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({}, "Nothing to do now"),
            ({"decision_date": None, "expires_on": None}, "no decision"),
            ({"expires_in": 100}, "Have the recertification done before"),
            ({"expires_in": 3 * 365 - 300}, "Have the surveillance audit done by"),
            ({"expires_in": -1}, "Expired on"),
            ({"suspended_on": "2026-01-05"}, "Suspended since 5 January 2026"),
            ({"suspended_on": "2026-01-05", "withdrawn_on": "2026-01-06"}, "Withdrawn on 6 January 2026"),
        ],
    )
    def test_the_status_is_told_in_words_with_the_next_date(self, client, officer, member_organisation, fields, words):
        CertificateFactory(organisation=member_organisation, **fields)
        client.force_login(officer)
        assert words in " ".join(text_of(client.get(f"/en{OWN}")).split())

    def test_without_certificates_it_says_what_to_do(self, client, officer):
        client.force_login(officer)
        assert 'class="empty"' in text_of(client.get(OWN))

    @pytest.mark.parametrize("rows", [1, 30])
    def test_its_cost_is_flat(self, client, officer, member_organisation, rows, django_assert_num_queries):
        CertificateFactory.create_batch(rows, organisation=member_organisation)
        client.force_login(officer)
        client.get(OWN)
        with django_assert_num_queries(3):  # person, affiliations, certificates; the session is in the cache
            client.get(OWN)


class TestAdmin:
    def address(self, page, *arguments, model="certificate"):
        return reverse(f"admin:quality_{model}_{page}", args=arguments)

    @pytest.mark.parametrize("model", ["certificate", "certificationbody"])
    @pytest.mark.parametrize(
        ("name", "status"),
        [
            ("quality_coordinator", 200),
            ("staff", 403),
            ("integrity_coordinator", 403),
            ("functional_administrator", 403),
            ("contact", 302),
        ],
    )
    def test_only_the_quality_coordinator_opens_the_pages(self, client, request, model, name, status):
        row = CertificateFactory()
        row = row if model == "certificate" else row.body
        client.force_login(request.getfixturevalue(name))
        for where in (
            self.address("changelist", model=model),
            self.address("add", model=model),
            self.address("change", row.pk, model=model),
        ):
            assert client.get(where).status_code == status

    def form(self, **fields):
        return {
            "organisation": OrganisationFactory().pk,
            "standard": "ISO 9001:2015",
            "body": CertificationBodyFactory().pk,
            "decision_date": "2026-03-02",
            "expires_on": "2029-03-01",
            "nonconformities": 0,
            **fields,
        }

    def test_the_coordinator_adds_and_changes_a_certificate(self, client, quality_coordinator):
        client.force_login(quality_coordinator)
        assert client.post(self.address("add"), self.form()).status_code == 302
        row = Certificate.objects.get()
        client.post(self.address("change", row.pk), self.form(scope="Alles", organisation=row.organisation_id))
        row.refresh_from_db()
        assert row.scope == "Alles"
        assert [entry.verb for entry in audit.trail_of(row)] == ["certificate.changed", "certificate.added"]

    @pytest.mark.parametrize(
        "fields",
        [
            {"expires_on": "2026-03-02"},
            {"expires_on": ""},
            {"nonconformities": -1},
            {"standard": "a" * 10_000},
            {"organisation": 999_999},
        ],
    )
    def test_bad_input_is_refused(self, client, quality_coordinator, fields):
        client.force_login(quality_coordinator)
        response = client.post(self.address("add"), self.form(**fields))
        assert response.context["errors"]
        assert not Certificate.objects.exists()

    def test_suspending_and_withdrawing_are_buttons(self, client, quality_coordinator):
        row = CertificateFactory()
        client.force_login(quality_coordinator)
        for name in ("suspend", "withdraw"):
            assert f"/move/{name}/" in client.get(self.address("change", row.pk)).content.decode()
            client.post(self.address("move", row.pk, name))
        row.refresh_from_db()
        assert row.withdrawn_on
        assert "/move/" not in client.get(self.address("change", row.pk)).content.decode()

    def test_a_forged_date_of_withdrawal_changes_nothing(self, client, quality_coordinator):
        row = CertificateFactory()
        client.force_login(quality_coordinator)
        fields = self.form(withdrawn_on="2026-01-01", suspended_on="2026-01-01")
        client.post(self.address("change", row.pk), fields)
        row.refresh_from_db()
        assert (row.withdrawn_on, row.suspended_on) == (None, None)

    def test_the_list_shows_the_derived_status(self, client, quality_coordinator):
        CertificateFactory(expires_in=20)
        client.force_login(quality_coordinator)
        with override("en"):
            page = client.get(self.address("changelist")).content.decode()
        assert "recertification due" in page

    @pytest.mark.parametrize("rows", [1, 30])
    def test_the_cost_of_the_list_is_flat(self, client, quality_coordinator, rows, django_assert_max_num_queries):
        CertificateFactory.create_batch(rows)
        client.force_login(quality_coordinator)
        with django_assert_max_num_queries(11):
            client.get(self.address("changelist"))


def test_the_database_refuses_an_end_before_the_decision(now):
    row = CertificateFactory.build(organisation=OrganisationFactory(), body=None)
    row.expires_on = row.decision_date - timedelta(days=1)
    with pytest.raises(ValidationError):
        row.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()
