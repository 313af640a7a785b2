"""Who may see and keep quality dossiers. `person` may be anonymous."""

from members.models import Organisation
from members.permissions import standing_of
from members.rules import Role, TrackProfile


def own_dossiers(person) -> list[Organisation]:
    """The organisations whose dossier this person may read, as director, contact or quality officer (domain.md 3)."""
    keeping = {
        affiliation.organisation_id
        for affiliation in standing_of(person).affiliations
        if affiliation.role in (Role.CONTACT, Role.QUALITY_OFFICER)
        or affiliation.track_profile == TrackProfile.LEADERSHIP
    }
    return [organisation for organisation in standing_of(person).organisations if organisation.pk in keeping]


def can_keep(person) -> bool:
    """Write down what is true of certificates: the quality coordinator."""
    return person.has_perm("quality.change_certificate")
