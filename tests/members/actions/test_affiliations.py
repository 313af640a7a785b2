from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress

from core.models import AuditEntry, MailState, OutgoingMail
from core.moves import MoveRefused
from members.actions import affiliations
from members.actions.affiliations import AffiliationRefused
from members.models import Affiliation
from members.permissions import standing_of
from members.rules import MAX_OPEN_REQUESTS, MOST_REQUESTS_A_DAY, AffiliationState, OrganisationKind, Role, TrackProfile
from tests.factories.members import AffiliationFactory, MailDomainFactory, OrganisationFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def newcomer():
    """Signed up, with a verified address."""
    person = UserFactory(name="Ravi Schetsma (fictief)", email="ravi@horizonhulp.example")
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    return person


def ask(person, organisation, now):
    return affiliations.request_affiliation(person=person, organisation=organisation, actor=person, now=now)


def mails():
    return list(OutgoingMail.objects.unsent().order_by("pk").values_list("kind", "to"))


def verbs():
    return list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))


def test_asking_mails_the_contact_and_gives_no_right(newcomer, contact, practitioner, member_organisation, now):
    affiliation = ask(newcomer, member_organisation, now)

    assert affiliation.state == AffiliationState.REQUESTED
    assert standing_of(newcomer).affiliations == ()
    row = OutgoingMail.objects.get()
    assert (row.to, row.key) == (contact.email, f"affiliation:{affiliation.pk}:requested:{contact.pk}")
    assert newcomer.name in row.text
    assert newcomer.email in row.text
    assert verbs() == ["affiliation.requested"]


def test_where_no_contact_wants_such_mail_the_staff_get_it(newcomer, contact, member_organisation, staff, now):
    contact.mail_choices = {"requests": "none"}
    contact.save()
    ask(newcomer, member_organisation, now)
    assert mails() == [("members.affiliation_requested", staff.email)]
    row = OutgoingMail.objects.get()
    assert "Horizonhulp (fictief)" in row.subject
    assert "je de contactpersoon" not in row.text


def test_where_there_is_no_contact_the_staff_are_asked(newcomer, staff, quality_coordinator, now):
    ask(newcomer, OrganisationFactory(), now)
    assert mails() == [("members.affiliation_requested", staff.email)]


def test_asking_twice_asks_once(newcomer, contact, member_organisation, now):
    assert ask(newcomer, member_organisation, now) == ask(newcomer, member_organisation, now)
    assert len(mails()) == 1


@pytest.mark.parametrize("kind", [OrganisationKind.ASSOCIATION, OrganisationKind.MINISTRY, OrganisationKind.OTHER])
def test_only_members_and_partners_can_be_asked(newcomer, kind, now):
    with pytest.raises(AffiliationRefused) as refused:
        ask(newcomer, OrganisationFactory(kind=kind), now)
    assert refused.value.field == "organisation"
    assert not Affiliation.objects.exists()


def test_nobody_asks_all_organisations_at_once(newcomer, now):
    for _ in range(MAX_OPEN_REQUESTS):
        ask(newcomer, OrganisationFactory(), now)
    with pytest.raises(AffiliationRefused):
        ask(newcomer, OrganisationFactory(), now)


def test_nobody_fills_the_mailbox_of_a_contact_by_asking_and_taking_back(newcomer, contact, member_organisation, now):
    """Each request is a mail that may have left before it is taken back."""
    for _ in range(MOST_REQUESTS_A_DAY):
        affiliations.end(affiliation=ask(newcomer, member_organisation, now), actor=newcomer, now=now)
    with pytest.raises(AffiliationRefused):
        ask(newcomer, member_organisation, now)
    with pytest.raises(AffiliationRefused):
        ask(newcomer, OrganisationFactory(), now)
    assert OutgoingMail.objects.filter(to=contact.email).count() == MOST_REQUESTS_A_DAY
    assert ask(newcomer, member_organisation, now + timedelta(days=1)).state == AffiliationState.REQUESTED


