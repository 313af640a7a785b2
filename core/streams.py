"""Streams of mail: the kinds of mail about which each person chooses: at once, in the daily digest, or not at all.

A letter without a stream always goes at once: what changes a seat, an invitation, an answer to one's own request,
signing in. Each app declares its streams in a module `streams` and registers them in AppConfig.ready. A person's
choices stand in the field `mail_choices`, a stream's code to a Wish; what was never chosen is the stream's default.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Wish(TextChoices):
    AT_ONCE = "at_once", _("at once")
    DIGEST = "digest", _("in one mail a day")
    NONE = "none", _("not at all")


@dataclass(frozen=True)
class Stream:
    """`shown_with` is the right without which nobody is asked about it; an empty one asks everyone."""

    code: str
    label: str | Promise
    hint: str | Promise
    wishes: tuple[Wish, ...] = (Wish.AT_ONCE, Wish.DIGEST, Wish.NONE)
    default: Wish = Wish.AT_ONCE
    shown_with: str = ""

    @property
    def can_be_off(self) -> bool:
        return Wish.NONE in self.wishes

    def wish_of(self, person: Any) -> Wish:
        """What the person chose, or the default; of an address without an account the default."""
        chosen = getattr(person, "mail_choices", {}).get(self.code)
        return Wish(chosen) if chosen in self.wishes else self.default

    def wanted(self, path: str = "") -> Q:
        """For a QuerySet: the people at `path`, such as `person`, who do not have this stream switched off."""
        field = f"{path}__mail_choices__{self.code}" if path else f"mail_choices__{self.code}"
        chosen = ~Q(**{field: Wish.NONE}) & Q(**{f"{field}__isnull": False})
        return chosen | Q(**{f"{field}__isnull": True}) if self.default != Wish.NONE else chosen


_registry: dict[str, Stream] = {}


def register(*streams: Stream) -> None:
    """Called by each app's AppConfig.ready; the page of choices keeps the order."""
    for stream in streams:
        _registry[stream.code] = stream


def registered() -> list[Stream]:
    return list(_registry.values())


def stream(code: str) -> Stream | None:
    return _registry.get(code)


def asked_of(person: Any) -> list[Stream]:
    """The streams that this person may get mail of."""
    return [each for each in registered() if not each.shown_with or person.has_perm(each.shown_with)]
