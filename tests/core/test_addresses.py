"""One rule for what a mail address is."""

import pytest
from django.core.exceptions import ValidationError

from core import addresses

GUEST = "gast@buiten.example"


@pytest.mark.parametrize(
    "text",
    [
        GUEST,
        f"{GUEST}\u200b",
        f"\ufeff{GUEST}\u00ad",
        "gast\u200b@buiten\u2060.example",
        f" {GUEST}\t\r\n",
        f"\u202a{GUEST}\u202c",
        f"\u00a0{GUEST}\u00a0",
        f"mailto:{GUEST}",
        f"MAILTO:{GUEST}?subject=Hallo",
        f"Gast <{GUEST}>",
        f'"Buiten, Gast" <{GUEST}>',
        "Gast@Buiten.Example",
    ],
    ids=ascii,
)
def test_the_same_mailbox_is_the_same_text(text):
    assert addresses.read(text) == GUEST


@pytest.mark.parametrize(
    "text",
    [
        "ırem@kantoor.example",
        "İrem@kantoor.example",
        "ſam@kantoor.example",
        "\u212aofi@kantoor.example",  # the sign of kelvin
        "noor@kantoor.exampLe".replace("L", "\u217c"),
        "noör@kantoor.example",
        "noor@käntoor.example",
        "noor＠kantoor.example",
        "ноор@kantoor.example",
    ],
    ids=ascii,
)
def test_an_address_that_cannot_be_mailed_is_refused(text):
    with pytest.raises(ValidationError):
        addresses.read(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "gast", "gast@", "@buiten.example", "gast@buiten", "gast@localhost", "gast@@buiten.example"),
        *("gast @buiten.example", "gast@buiten..example", "gast@[127.0.0.1]", '"a b"@buiten.example'),
        *("a@b.example, c@d.example", "a@b.example c@d.example", f"{'a' * 65}@buiten.example"),
        *(f"gast@{'a.' * 130}example", "gast@buiten.example>", "gast@-buiten.example", ".gast@buiten.example"),
    ],
)
def test_what_is_no_address_is_refused(text):
    with pytest.raises(ValidationError):
        addresses.read(text)


def test_a_domain_in_its_ascii_form_is_an_address():
    assert addresses.read("noor@xn--kntoor-cua.example") == "noor@xn--kntoor-cua.example"


NOOR, SAM, KOFI = "noor@horizonhulp.example", "sam@horizonhulp.example", "kofi@stemrecht.example"


@pytest.mark.parametrize(
    "text",
    [
        f"{NOOR}\n{SAM}\r\n{KOFI}",
        f"{NOOR} {SAM} {KOFI}",
        f"{NOOR}\t{SAM}\t{KOFI}",
        f"{NOOR},{SAM}; {KOFI};",
        f"• {NOOR}\n• {SAM}\n• {KOFI}",
        f"- {NOOR}\n* {SAM}\n– {KOFI}",
        f"1. {NOOR}\n2) {SAM}\n3. {KOFI}.",
        f'Noor de Wit <{NOOR}>; "Bakker, Sam" <{SAM}>; Kofi Testman <{KOFI}>',
        f"Wit, Noor de <{NOOR}>; Bakker, Sam <{SAM}>\nTestman, Kofi <{KOFI}>",
        f"<{NOOR}>,<{SAM}>,<{KOFI}>",
        f"mailto:{NOOR} mailto:{SAM}?subject=x&body=y <mailto:{KOFI}>",
        f"Noor de Wit\t{NOOR}\nSam Bakker\t{SAM}\nKofi Testman\t{KOFI}",
        f"Aan: {NOOR}; {SAM}\nCc: {KOFI}",
        f"{NOOR}\u200b\n\ufeff{SAM}\u00a0{KOFI}\u2028",
        f"Noor de Wit ({NOOR}), Sam Bakker ({SAM}), Kofi Testman [{KOFI}]",
        f"'{NOOR}', “{SAM}”, {KOFI.upper()}",
        f"{NOOR} <{NOOR}>, {SAM}, {SAM.title()}, {KOFI}, {NOOR}",
    ],
    ids=ascii,
)
def test_a_pasted_list_gives_the_addresses_each_once(text):
    assert addresses.read_list(text) == ([NOOR, SAM, KOFI], [])


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (f"{NOOR}\nsam.horizonhulp.example", ["sam.horizonhulp.example"]),
        (f"Noor <{NOOR}>, sam.horizonhulp.example", ["sam.horizonhulp.example"]),
        (f"{NOOR}; ırem@kantoor.example", ["ırem@kantoor.example"]),
        (f"{NOOR}; sam@horizonhulp", ["sam@horizonhulp"]),
        (f"{NOOR}; geen adres", ["geen adres"]),
        (f"{NOOR}; {SAM}{KOFI}", [f"{SAM}{KOFI}"]),
    ],
)
def test_what_is_meant_as_an_address_and_is_none_is_named(text, wrong):
    assert addresses.read_list(text) == ([NOOR], wrong)


def test_an_empty_list_has_none():
    assert addresses.read_list(" \n• ;,\u200b") == ([], [])
