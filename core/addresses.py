"""What a mail address is: one rule for every door at which one comes in.

An address is kept in small letters and in ASCII. A letter such as the Turkish ı folds into an ASCII one in some
programs and not in others, so that it would be one account here and another mailbox there; and a domain with other
letters has an ASCII form of its own, which can be asked for.
"""

import re
from urllib.parse import unquote

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext_lazy as _

from core import cleaning

LONGEST = 254  # RFC 5321, 4.5.3.1.3, without the angle brackets
LONGEST_LOCAL_PART = 64  # 4.5.3.1.1
NO_ADDRESS = _("This is no e-mail address. Write it as name@organisation.nl.")
OTHER_LETTERS = _(
    "An e-mail address here has only the letters a to z, without accents or signs of another alphabet. Type it again."
)
has_its_shape = EmailValidator(message=NO_ADDRESS, allowlist=[])

LIST_SEPARATORS = re.compile(r"[\n;,]")
IN_BRACKETS = re.compile(r"<([^<>]*)>")
QUOTED_NAME = re.compile(r"[\"“”„][^\"“”„\n@]*[\"“”„]")
NAME_WORD = re.compile(r"(?:[^\W\d_]\.)+|[^\W\d_]+(?:['’-][^\W\d_]+)*[.:]?|\d{1,3}[.)]?|[^\w@]+")
AROUND = " \t<>()[]{}\"'“”„‘’`.:*•·–—"


def tidy(text: str) -> str:
    """As it is kept, if it is an address: no name beside it, no `mailto:`, nothing that is not seen, small letters."""
    text = cleaning.line(text)
    if in_brackets := re.fullmatch(r"[^<>@]*<([^<>]*)>", text):  # Noor de Wit <noor@…>
        text = in_brackets[1].strip()
    if text[:7].lower() == "mailto:":
        text = unquote(text[7:].partition("?")[0]).strip()
    # ASCII alone: lower() of other letters may give ASCII ones.
    return text.lower() if text.isascii() else text


def check(address: str) -> None:
    """Raise ValidationError, with a sentence for who typed it, for what cannot be kept as an address."""
    if "@" in address and not address.isascii():
        raise ValidationError(OTHER_LETTERS, code="other_letters")
    has_its_shape(address)
    local = address.rpartition("@")[0]
    # Quoted local parts and numeric hosts are allowed by RFC 5321, used by nobody, and refused by many servers.
    if len(address) > LONGEST or len(local) > LONGEST_LOCAL_PART or '"' in local or address.endswith("]"):
        raise ValidationError(NO_ADDRESS, code="invalid")


def read(text: str) -> str:
    """The address that `text` is. Raises ValidationError as `check` does."""
    address = tidy(text)
    check(address)
    return address


def read_list(text: str) -> tuple[list[str], list[str]]:
    """The addresses in a pasted list, each once, in their order; and what is meant as one and is none.

    Takes what mail programs, spreadsheets and web pages give: names before or behind an address, quotes and brackets,
    `mailto:`, bullets, and commas, semicolons, tabs, spaces or lines between. `email.utils.getaddresses` knows
    headers only: it loses all of a list that has one semicolon.
    """
    found: dict[str, None] = {}
    wrong: dict[str, None] = {}
    for row in cleaning.paragraphs(text).split("\n"):
        row = QUOTED_NAME.sub(" ", row)
        has_names = bool(IN_BRACKETS.search(row))
        for part in LIST_SEPARATORS.split(row):
            words = _words(part)
            meant = [word for word in words if "@" in word]
            for word in meant:
                try:
                    found[read(word)] = None
                except ValidationError:
                    wrong[word] = None
            # Words beside an address are a name. Alone they are an address that went wrong, but for "Bakker" in
            # "Bakker, Sam <sam@…>".
            if not meant and words and not (has_names and all(map(NAME_WORD.fullmatch, words))):
                wrong[" ".join(words)] = None
    return list(found), list(wrong)


def _words(part: str) -> list[str]:
    bare = part.replace("<", " ").replace(">", " ").replace("(", " ").replace(")", " ")
    stripped = (word.strip(AROUND) for word in bare.replace("[", " ").replace("]", " ").split())
    return [word for word in stripped if word]
