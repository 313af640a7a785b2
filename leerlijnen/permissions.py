"""Who may do what in a group (domain.md 3, "Groups"); one question, one function. `person` may be anonymous."""

from leerlijnen.models import GroupMembership
from leerlijnen.rules import MembershipState
from members.permissions import staff_with_right, standing_of
from members.rules import OrganisationKind

RIGHT_TO_ADMIT = "leerlijnen.change_groupmembership"


def may_ask_to_join(person) -> bool:
    """Groups are of and for members: a confirmed affiliation with a member organisation."""
    return standing_of(person).acts_for(OrganisationKind.MEMBER)


def may_know_of_people(person) -> bool:
    """How many are in a group and who leads it: for those at members and at the association, and for staff."""
    return standing_of(person).is_member or person.has_perm("leerlijnen.view_groupmembership")


def is_in(person, own: GroupMembership | None) -> bool:
    """`own` is the person's membership of the group; it counts while the person may be in groups at all."""
    return own is not None and own.state == MembershipState.MEMBER and may_ask_to_join(person)


def can_admit(person, own: GroupMembership | None) -> bool:
    """Admit and refuse: who leads the group, and staff with the right."""
    leads = own is not None and own.is_lead and is_in(person, own)
    return leads or person.has_perm(RIGHT_TO_ADMIT)


def staff_who_admit():
    return staff_with_right(RIGHT_TO_ADMIT)
