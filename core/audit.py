"""The audit trail: what staff and hosts did, in codes. Never who takes part, because nobody can be erased from it.

How to record. Declare the verb in the module `verbs` of your app, with its words in the imperative of the house
(`Verb("route.published", _("published"), on="integrity.Route")`), and call `record` in the action. What a verb may
tell is data, here and nowhere else:

- `who` says whose key the entry keeps: of whoever acts in an office (staff, host, contact), of the team only, or of
  nobody at all. What a person does for herself is NOBODY's.
- `of_one_person`: it concerns one person (a seat, a request, a role). Its row is what she takes part in, the session,
  the group or the organisation, and never her own row in it. The caller gives her key as `about`, which is not written:
  who acts on herself is not named either. Where the row has `hides_who_takes_part` (a dialogue, a closed space, a peer
  space) there is no entry at all, because its moment alone could tell who it was.

`record` refuses a verb that nobody declared, and of a row that leads to a person it leaves the key out.
Append-only; on PostgreSQL a trigger refuses the rest.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import Model, QuerySet
from django.utils.functional import Promise

from core.models import AuditEntry

NO_ACCOUNT = 0  # the key of who was invited by address, and need not have an account
CODE = re.compile(r"[\w.:+\-]{0,253}", re.ASCII)  # the longest name of a domain


class Who(Enum):
    """Whose key an entry keeps."""

    OFFICE = "whoever did it: staff, a host, or a contact of the organisation"
    TEAM = "an account of the team; of anyone else nothing"
    NOBODY = "nobody's"


@dataclass(frozen=True)
class Verb:
    """One thing that can be done; `on` is the label of the model of its row, or more of them with a space between."""

    code: str
    words: str | Promise
    on: str
    who: Who = Who.OFFICE
    of_one_person: bool = False
    names_account: bool = False  # whose rights as one of the team it changes, also when the account has none any more

    @property
    def models(self) -> tuple[type[Model], ...]:
        return tuple(apps.get_model(label) for label in self.on.split())


_registry: dict[str, Verb] = {}


def register(*verbs: Verb) -> None:
    """Called by each app's AppConfig.ready."""
    for verb in verbs:
        _registry[verb.code] = verb


def registered() -> list[Verb]:
    return list(_registry.values())


def in_words(code: str) -> str:
    """What a verb says to staff; one of an older version stays as it is."""
    verb = _registry.get(code)
    return str(verb.words) if verb else code


def record(
    verb: str,
    target: Model | None,
    *,
    actor: Model | None,
    now: datetime,
    about: int | None = None,
    **codes: str | int | bool | None,
) -> AuditEntry | None:
    """Write one entry in the caller's transaction; None where there is to be no entry.

    `target` is the row, or None where the row is a person's own. `about` is the key of the person whom it concerns, and
    is not written. `codes` are ids, counts and states. Raises ValueError for a verb that is not declared, for a row of
    another kind, for a verb of one person without `about`, and for a code with a space or an at-sign in it: names and
    free text have no place here. `actor` is None for the portal itself.
    """
    known = _registry.get(verb)
    if known is None:
        raise ValueError(f"the verb {verb} is not declared; see core.audit")
    if target is not None and not isinstance(target, known.models):
        raise ValueError(f"{verb} is about a {known.on}, and not about a {target._meta.label}")
    if known.of_one_person and about is None:
        raise ValueError(f"{verb} is of one person; give her key as about, which is not written")
    for name, value in codes.items():
        if isinstance(value, str) and not CODE.fullmatch(value):
            raise ValueError(f"audit code {name} holds text; give an id or a code")
    if known.of_one_person and getattr(target, "hides_who_takes_part", False):
        return None
    return AuditEntry.objects.create(
        verb=verb,
        actor_id=_actor(known, actor, about),
        target_type=(target or known.models[0])._meta.label_lower,
        target_id=_key(known, target),
        codes=codes,
        at=now,
    )


def trail_of(target: Model) -> QuerySet[AuditEntry]:
    """The entries about one row, newest first; for tests and for finding faults, never as the data of a page."""
    return AuditEntry.objects.filter(target_type=target._meta.label_lower, target_id=target.pk).select_related("actor")


def visible_to(person: Any) -> QuerySet[AuditEntry]:
    """The entries about rows of the kinds that this member of the team may see in the admin."""
    if person.is_superuser:
        return AuditEntry.objects.all()
    kinds = {model._meta for verb in registered() for model in verb.models}
    seen = [kind.label_lower for kind in kinds if person.has_perm(f"{kind.app_label}.view_{kind.model_name}")]
    return AuditEntry.objects.filter(target_type__in=seen)


def leads_to_a_person(model: type[Model]) -> bool:
    """Whether each row of it is one person's: an account, or a row that points at one."""
    user = get_user_model()
    return model is user or any(field.related_model is user for field in model._meta.concrete_fields)


def _actor(verb: Verb, actor: Any, about: int | None) -> int | None:
    if actor is None or verb.who is Who.NOBODY or (verb.who is Who.TEAM and not actor.is_staff):
        return None
    return None if verb.of_one_person and actor.pk == about else actor.pk


def _key(verb: Verb, target: Any) -> int | None:
    """Of a person's own row none; but an account of the team is named, because its rights are the portal's."""
    if target is None:
        return None
    is_team = verb.names_account or getattr(target, "is_staff", False)
    return target.pk if is_team or not leads_to_a_person(target.__class__) else None
