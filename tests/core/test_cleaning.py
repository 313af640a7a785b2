"""What is left of text that was typed or pasted."""

import pytest

from core import cleaning

INVISIBLE = [
    *("\u200b", "\u200c", "\u200d", "\u200e", "\u200f", "\u00ad", "\ufeff", "\u2060", "\u061c", "\u180e"),
    *("\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069", "\U000e0041"),
    *("\x00", "\x07", "\x08", "\x1b", "\x7f", "\x9f", "\ud800", "\udfff", "\ufffe", "\U000f0000"),
]
BREAKS = ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"]
SPACES = ["\t", "\u00a0", "\u2003", "\u202f", "\u3000", "\u3164", "\u2800"]


@pytest.mark.parametrize("sign", INVISIBLE, ids=ascii)
def test_what_nobody_sees_goes(sign):
    assert cleaning.line(f"{sign}No{sign}or{sign}") == cleaning.paragraphs(f"{sign}No{sign}or{sign}") == "Noor"
    assert cleaning.line(sign) == cleaning.paragraphs(sign) == ""


@pytest.mark.parametrize("sign", BREAKS, ids=ascii)
def test_what_breaks_a_line_is_a_space_in_a_line_and_a_line_feed_in_paragraphs(sign):
    assert cleaning.line(f"een{sign}twee{sign}") == "een twee"
    assert cleaning.paragraphs(f"een{sign}{sign}twee{sign}") == "een\n\ntwee"


@pytest.mark.parametrize("sign", SPACES, ids=ascii)
def test_every_space_is_a_plain_one(sign):
    assert cleaning.line(f"{sign}een{sign}{sign}twee{sign}") == "een twee"
    assert cleaning.paragraphs(f"{sign}een{sign}{sign}twee{sign}\n{sign}drie") == "een twee\ndrie"
    assert cleaning.line(sign) == cleaning.paragraphs(sign) == ""


def test_text_of_marks_alone_shows_nothing():
    assert cleaning.line("\ufe0f") == cleaning.line("\u034f\u0301") == cleaning.paragraphs("\u200b\n\u2060") == ""


@pytest.mark.parametrize(
    "text",
    [
        "Zoë & Łukasz, d’Été – 5 €",
        "نورا دی‌ویت",  # Persian is spelled with a zero-width non-joiner
        "क्‍ष",  # and Hindi with a joiner
        "Samen 👩🏽‍🔬❤️‍🔥",  # one emoji out of several
        "東京 תל אביב",
    ],
)
def test_what_a_language_needs_stays(text):
    assert cleaning.line(text) == cleaning.paragraphs(text) == text


def test_an_accent_typed_apart_is_the_same_letter():
    assert cleaning.line("Zoe\u0308") == "Zoë"


@pytest.mark.parametrize("sign", [0, 0xD800, 0xDFFF, 0xFFFD])
def test_what_is_no_text_is_damaged(sign):
    assert cleaning.is_damaged(f"a{chr(sign)}b")
    assert not cleaning.is_damaged("a\u200bb\u202e")