def test_a_known_mail_domain_asks_the_contact(newcomer, contact, member_organisation, now):
    MailDomainFactory(organisation=member_organisation, domain="horizonhulp.example")
    (affiliation,) = affiliations.suggest_by_mail_domain(person=newcomer, now=now)
    assert (affiliation.organisation, affiliation.state) == (member_organisation, AffiliationState.REQUESTED)
    assert mails() == [("members.affiliation_requested", contact.email)]
    assert affiliations.suggest_by_mail_domain(person=newcomer, now=now) == []


def test_an_organisation_that_chose_so_confirms_a_known_domain_at_once(newcomer, contact, member_organisation, now):
    member_organisation.confirms_at_once = True
    member_organisation.save()
    MailDomainFactory(organisation=member_organisation, domain="horizonhulp.example")
    (affiliation,) = affiliations.suggest_by_mail_domain(person=newcomer, now=now)
    assert affiliation.state == AffiliationState.CONFIRMED
    assert mails() == [
        ("members.affiliation_confirmed", newcomer.email),
        ("members.contacts_told", contact.email),
    ]


def test_an_address_that_is_not_verified_suggests_nothing(newcomer, member_organisation, now):
    EmailAddress.objects.update(verified=False)
    MailDomainFactory(organisation=member_organisation, domain="horizonhulp.example")
    assert affiliations.suggest_by_mail_domain(person=newcomer, now=now) == []


def test_confirming_at_once_is_for_the_domain_only(newcomer, now):
    elsewhere = OrganisationFactory(confirms_at_once=True)
    assert ask(newcomer, elsewhere, now).state == AffiliationState.REQUESTED


def test_whoever_was_sent_away_is_not_let_in_at_once_again(newcomer, contact, member_organisation, now):
    member_organisation.confirms_at_once = True
    member_organisation.save()
    MailDomainFactory(organisation=member_organisation, domain="horizonhulp.example")
    (affiliation,) = affiliations.suggest_by_mail_domain(person=newcomer, now=now)
    affiliations.end(affiliation=affiliation, actor=contact, now=now)

    assert affiliations.suggest_by_mail_domain(person=newcomer, now=now) == []
    assert ask(newcomer, member_organisation, now).state == AffiliationState.REQUESTED


def test_confirming_gives_the_right_and_a_mail_once(newcomer, contact, member_organisation, now):
    affiliation = ask(newcomer, member_organisation, now)
    for _ in range(2):
        affiliation = affiliations.confirm(affiliation=affiliation, actor=contact, now=now)
    assert (affiliation.state, affiliation.confirmed_at) == (AffiliationState.CONFIRMED, now)
    assert standing_of(newcomer).is_member
    # the contact need not answer any more
    assert mails() == [("members.affiliation_confirmed", newcomer.email)]
    assert verbs() == ["affiliation.requested", "affiliation.confirmed"]


def test_what_has_ended_is_not_confirmed(newcomer, contact, member_organisation, now):
    affiliation = AffiliationFactory(person=newcomer, organisation=member_organisation, state=AffiliationState.ENDED)
    with pytest.raises(MoveRefused):
        affiliations.confirm(affiliation=affiliation, actor=contact, now=now)


def test_ending_takes_every_role_and_tells_the_person_once(practitioner, contact, member_organisation, now):
    affiliation = practitioner.affiliations.get()
    affiliations.hand_out_role(affiliation=affiliation, role=Role.QUALITY_OFFICER, actor=contact, now=now)
    for _ in range(2):
        affiliations.end(affiliation=affiliation, actor=contact, now=now)
    assert not practitioner.affiliations.live().exists()
    assert mails() == [
        ("members.contacts_told", contact.email),
        ("members.affiliation_ended", practitioner.email),
    ]


def test_leaving_oneself_mails_nobody_and_withdraws_the_question(newcomer, contact, member_organisation, now):
    affiliation = ask(newcomer, member_organisation, now)
    affiliations.end(affiliation=affiliation, actor=newcomer, now=now)
    assert mails() == []
    assert OutgoingMail.objects.get().state == MailState.WITHDRAWN


