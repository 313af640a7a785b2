"""Joining and leaving groups (domain.md 4.4). Every change locks the group's row first, then the membership."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import audit, mail
from core.moves import MoveRefused, Refused
from core.waiting import answered_by, late
from leerlijnen import mails, permissions
from leerlijnen.models import Activity, GroupMembership
from leerlijnen.rules import MEMBERSHIP_MOVES, MOST_REQUESTS_A_DAY, MembershipState
from members.models import User


class JoiningRefused(Refused):
    """Not in this group, and why."""


@transaction.atomic
def request_to_join(*, group: Activity, person: User, actor: User, now: datetime) -> GroupMembership:
    """Ask the lead of `group` to be let in; asking twice gives the request or membership that is there.

    Raises JoiningRefused for an activity that is no group, for who does not act for a member organisation, and for who
    asked MOST_REQUESTS_A_DAY times.
    """
    group = Activity.objects.select_for_update(of=("self",)).get(pk=group.pk)
    if existing := group.memberships.live().filter(person=person).first():
        return existing
    if not group.is_group:
        raise JoiningRefused(_("This is not a group that you can join."))
    if not permissions.may_ask_to_join(person):
        raise JoiningRefused(
            _("Groups are for colleagues of member organisations. Ask to be linked to yours on your profile first.")
        )
    asked = group.memberships.filter(person=person, requested_at__gt=now - timedelta(days=1))
    if asked.count() >= MOST_REQUESTS_A_DAY:
        raise JoiningRefused(_("You have asked often today. Try again tomorrow."))
    membership = group.memberships.create(person=person, requested_at=now)
    audit.record("membership.requested", group, about=person.pk, actor=actor, now=now)
    mails.requested(membership, now=now)
    return membership


@transaction.atomic
def admit(*, membership: GroupMembership, actor: User, now: datetime) -> GroupMembership:
    """Let in who asked, and tell so by mail. Raises MoveRefused when it was decided already.

    Raises JoiningRefused when the person has stopped acting for a member organisation since, and for an actor who
    neither leads the group nor has the right of staff.
    """
    membership = _locked(membership)
    _check_may_admit(membership, actor)
    _check_undecided(membership, MembershipState.MEMBER)
    if not permissions.may_ask_to_join(membership.person):
        raise JoiningRefused(_("This person does not work for a member organisation any more."))
    _move(membership, MembershipState.MEMBER, "membership.admitted", actor=actor, now=now)
    mails.withdraw_request(membership)
    mails.admitted(membership, now=now)
    return membership


@transaction.atomic
def refuse(*, membership: GroupMembership, actor: User, now: datetime) -> GroupMembership:
    """Do not let in who asked, and tell so by mail. Raises MoveRefused when it was decided already.

    Raises JoiningRefused for an actor who neither leads the group nor has the right of staff.
    """
    membership = _locked(membership)
    _check_may_admit(membership, actor)
    _check_undecided(membership, MembershipState.REFUSED)
    _move(membership, MembershipState.REFUSED, "membership.refused", actor=actor, now=now)
    mails.withdraw_request(membership)
    mails.refused(membership, now=now)
    return membership


def answer_unanswered(*, now: datetime) -> int:
    """Tell who asked to join and has no answer after ten working days that nobody gave one; gives the number.

    The request ends, and the person may ask again. One transaction each, looked at again under the lock.
    """
    rows = late(GroupMembership.objects.requested(), answered_by, now=now)
    return sum(_answer_unanswered(row, now=now) for row in rows)


@transaction.atomic
def _answer_unanswered(membership: GroupMembership, *, now: datetime) -> bool:
    membership = _locked(membership)
    if membership.state != MembershipState.REQUESTED:
        return False
    _move(membership, MembershipState.REFUSED, "membership.unanswered", actor=None, now=now)
    mails.withdraw_request(membership)
    mails.refused(membership, is_unanswered=True, now=now)
    return True


@transaction.atomic
def make_lead(*, membership: GroupMembership, actor: User, now: datetime) -> GroupMembership:
    """Let a member of the group lead it; does nothing for who leads already. Raises JoiningRefused for non-members."""
    membership = _locked(membership)
    if membership.state != MembershipState.MEMBER:
        raise JoiningRefused(_("Only someone who is in the group can lead it."))
    if not membership.is_lead:
        membership.is_lead = True
        membership.save(update_fields=["is_lead"])
        _trail("membership.lead", membership, actor=actor, now=now)
    return membership


@transaction.atomic
def leave(*, group: Activity, person: User, actor: User, now: datetime) -> None:
    """Leave the group, or take back the request to join; does nothing for who is not in it.

    When the last lead leaves, the staff who decide on requests from then on hear of it.
    """
    Activity.objects.select_for_update(of=("self",)).get(pk=group.pk)
    for membership in group.memberships.live().filter(person=person):
        if membership.is_lead and not group.memberships.leads().exclude(pk=membership.pk).exists():
            mails.no_lead(membership, now=now)
        membership.is_lead = False
        _move(membership, MembershipState.LEFT, "membership.left", actor=actor, now=now)
        mails.withdraw_request(membership)


@transaction.atomic
def leave_all(*, person: User, actor: User, now: datetime) -> None:
    """Leave every group, and delete the mails that told of the person: for an account that closes."""
    for group in Activity.objects.filter(pk__in=person.memberships.live().values("activity")).order_by("pk"):
        leave(group=group, person=person, actor=actor, now=now)
    for membership in person.memberships.all():
        mail.forget(mails.request_prefix(membership))


def _locked(membership: GroupMembership) -> GroupMembership:
    Activity.objects.select_for_update(of=("self",)).get(pk=membership.activity_id)
    return GroupMembership.objects.select_related("activity", "person").get(pk=membership.pk)


def _check_may_admit(membership: GroupMembership, actor: User) -> None:
    own = membership.activity.memberships.live().filter(person=actor).first()
    if not permissions.can_admit(actor, own):
        raise JoiningRefused(_("Only who leads the group, or Partos, decides who comes in."))


def _check_undecided(membership: GroupMembership, state: str) -> None:
    MEMBERSHIP_MOVES.check(membership.state, state, _("This request was dealt with already."))


def _move(membership: GroupMembership, state: str, verb: str, *, actor: User | None, now: datetime) -> None:
    if not MEMBERSHIP_MOVES.allows(membership.state, state):
        raise MoveRefused(_("This is not possible any more."))
    membership.state = state
    membership.decided_at = now
    membership.save(update_fields=["state", "is_lead", "decided_at"])
    _trail(verb, membership, actor=actor, now=now)


def _trail(verb: str, membership: GroupMembership, *, actor: User | None, now: datetime) -> None:
    audit.record(verb, membership.activity, about=membership.person_id, actor=actor, now=now)
