"""Who is in a group, and who follows a line or a workstream."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from leerlijnen.models.programme import Activity, LearningLine, Workstream
from leerlijnen.rules import LIVE_MEMBERSHIPS, MembershipState
from members.models import Affiliation


class GroupMembershipQuerySet(models.QuerySet):
    def visible_to(self, person):
        """One's own, and who is in the same groups; a lead also sees who asks. Staff with the right to view see all.

        Whose work for a member organisation has ended sees nobody else any more.
        """
        if not person.is_authenticated:
            return self.none()
        if person.has_perm("leerlijnen.view_groupmembership"):
            return self
        mine = GroupMembership.objects.members().at_members().filter(person=person)
        return self.filter(
            Q(person=person)
            | Q(activity__in=mine.values("activity"), state=MembershipState.MEMBER)
            | Q(activity__in=mine.leads().values("activity"))
        )

    def live(self):
        return self.filter(state__in=LIVE_MEMBERSHIPS)

    def members(self):
        return self.filter(state=MembershipState.MEMBER)

    def at_members(self):
        """Of people who work for a member organisation now, which every right in a group hangs on."""
        return self.filter(Exists(Affiliation.objects.at_members().filter(person=OuterRef("person"))))

    def requested(self):
        return self.filter(state=MembershipState.REQUESTED)

    def leads(self):
        """Who leads a group now."""
        return self.members().at_members().filter(is_lead=True, person__is_active=True)

    def of_group(self, group):
        return self.filter(activity=group)

    def of_person(self, person):
        return self.filter(person=person)


class GroupMembership(models.Model):
    """A person in a working group or peer space; `is_lead` marks its trekker."""

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="memberships", verbose_name=_("group"))
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="memberships", verbose_name=_("person")
    )
    state = models.CharField(
        _("state"), max_length=10, choices=MembershipState, default=MembershipState.REQUESTED, editable=False
    )
    is_lead = models.BooleanField(_("leads the group"), default=False)
    requested_at = models.DateTimeField(_("asked at"), editable=False)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True, editable=False)

    objects = GroupMembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("group membership")
        verbose_name_plural = _("group memberships")
        ordering = ["activity", "person__name"]
        constraints = [
            models.UniqueConstraint(
                fields=["activity", "person"],
                condition=Q(state__in=["requested", "member"]),
                name="one_live_membership_per_group",
            )
        ]

    def __str__(self):
        return f"{self.person} – {self.activity}"


class FollowingQuerySet(models.QuerySet):
    def of_person(self, person):
        return self.filter(person=person)

    def of(self, *, learning_line, workstream):
        """Who follows the one of the two that is there."""
        return self.filter(learning_line=learning_line) if learning_line else self.filter(workstream=workstream)


class Following(models.Model):
    """A person wants to hear of what is new on a learning line or in a workstream."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="followings", verbose_name=_("person")
    )
    learning_line = models.ForeignKey(
        LearningLine, models.CASCADE, null=True, related_name="+", verbose_name=_("learning line")
    )
    workstream = models.ForeignKey(
        Workstream, models.CASCADE, null=True, related_name="+", verbose_name=_("workstream")
    )

    objects = FollowingQuerySet.as_manager()

    class Meta:
        verbose_name = _("following")
        verbose_name_plural = _("followings")
        constraints = [
            models.CheckConstraint(
                condition=Q(learning_line__isnull=True) ^ Q(workstream__isnull=True), name="follows_line_or_workstream"
            ),
            models.UniqueConstraint(fields=["person", "learning_line"], name="follows_a_line_once"),
            models.UniqueConstraint(fields=["person", "workstream"], name="follows_a_workstream_once"),
        ]

    def __str__(self):
        return f"{self.person} – {self.learning_line or self.workstream}"