def test_a_role_is_handed_out_once_and_taken_back(practitioner, contact, now):
    affiliation = practitioner.affiliations.get()
    given = [
        affiliations.hand_out_role(affiliation=affiliation, role=Role.INTEGRITY_OFFICER, actor=contact, now=now)
        for _ in range(2)
    ]
    assert given[0] == given[1]
    affiliations.take_back_role(affiliation=given[0], actor=contact, now=now)
    assert [row.role for row in practitioner.affiliations.live()] == [Role.COLLEAGUE]


@pytest.mark.parametrize("role", ["colleague", "superuser", "", "💥"])
def test_a_role_that_nobody_hands_out_is_refused(practitioner, contact, role, now):
    with pytest.raises(AffiliationRefused) as refused:
        affiliations.hand_out_role(affiliation=practitioner.affiliations.get(), role=role, actor=contact, now=now)
    assert refused.value.field == "role"


def test_a_role_is_for_who_is_confirmed(newcomer, contact, member_organisation, now):
    with pytest.raises(AffiliationRefused):
        affiliations.hand_out_role(
            affiliation=ask(newcomer, member_organisation, now), role=Role.CONTACT, actor=contact, now=now
        )


def test_being_a_colleague_is_ended_and_not_taken_back(practitioner, contact, now):
    with pytest.raises(AffiliationRefused):
        affiliations.take_back_role(affiliation=practitioner.affiliations.get(), actor=contact, now=now)


def test_one_who_was_appointed_to_a_role_alone_stays_a_colleague(member_organisation, contact, now):
    officer = AffiliationFactory(organisation=member_organisation, role=Role.QUALITY_OFFICER)
    affiliations.take_back_role(affiliation=officer, actor=contact, now=now)
    assert [row.role for row in officer.person.affiliations.confirmed()] == [Role.COLLEAGUE]


@pytest.mark.parametrize("action", [affiliations.end, affiliations.take_back_role])
def test_the_only_contact_is_taken_away_by_staff_alone(contact, staff, action, now):
    """Nobody at the organisation could confirm newcomers any more, and only staff could mend that."""
    row = contact.affiliations.get(role=Role.CONTACT)
    with pytest.raises(AffiliationRefused):
        action(affiliation=row, actor=contact, now=now)
    assert contact.affiliations.confirmed().count() == 2
    action(affiliation=row, actor=staff, now=now)
    assert not contact.affiliations.contacts().exists()


def test_a_second_contact_may_go(contact, practitioner, now):
    colleague = practitioner.affiliations.get()
    affiliations.hand_out_role(affiliation=colleague, role=Role.CONTACT, actor=contact, now=now)
    affiliations.take_back_role(affiliation=contact.affiliations.get(role=Role.CONTACT), actor=contact, now=now)
    assert [row.person for row in Affiliation.objects.contacts()] == [practitioner]


def test_a_contact_who_closed_the_account_is_no_contact(contact, practitioner, now):
    other = AffiliationFactory(organisation=contact.affiliations.first().organisation, role=Role.CONTACT)
    other.person.is_active = False
    other.person.save()
    with pytest.raises(AffiliationRefused):
        affiliations.take_back_role(affiliation=contact.affiliations.get(role=Role.CONTACT), actor=contact, now=now)


def test_leadership_is_given_by_someone_else(practitioner, contact, staff, now):
    affiliation = practitioner.affiliations.get()
    affiliations.set_track_profile(affiliation=affiliation, profile=TrackProfile.LEADERSHIP, actor=contact, now=now)
    assert practitioner.affiliations.get().track_profile == TrackProfile.LEADERSHIP
    for actor in (contact, staff):
        AffiliationFactory(person=actor)
        with pytest.raises(AffiliationRefused) as refused:
            affiliations.set_track_profile(
                affiliation=actor.affiliations.first(), profile=TrackProfile.LEADERSHIP, actor=actor, now=now
            )
        assert refused.value.field == "profile"
        assert not actor.affiliations.filter(track_profile=TrackProfile.LEADERSHIP).exists()


