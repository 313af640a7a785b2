import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession

from core.models import AuditEntry, OutgoingMail
from members.actions import accounts, affiliations
from members.actions.accounts import AccountRefused
from members.models import Organisation, User
from members.rules import AffiliationState
from tests.factories.members import UserFactory

pytestmark = pytest.mark.django_db


def close(person, now):
    accounts.close(person=person, actor=person, now=now)
    person.refresh_from_db()
    return person


def test_closing_takes_everything_that_says_whose_account_it_was(contact, member_organisation, client, now):
    name, email = contact.name, contact.email
    EmailAddress.objects.create(user=contact, email=email, verified=True, primary=True)
    Authenticator.objects.create(user=contact, type=Authenticator.Type.TOTP, data={"secret": "geheim"})
    UserSession.objects.create(user=contact, ip="192.0.2.1", session_key="k" * 32, user_agent="Browser")
    affiliations.request_affiliation(person=UserFactory(), organisation=member_organisation, actor=None, now=now)
    assert OutgoingMail.objects.get().to == email

    person = close(contact, now)

    assert (person.name, person.function, person.is_active, person.closed_at) == ("", "", False, now)
    assert email not in person.email
    assert not person.has_usable_password()
    assert not EmailAddress.objects.exists()
    assert not Authenticator.objects.exists()
    assert not UserSession.objects.exists()
    assert not person.affiliations.exclude(state=AffiliationState.ENDED).exists()
    assert str(person) not in (name, email)
    # one mail is left: that the account is closed, to the address that it had
    last = OutgoingMail.objects.get()
    assert (last.to, last.kind, last.recipient) == (email, "members.account_closed", None)
    assert name not in last.text


def test_staff_see_an_organisation_whose_last_contact_left(contact, member_organisation, now):
    assert not Organisation.objects.without_contact().exists()
    close(contact, now)
    assert list(Organisation.objects.without_contact()) == [member_organisation]


def test_closing_twice_changes_nothing(outsider, now):
    close(outsider, now)
    close(outsider, now)
    assert AuditEntry.objects.filter(verb="account.closed").count() == 1


def test_a_closed_account_is_signed_in_nowhere(client, outsider, now):
    client.force_login(outsider)
    assert client.get("/profiel/").status_code == 200
    close(outsider, now)
    assert client.get("/profiel/").status_code == 302


def test_the_address_is_free_for_a_new_account(outsider, now):
    email = outsider.email
    close(outsider, now)
    User.objects.create_user(email)


def test_an_account_of_staff_is_not_closed_by_itself(staff, now):
    with pytest.raises(AccountRefused):
        close(staff, now)
    staff.refresh_from_db()
    assert staff.is_active


def test_a_changed_profile_leaves_the_names_of_the_fields_in_the_audit_trail(outsider, now):
    accounts.change_profile(person=outsider, changes={"name": "Thijs", "function": outsider.function}, now=now)
    outsider.refresh_from_db()
    assert outsider.name == "Thijs"
    assert AuditEntry.objects.get().codes == {"fields": "name"}
    accounts.change_profile(person=outsider, changes={"name": "Thijs"}, now=now)
    assert AuditEntry.objects.count() == 1


def test_a_lost_second_step_is_taken_away_by_someone_else(functional_administrator, staff, now):
    Authenticator.objects.create(user=staff, type=Authenticator.Type.TOTP, data={"secret": "geheim"})
    with pytest.raises(AccountRefused):
        accounts.reset_second_factor(person=staff, actor=staff, now=now)
    accounts.reset_second_factor(person=staff, actor=functional_administrator, now=now)
    assert not Authenticator.objects.exists()
