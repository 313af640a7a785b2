"""The registry of free texts: every field in which someone can type a sentence.

Wiping a confidential case that slipped in, erasing a person and searching for names walk this registry, so a field
that is missing here would be missed by all three. A test compares it with the models.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from django.apps import apps
from django.db.models import Model

STRUCK = "[…]"


@dataclass(frozen=True)
class FreeText:
    model_label: str
    field: str
    sender: str  # the path from a row to the person who typed it, or "" where staff keep it together
    is_name: bool  # of a person, an organisation or a body: no sentence that tells of somebody else

    @property
    def model(self) -> type[Model]:
        return apps.get_model(self.model_label)


_registry: dict[tuple[str, str], FreeText] = {}


def register(model_label: str, *fields: str, sender: str = "", is_name: bool = False) -> None:
    """Called by each app's AppConfig.ready, once for each model."""
    for field in fields:
        _registry[(model_label.lower(), field)] = FreeText(model_label, field, sender, is_name)


def registered() -> list[FreeText]:
    return sorted(_registry.values(), key=lambda text: (text.model_label, text.field))


INVISIBLE = "\u200b"  # stands for any sign that takes no room, while texts are compared
ALSO_INVISIBLE = set("\u034f\u115f\u1160\u2800\u3164\uffa0") | {chr(code) for code in range(0xFE00, 0xFE10)}
LIKE_AN_APOSTROPHE = set("\u2018\u2019\u201b\u02bc\u02b9\u2032\u00b4`")
GAP = f"(?:[ {INVISIBLE}]|<br ?/?>|&nbsp;)+"
# A name ends where a letter or figure would make it another; an address also where it would go on.
AROUND_NAME = (r"(?<![^\W_])", r"(?![^\W_\u0300-\u036f]|[\u0300-\u036f])")
AROUND_ADDRESS = (r"(?<![\w.+%-])", r"(?![\w-]|\.\w)")


class _Plain(dict[int, str]):
    """For str.translate: each sign without what makes the same word look different."""

    def __missing__(self, code: int) -> str:
        self[code] = plain = self._of(chr(code))
        return plain

    @staticmethod
    def _of(sign: str) -> str:
        if sign.isspace():
            return " "
        if unicodedata.category(sign) in ("Cf", "Cc") or sign in ALSO_INVISIBLE:
            return INVISIBLE
        if unicodedata.category(sign) == "Pd" or sign == "\u2212":
            return "-"
        if sign in LIKE_AN_APOSTROPHE:
            return "'"
        return unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", sign).casefold())


PLAIN = _Plain()


def _pattern_of(word: str) -> str:
    """Finds the word in what PLAIN makes of a text."""
    letters = " ".join(word.translate(PLAIN).replace(INVISIBLE, "").split())
    found = ""
    for letter in letters:
        after = f"(?:{GAP})?" if letter == "-" else f"{INVISIBLE}*"  # a line is broken after a dash
        found += GAP if letter == " " else re.escape(letter) + after
    before, behind = AROUND_ADDRESS if "@" in letters else AROUND_NAME
    return f"{before}{found}{behind}"


class Sought:
    """Finds each of `words`, such as a name or an address, and no longer word that it is a part of.

    It finds them whatever their capitals, spaces, line breaks, signs that nobody sees, and kinds of dash and
    apostrophe, and in each of Unicode's normal forms.
    """

    def __init__(self, words: Iterable[str]):
        patterns = [_pattern_of(word) for word in sorted(words, key=len, reverse=True) if word.strip()]
        self.pattern = re.compile("|".join(patterns)) if patterns else None

    def is_in(self, *texts: str) -> bool:
        return self.pattern is not None and any(self.pattern.search(text.translate(PLAIN)) for text in texts)

    def struck(self, text: str, *, by: str = STRUCK) -> str:
        """The text with `by` in place of each."""
        if not (self.pattern and self.is_in(text)):
            return text
        origin = [place for place, sign in enumerate(text) for _ in PLAIN[ord(sign)]]
        left, done = "", 0
        for found in self.pattern.finditer(text.translate(PLAIN)):
            left += text[done : origin[found.start()]] + by
            done = origin[found.end() - 1] + 1
        return left + text[done:]


def is_full(name: str) -> bool:
    """Whether it has more than one word: a single one may be a word of any sentence, or somebody else's name too."""
    return len(name.translate(PLAIN).replace(INVISIBLE, " ").split()) > 1


def strike(words: Iterable[str]) -> int:
    """Put "[…]" in place of each of `words` wherever somebody wrote it in a sentence; gives the number of rows.

    It reads all that was ever typed: no search of a database finds a name with a sign in it that nobody sees.
    """
    sought, number = Sought(words), 0
    for text in registered():
        if text.is_name:
            continue
        rows = text.model._default_manager.order_by("pk").exclude(**{text.field: ""})
        for pk, written in list(rows.values_list("pk", text.field)):
            struck = sought.struck(written)
            if struck != written:
                number += text.model._default_manager.filter(pk=pk).update(**{text.field: struck})
    return number
