"""A large organisation and a small session: seats go to who has fewest, everyone reads why, and no colleague passes."""

import pytest
from django.urls import reverse

from sessions_app.models import Registration
from sessions_app.rules import RegistrationState
from tests.factories.members import OrganisationFactory, member_person
from tests.factories.sessions import RegistrationFactory, SessionFactory
from tests.harness import browsing

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_pair]
R = RegistrationState


def test_a_colleague_of_the_large_organisation_does_not_pass(signed_in):
    large, small = OrganisationFactory(name="Groot (fictief)"), OrganisationFactory(name="Klein (fictief)")
    session = SessionFactory(capacity=3, most_per_organisation=2)
    holders = [RegistrationFactory(session=session, person=member_person(large)) for _ in range(3)]
    colleague = RegistrationFactory(session=session, person=member_person(large), state=R.WAITLISTED)
    other = RegistrationFactory(session=session, person=member_person(small), state=R.WAITLISTED)
    page = session.get_absolute_url()

    hers = signed_in(colleague.person, page)
    assert "Je bent tweede in de rij; je organisatie heeft al 3 plaatsen" in seen(hers)
    small_one = signed_in(other.person, page)
    assert "Je bent eerste in de rij; eerst gaat wiens organisatie de minste plaatsen heeft" in seen(small_one)

    # Another colleague registers in the browser, and joins the end.
    third = signed_in(member_person(large), reverse("sessions:register", args=[session.pk]))
    press(third, "main form button[type=submit]")
    assert "Je bent derde in de rij; je organisatie heeft al 3 plaatsen" in seen(third)
    assert browsing.axe_findings(third) == []

    gives_up(signed_in, holders[0], session)
    assert states(colleague, other) == ["waitlisted", "offered"]
    hers.reload()
    assert "Je bent eerste in de rij; je organisatie heeft al 2 plaatsen" in seen(hers)
    small_one.goto(small_one.url.replace(page, reverse("sessions:my_place", args=[session.pk])))
    press(small_one, "button[value=accept]")
    assert "De plaats is voor jou." in seen_all(small_one)

    gives_up(signed_in, holders[1], session)  # nobody else wants it now, so that it is not left empty
    assert states(colleague, other) == ["offered", "confirmed"]
    third.reload()
    assert "Je bent eerste in de rij; je organisatie heeft al 2 plaatsen" in seen(third)


def gives_up(signed_in, row, session):
    press(signed_in(row.person, reverse("sessions:cancel", args=[session.pk])), "main form button.btn-danger")


def states(*rows):
    return [str(Registration.objects.get(pk=row.pk).state) for row in rows]


def press(page, button):
    with page.expect_navigation():
        page.locator(button).first.click()


def seen(page):
    return " ".join(page.locator("main").inner_text().split())


def seen_all(page):
    return " ".join(page.locator("body").inner_text().split())
