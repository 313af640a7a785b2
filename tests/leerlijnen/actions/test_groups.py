from datetime import timedelta

import pytest
from django.utils.translation import override

from core.models import AuditEntry, MailState, OutgoingMail
from core.moves import MoveRefused
from leerlijnen.actions import groups
from leerlijnen.models import GroupMembership
from leerlijnen.rules import MOST_REQUESTS_A_DAY, ActivityKind, MembershipState
from members import consequences
from members.actions import affiliations
from members.rules import AffiliationState, OrganisationKind
from tests.factories.leerlijnen import ActivityFactory, GroupMembershipFactory
from tests.factories.members import AffiliationFactory, member_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def group():
    return ActivityFactory(kind=ActivityKind.WORKING_GROUP, title="Artificial Intelligence (AI)")


@pytest.fixture
def lead(group):
    return GroupMembershipFactory(activity=group, person=member_person(name="Trekker (fictief)"), is_lead=True).person


def ask(group, person, now):
    return groups.request_to_join(group=group, person=person, actor=person, now=now)


def mailed(kind, state=MailState.QUEUED):
    return list(OutgoingMail.objects.filter(kind=f"leerlijnen.{kind}", state=state).values_list("to", flat=True))


def test_asking_to_join_tells_the_lead(group, lead, practitioner, staff, now):
    membership = ask(group, practitioner, now)
    assert membership.state == MembershipState.REQUESTED
    assert mailed("group_requested") == [lead.email]
    mail = OutgoingMail.objects.get()
    assert "Noor Voorbeeld (fictief)" in mail.text
    assert "Organisatie: Horizonhulp (fictief)\n" in mail.text
    entry = AuditEntry.objects.get(verb="membership.requested")
    assert (entry.actor, entry.target_id, entry.codes) == (None, group.pk, {})


def test_while_there_is_no_lead_the_staff_are_told(group, practitioner, staff, quality_coordinator, now):
    ask(group, practitioner, now)
    assert mailed("group_requested") == [staff.email]


def test_a_lead_who_wants_no_such_mail_gets_none_and_staff_do(group, lead, practitioner, staff, now):
    lead.mail_choices = {"requests": "none"}
    lead.save()
    ask(group, practitioner, now)
    assert mailed("group_requested") == [staff.email]


def test_asking_twice_is_asking_once(group, practitioner, staff, now):
    assert ask(group, practitioner, now) == ask(group, practitioner, now)
    assert GroupMembership.objects.count() == 1
    assert len(mailed("group_requested")) == 1


@pytest.mark.parametrize("kind", [OrganisationKind.PARTNER, OrganisationKind.MINISTRY, OrganisationKind.OTHER])
def test_a_group_is_for_members_alone(group, kind, now):
    with pytest.raises(groups.JoiningRefused):
        ask(group, member_person(kind=kind), now)
    assert not GroupMembership.objects.exists()


def test_who_is_not_confirmed_cannot_join(group, practitioner, now):
    practitioner.affiliations.update(state=AffiliationState.REQUESTED)
    with pytest.raises(groups.JoiningRefused):
        ask(group, practitioner, now)


@pytest.mark.parametrize(
    "kind", [ActivityKind.NETWORK_SESSIONS, ActivityKind.LEADERSHIP_DIALOGUE, ActivityKind.TRAJECTORY]
)
def test_only_groups_can_be_joined(kind, practitioner, now):
    with pytest.raises(groups.JoiningRefused):
        ask(ActivityFactory(kind=kind), practitioner, now)


def test_who_is_let_in_hears_so_and_the_lead_is_no_longer_asked(group, lead, practitioner, now):
    membership = groups.admit(membership=ask(group, practitioner, now), actor=lead, now=now)
    assert (membership.state, membership.decided_at) == (MembershipState.MEMBER, now)
    assert mailed("group_admitted") == [practitioner.email]
    assert mailed("group_requested") == []
    assert AuditEntry.objects.get(verb="membership.admitted").actor is None  # a lead takes part too


def test_who_is_not_let_in_hears_so_and_may_ask_again(group, lead, practitioner, now):
    membership = groups.refuse(membership=ask(group, practitioner, now), actor=lead, now=now)
    assert membership.state == MembershipState.REFUSED
    assert mailed("group_refused") == [practitioner.email]
    assert ask(group, practitioner, now).pk != membership.pk


@pytest.mark.parametrize(("first", "second"), [("admit", "refuse"), ("refuse", "admit"), ("admit", "admit")])
def test_a_request_is_decided_once(group, lead, practitioner, now, first, second):
    membership = ask(group, practitioner, now)
    getattr(groups, first)(membership=membership, actor=lead, now=now)
    with pytest.raises(MoveRefused):
        getattr(groups, second)(membership=membership, actor=lead, now=now)
    assert OutgoingMail.objects.filter(state=MailState.QUEUED).count() == 1


def test_who_left_the_member_organisation_is_not_let_in(group, lead, practitioner, now):
    membership = ask(group, practitioner, now)
    practitioner.affiliations.update(state=AffiliationState.ENDED)
    with pytest.raises(groups.JoiningRefused):
        groups.admit(membership=membership, actor=lead, now=now)


def test_a_lead_who_left_the_member_organisation_is_not_asked_and_decides_nothing(
    group, lead, practitioner, staff, now
):
    lead.affiliations.update(state=AffiliationState.ENDED)
    membership = ask(group, practitioner, now)
    assert mailed("group_requested") == [staff.email]
    for decide in (groups.admit, groups.refuse):
        with pytest.raises(groups.JoiningRefused):
            decide(membership=membership, actor=lead, now=now)


