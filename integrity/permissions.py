"""Who may read the joint agenda. `person` may be anonymous."""

from members.permissions import standing_of


def may_read_agenda(person) -> bool:
    """People of member organisations, and the integrity coordinator (domain.md 3)."""
    return standing_of(person).is_member or person.has_perm("integrity.view_integrityagendaitem")


def can_keep(person, model) -> bool:
    """Edit and move routes and items of the agenda: the integrity coordinator."""
    return person.has_perm(f"integrity.change_{model._meta.model_name}")
