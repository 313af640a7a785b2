"""Choosing one's mail and the lines that one follows, together (the page shows both)."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction

from leerlijnen.actions import following
from leerlijnen.models import LearningLine, Workstream
from members.actions import mail_choices
from members.models import User


@transaction.atomic
def choose(
    *,
    person: User,
    wishes: Mapping[str, str],
    lines: Collection[LearningLine],
    workstreams: Collection[Workstream],
    now: datetime,
) -> None:
    """Write both or neither. Raises ValueError as members.actions.mail_choices does."""
    mail_choices.choose(person=person, wishes=wishes, now=now)
    following.follow(person=person, lines=lines, workstreams=workstreams)
