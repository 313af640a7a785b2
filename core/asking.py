"""Acts that ask first: a page says in numbers what will happen, and only its button does it."""

from collections.abc import Callable
from typing import TypeVar

from django.db import transaction

Outcome = TypeVar("Outcome")


def what_if(act: Callable[[], Outcome]) -> Outcome:
    """What `act` gives, without doing it: all that it wrote is undone, and no mail leaves. What it raises is raised."""
    with transaction.atomic():
        try:
            return act()
        finally:
            transaction.set_rollback(True)