def test_who_does_not_lead_the_group_decides_nothing(group, practitioner, outsider, functional_administrator, now):
    membership = ask(group, practitioner, now)
    elsewhere = GroupMembershipFactory(person=member_person(), is_lead=True).person
    for actor in (practitioner, outsider, functional_administrator, elsewhere):
        with pytest.raises(groups.JoiningRefused):
            groups.admit(membership=membership, actor=actor, now=now)


def test_leaving_ends_it_and_leading_too(group, lead, now):
    groups.leave(group=group, person=lead, actor=lead, now=now)
    membership = GroupMembership.objects.get(person=lead)
    assert (membership.state, membership.is_lead) == (MembershipState.LEFT, False)
    groups.leave(group=group, person=lead, actor=lead, now=now)
    assert AuditEntry.objects.filter(verb="membership.left").count() == 1


def test_the_team_hears_when_the_last_lead_leaves_and_only_then(group, lead, practitioner, staff, now):
    other = GroupMembershipFactory(activity=group, person=practitioner, is_lead=True).person
    groups.leave(group=group, person=other, actor=other, now=now)
    assert mailed("group_no_lead") == []
    groups.leave(group=group, person=lead, actor=lead, now=now)
    assert mailed("group_no_lead") == [staff.email]
    mail = OutgoingMail.objects.get(kind="leerlijnen.group_no_lead")
    for part in (mail.subject, mail.text, mail.html):
        assert group.title in part
        assert lead.name not in part


def test_the_link_that_ends_tells_what_goes_in_groups_and_the_team_hears_of_a_group_without_lead(
    group, practitioner, staff, now
):
    GroupMembershipFactory(activity=group, person=practitioner, is_lead=True)
    GroupMembershipFactory(person=practitioner)
    link = practitioner.affiliations.get()
    with override("nl"):
        said = consequences.foretell_ending([link], now=now)
    assert {"2 plekken in groepen vervallen.", "1 groep heeft dan geen trekker meer."} <= set(said)
    affiliations.end(affiliation=link, actor=practitioner, now=now)
    assert mailed("group_no_lead") == [staff.email]
    AffiliationFactory(person=practitioner)  # she is back, leads again, and goes once more
    later = now + timedelta(days=40)
    affiliations.end(affiliation=practitioner.affiliations.live().get(), actor=practitioner, now=later)
    assert mailed("group_no_lead") == [staff.email] * 2


def test_who_works_for_another_member_too_keeps_the_groups(group, practitioner, staff, now):
    GroupMembershipFactory(activity=group, person=practitioner, is_lead=True)
    link = practitioner.affiliations.get()
    AffiliationFactory(person=practitioner)
    with override("nl"):
        assert not any("groep" in sentence for sentence in consequences.foretell_ending([link], now=now))
    affiliations.end(affiliation=link, actor=practitioner, now=now)
    assert mailed("group_no_lead") == []


def test_a_request_that_is_taken_back_asks_nobody(group, lead, practitioner, now):
    ask(group, practitioner, now)
    groups.leave(group=group, person=practitioner, actor=practitioner, now=now)
    assert mailed("group_requested") == []


def test_only_who_is_in_the_group_can_lead_it(group, practitioner, staff, now):
    membership = ask(group, practitioner, now)
    with pytest.raises(groups.JoiningRefused):
        groups.make_lead(membership=membership, actor=staff, now=now)
    groups.admit(membership=membership, actor=staff, now=now)
    assert groups.make_lead(membership=membership, actor=staff, now=now).is_lead
    groups.make_lead(membership=membership, actor=staff, now=now)
    assert AuditEntry.objects.filter(verb="membership.lead").count() == 1


def test_closing_an_account_leaves_every_group(practitioner, now):
    mine = [GroupMembershipFactory(person=practitioner), GroupMembershipFactory(person=practitioner, state="requested")]
    other = GroupMembershipFactory(activity=mine[0].activity)
    groups.leave_all(person=practitioner, actor=practitioner, now=now)
    assert {row.state for row in practitioner.memberships.all()} == {MembershipState.LEFT}
    other.refresh_from_db()
    assert other.state == MembershipState.MEMBER


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_mails_can_be_read_in_both_languages(group, lead, practitioner, now, language):
    practitioner.language = lead.language = language
    practitioner.save()
    lead.save()
    groups.admit(membership=ask(group, practitioner, now), actor=lead, now=now)
    path = "/en/werkgroepen/" if language == "en" else ":8000/werkgroepen/"
    for mail in OutgoingMail.objects.all():
        assert mail.language == language
        assert path in mail.text
        assert path in mail.html
        assert "Artificial Intelligence (AI)" in mail.subject


def test_nobody_fills_the_mailbox_of_a_lead_by_asking_and_leaving(group, lead, practitioner, now):
    """Each request is a mail that may have left before it is taken back."""
    for _ in range(MOST_REQUESTS_A_DAY):
        ask(group, practitioner, now)
        groups.leave(group=group, person=practitioner, actor=practitioner, now=now)
    with pytest.raises(groups.JoiningRefused):
        ask(group, practitioner, now)
    assert OutgoingMail.objects.filter(to=lead.email).count() == MOST_REQUESTS_A_DAY
    assert ask(group, practitioner, now + timedelta(days=1)).state == MembershipState.REQUESTED
