"""What becomes of text that people type or paste, before it is stored: one rule for a line, one for paragraphs.

Signs that nobody sees go: control characters, and format characters such as a zero-width space, a soft hyphen or what
turns the direction of the words behind it. Text that shows nothing is empty. `core.model_fields` and
`core.form_fields` call this; nothing else needs to.
"""

import re
import unicodedata
from typing import Literal

# Each breaks a line, by Unicode or by the programs that people paste from.
LINE_BREAK = re.compile("\r\n|[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")
SPACE = re.compile(r"[^\S\n]+")
JOINERS = "\u200c\u200d"
# Letters and signs, by their category, that show nothing: fillers of Hangul, an empty Braille cell.
BLANK_SIGNS = "\u115f\u1160\u2800\u3164\uffa0"
SHOWS_NOTHING = ("Z", "C", "M")
# NFC makes it a plain K, the only letter that becomes one; in a mail address it is refused and not repaired.
KELVIN = "\u212a"
# Accents and the like in a row, on one letter: Hebrew with all its points has five. A pile of them covers the lines
# around it; and a normal form sorts them in the square of their number, for minutes when a request is full of them.
MOST_MARKS = 8
# Not in text that can be stored and sent: half a character, NUL, and what stands where bytes were no text.
DAMAGED = re.compile("[\x00\ud800-\udfff\ufffd]")


def line(text: str) -> str:
    """One line, single spaces; "" when nothing of it shows."""
    return _empty_unless_shown(SPACE.sub(" ", _visible(LINE_BREAK.sub(" ", text))).strip())


def paragraphs(text: str) -> str:
    """Lines that end in a line feed, without space around them; "" when nothing shows."""
    lines = (SPACE.sub(" ", each).strip() for each in _visible(LINE_BREAK.sub("\n", text)).split("\n"))
    return _empty_unless_shown("\n".join(lines).strip())


def is_damaged(text: str) -> bool:
    """Whether it holds something that is no text, such as NUL: that is asked again and not left out in silence."""
    return bool(DAMAGED.search(text))


def normal(form: Literal["NFC", "NFKC", "NFKD"], text: str) -> str:
    """One of Unicode's normal forms, in a time that grows with the text: what is piled on one letter is cut off."""
    if text.isascii():
        return text
    kept, piled = [], 0
    for sign in text:
        piled = piled + 1 if unicodedata.combining(sign) else 0
        if piled <= MOST_MARKS:
            kept.append(sign)
    return unicodedata.normalize(form, "".join(kept))


def _visible(text: str) -> str:
    """NFC, without what shows nothing; spaces of every kind become plain ones."""
    text = text.encode("utf-8", "ignore").decode()
    text = KELVIN.join(normal("NFC", part) for part in text.split(KELVIN))
    if text.isascii() and text.isprintable():
        return text
    shown = []
    for place, sign in enumerate(text):
        if sign in "\n\t" or unicodedata.category(sign) == "Zs" or sign in BLANK_SIGNS:
            shown.append(sign if sign == "\n" else " ")
        elif _is_shown(sign) or (sign in JOINERS and _joins(text, place)):
            shown.append(sign)
    return "".join(shown)


def _is_shown(sign: str) -> bool:
    """What Unicode has not given a meaning yet may be an emoji newer than this Python; but no "noncharacter"."""
    category = unicodedata.category(sign)
    if category == "Cn":
        return not (ord(sign) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(sign) <= 0xFDEF or 0xE0000 <= ord(sign) <= 0xE0FFF)
    return category[0] != "C"


def _joins(text: str, place: int) -> bool:
    """Whether a joiner stands where spelling needs it: in Persian and the scripts of India, or inside one emoji.

    Both its neighbours are beyond the Latin, Greek and Cyrillic scripts then; anywhere else it is only invisible.
    """
    around = text[max(place - 1, 0) : place] + text[place + 1 : place + 2]
    return len(around) == 2 and all(sign > "\u0590" and unicodedata.category(sign)[0] in "LMS" for sign in around)


def _empty_unless_shown(text: str) -> str:
    return text if any(unicodedata.category(sign)[0] not in SHOWS_NOTHING for sign in text) else ""
