"""Passwords that are guessed first here: Dutch words and those of this house (members/data/known_words.txt).

Django's own list of common passwords is English, and knows whole passwords only.
"""

import re
import unicodedata
from functools import cache
from pathlib import Path

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.cleaning import normal

KNOWN_WORDS = Path(__file__).parent / "data" / "known_words.txt"
NO_LETTERS = re.compile(r"[^a-z]+")
AROUND = re.compile(r"^[^a-z]+|[^a-z]+$")
# How people write a letter as a sign; 1 stands for two letters.
SIGNS = str.maketrans("0345678@$!€+|", "oeasgtbasietl")
LONGEST = 200  # letters that are looked at


@cache
def known_words() -> frozenset[str]:
    lines = KNOWN_WORDS.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def readings(password: str) -> set[str]:
    """The letters that a password can be read as: with and without what stands around it, signs as letters or not."""
    plain = normal("NFKD", password).casefold()
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    found = {plain}
    for text in (plain, AROUND.sub("", plain)):
        found |= {text.replace("1", one).translate(SIGNS) for one in "il"}
    return {NO_LETTERS.sub("", text)[:LONGEST] for text in found}


def is_made_of_known_words(password: str) -> bool:
    """Whether nothing is left of it once known words, digits and signs are taken out."""
    return any(map(is_covered, readings(password)))


def is_covered(letters: str) -> bool:
    """Whether known words stand end to end in it; so does nothing at all. Of a very long one, in its beginning."""
    words = known_words()
    longest = max(map(len, words))
    reached = {0}
    for end in range(1, len(letters) + 1):
        if any(start in reached and letters[start:end] in words for start in range(max(0, end - longest), end)):
            reached.add(end)
    return len(letters) in reached or (len(letters) == LONGEST and max(reached) > LONGEST - longest)


class LengthValidator(password_validation.MinimumLengthValidator):
    """Django's, in the portal's words. So are the two after it."""

    def get_help_text(self):
        return ngettext("At least %(count)d character.", "At least %(count)d characters.", self.min_length) % {
            "count": self.min_length
        }


class CommonValidator(password_validation.CommonPasswordValidator):
    def get_help_text(self):
        return _("Not one that many people use.")


class SimilarityValidator(password_validation.UserAttributeSimilarityValidator):
    def get_help_text(self):
        return _("Not almost your name or your e-mail address.")


class KnownWordsValidator:
    """For AUTH_PASSWORD_VALIDATORS."""

    def validate(self, password, user=None):
        if is_made_of_known_words(password):
            raise ValidationError(self.get_help_text(), code="password_of_known_words")

    def get_help_text(self):
        return _(
            "Words such as “wachtwoord”, “partos” or a month are guessed first, with digits behind them too. Choose a"
            " password that also holds something that nobody expects."
        )
