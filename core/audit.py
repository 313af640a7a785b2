"""The audit trail: who did what to which row, in codes. Append-only; on PostgreSQL a trigger refuses the rest."""

import re
from datetime import datetime

from django.db.models import Model

from core.models import AuditEntry

CODE = re.compile(r"[\w.:+\-]{0,80}", re.ASCII)


def record(
    verb: str, target: Model, *, actor: Model | None, now: datetime, **codes: str | int | bool | None
) -> AuditEntry:
    """Write one entry in the caller's transaction.

    `verb` is dotted (`registration.confirmed`), `codes` are ids, counts and states. Raises ValueError for anything
    with a space or an at-sign in it: names and free text have no place here, because nobody can be erased from a
    trail that is append-only. `actor` is None for the portal itself, and for everything about leadership dialogues
    (architecture.md 3: such an entry names dialogue and verb, no person).
    """
    for name, value in codes.items():
        if isinstance(value, str) and not CODE.fullmatch(value):
            raise ValueError(f"audit code {name} holds text; give an id or a code")
    return AuditEntry.objects.create(
        verb=verb,
        actor_id=actor.pk if actor is not None else None,
        target_type=target._meta.label_lower,
        target_id=target.pk,
        codes=codes,
        at=now,
    )


def trail_of(target: Model):
    """The entries about one row, newest first."""
    return AuditEntry.objects.filter(target_type=target._meta.label_lower, target_id=target.pk).select_related("actor")
