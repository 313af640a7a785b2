"""Where a person stands: one query, asked once a request."""

from dataclasses import dataclass

from django.contrib.auth.models import Group, Permission
from django.db.models import Exists, OuterRef, Q

from members.models import Affiliation, Organisation, User
from members.rules import OrganisationKind, Role


@dataclass(frozen=True)
class Standing:
    """The confirmed affiliations of one person, read once."""

    affiliations: tuple[Affiliation, ...] = ()

    @property
    def organisations(self) -> list[Organisation]:
        """Each once, by name."""
        return sorted({a.organisation_id: a.organisation for a in self.affiliations}.values(), key=lambda o: o.name)

    def acts_for(self, *kinds: str) -> bool:
        return any(affiliation.organisation.kind in kinds for affiliation in self.affiliations)

    @property
    def is_member(self) -> bool:
        """Acts for a member organisation, or for the association itself."""
        return self.acts_for(OrganisationKind.MEMBER, OrganisationKind.ASSOCIATION)

    @property
    def is_partner(self) -> bool:
        return self.acts_for(OrganisationKind.PARTNER)

    @property
    def may_propose(self) -> bool:
        """Members and partners set the agenda (the document, "Van en door leden")."""
        return self.acts_for(OrganisationKind.MEMBER, OrganisationKind.PARTNER)

    def has_role(self, role: str, organisation: Organisation) -> bool:
        return any(a.role == role and a.organisation_id == organisation.pk for a in self.affiliations)


NOBODY = Standing()


def standing_of(person) -> Standing:
    """Kept on the person object, so that one request asks the database once."""
    if not person.is_authenticated:
        return NOBODY
    if not hasattr(person, "_standing"):
        rows = Affiliation.objects.confirmed().filter(person=person).select_related("organisation")
        rows = rows.order_by("organisation__name", "role")  # as ever, without joining the person for the name
        person._standing = Standing(tuple(rows))
    return person._standing


def is_contact(person, organisation: Organisation) -> bool:
    return standing_of(person).has_role(Role.CONTACT, organisation)


def is_keeper(person) -> bool:
    """Staff who keep people and organisations: they also do what a contact may not."""
    return person.has_perm("members.change_affiliation")


def staff_with_right(right: str):
    """Active staff who have `app.codename`, by role, by name or as superuser: for mails about what waits for them."""
    app, codename = right.split(".")
    permission = Permission.objects.filter(content_type__app_label=app, codename=codename)
    by_role = Exists(Group.objects.filter(user=OuterRef("pk"), permissions__in=permission))
    by_name = Exists(permission.filter(user=OuterRef("pk")))
    return User.objects.filter(Q(is_superuser=True) | by_role | by_name, is_active=True, is_staff=True)