def test_the_track_holds_for_every_role_at_the_organisation(practitioner, contact, now):
    affiliation = practitioner.affiliations.get()
    affiliations.hand_out_role(affiliation=affiliation, role=Role.CONTACT, actor=contact, now=now)
    affiliations.set_track_profile(affiliation=affiliation, profile=TrackProfile.LEADERSHIP, actor=contact, now=now)
    affiliations.set_track_profile(affiliation=affiliation, profile=TrackProfile.PRACTITIONER, actor=contact, now=now)
    assert {row.track_profile for row in practitioner.affiliations.all()} == {TrackProfile.PRACTITIONER}
    assert verbs().count("affiliation.track_set") == 2


def test_a_track_that_does_not_exist_is_refused(practitioner, contact, now):
    with pytest.raises(AffiliationRefused):
        affiliations.set_track_profile(
            affiliation=practitioner.affiliations.get(), profile="board", actor=contact, now=now
        )


def test_staff_appoint_the_first_contact(newcomer, member_organisation, staff, now):
    for _ in range(2):
        affiliations.appoint(
            person=newcomer,
            organisation=member_organisation,
            role=Role.CONTACT,
            track_profile=TrackProfile.LEADERSHIP,
            actor=staff,
            now=now,
        )
    rows = newcomer.affiliations.confirmed().values_list("role", "track_profile")
    assert set(rows) == {(Role.COLLEAGUE, "leadership"), (Role.CONTACT, "leadership")}
    assert mails() == [("members.affiliation_confirmed", newcomer.email)]


@pytest.mark.parametrize("role", [*Role])
@pytest.mark.parametrize("track_profile", [*TrackProfile])
def test_staff_do_not_appoint_themselves(staff, member_organisation, role, track_profile, now):
    with pytest.raises(AffiliationRefused):
        affiliations.appoint(
            person=staff,
            organisation=member_organisation,
            role=role,
            track_profile=track_profile,
            actor=staff,
            now=now,
        )
    assert not staff.affiliations.exists()


def test_staff_do_not_confirm_themselves(staff, member_organisation, now):
    affiliation = ask(staff, member_organisation, now)
    with pytest.raises(AffiliationRefused):
        affiliations.confirm(affiliation=affiliation, actor=staff, now=now)


GIFTS = [
    lambda affiliation, **who: affiliations.hand_out_role(affiliation=affiliation, role=Role.QUALITY_OFFICER, **who),
    lambda affiliation, **who: affiliations.set_track_profile(
        affiliation=affiliation, profile=TrackProfile.LEADERSHIP, **who
    ),
]


@pytest.mark.parametrize("give", GIFTS)
def test_the_team_gives_a_colleague_of_the_team_no_part_in_a_member(staff, member_organisation, contact, give, now):
    colleague = AffiliationFactory(person=UserFactory(is_staff=True), organisation=member_organisation)
    with pytest.raises(AffiliationRefused):
        give(colleague, actor=staff, now=now)
    give(colleague, actor=contact, now=now)  # the member's own contact may


@pytest.mark.parametrize("give", GIFTS)
def test_the_team_gives_parts_within_the_association_but_not_to_oneself(staff, give, now):
    partos = OrganisationFactory(kind=OrganisationKind.ASSOCIATION)
    give(AffiliationFactory(person=UserFactory(is_staff=True), organisation=partos), actor=staff, now=now)
    with pytest.raises(AffiliationRefused):
        give(AffiliationFactory(person=staff, organisation=partos), actor=staff, now=now)


def test_a_contact_also_becomes_quality_officer(contact, now):
    """A contact sees the certificates already."""
    own = contact.affiliations.get(role=Role.COLLEAGUE)
    assert affiliations.hand_out_role(affiliation=own, role=Role.QUALITY_OFFICER, actor=contact, now=now)


@pytest.mark.parametrize(
    ("language", "words"), [("nl", "gekoppeld"), ("en", "You are linked to Horizonhulp (fictief)")]
)
def test_the_mail_is_in_the_language_of_its_reader(newcomer, contact, member_organisation, language, words, now):
    newcomer.language = language
    newcomer.save()
    affiliation = ask(newcomer, member_organisation, now)
    affiliations.confirm(affiliation=affiliation, actor=contact, now=now)
    row = OutgoingMail.objects.unsent().get()
    assert words in row.subject
    assert row.language == language
