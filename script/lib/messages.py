"""Dutch for every English text of ours: collects the texts, keeps the translations, compiles them, and checks them."""

import argparse
import ast
import io
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from script.lib.trial import ROOT

PO = ROOT / "locale/nl/LC_MESSAGES/django.po"
MO = PO.with_suffix(".mo")
APPS = ["core", "members", "leerlijnen", "sessions_app", "integrity", "quality", "partos_portal"]
KEYWORDS = {
    **dict.fromkeys(["_", "gettext", "gettext_lazy", "gettext_noop"], (1,)),
    **dict.fromkeys(["ngettext", "ngettext_lazy"], (1, 2)),
    **dict.fromkeys(["pgettext", "pgettext_lazy"], ((1, "c"), 2)),
    **dict.fromkeys(["npgettext", "npgettext_lazy"], ((1, "c"), 2, 3)),
}
SHOWN = 30
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)  # Babel writes one; the same for ever, or each compilation would differ
# Written by hand, because Babel's own carries the moment of writing, and so a change in every commit.
HEADER = """\
msgid ""
msgstr ""
"Project-Id-Version: Netwerk en Leren\\n"
"Language: nl\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""
LITERAL = r"""(?:u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))"""
CALL = re.compile(rf"(?<!\w)(npgettext|ngettext|pgettext|gettext|_)\(\s*({LITERAL}(?:\s*,\s*{LITERAL})*)", re.DOTALL)
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|(?<!\{)\{(\w*)\}")


def extract() -> Catalog:
    """Every text in our Python code and templates, in the order of the files."""
    catalog = Catalog(locale="nl", charset="utf-8")
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            found = extract_from_file("python", path, keywords=KEYWORDS)
            for _line, message, _comments, context in found:
                add(catalog, path, message, context)
    for folder in [ROOT / "templates", *(ROOT / app / "templates" for app in APPS)]:
        for path in sorted([*folder.rglob("*.html"), *folder.rglob("*.txt")]):
            for message, context in texts_of_template(path):
                add(catalog, path, message, context)
    return catalog


def add(catalog: Catalog, path: Path, message, context) -> None:
    place = (str(path.relative_to(ROOT)), None)
    known = catalog.get(message if isinstance(message, str) else message[0], context)
    if known is not None and place in known.locations:
        return
    catalog.add(message, locations=[place], context=context)


def texts_of_template(path: Path):
    """The texts of one template: Django turns it into something like Python, in which the calls can be found."""
    from django.utils.translation.template import templatize

    for call in CALL.finditer(templatize(path.read_text(), origin=str(path))):
        texts = [ast.literal_eval(literal) for literal in re.findall(LITERAL, call[2])]
        name = call[1]
        if name == "pgettext":
            yield texts[1], texts[0]
        elif name == "npgettext":
            yield (texts[1], texts[2]), texts[0]
        elif name == "ngettext":
            yield (texts[0], texts[1]), None
        else:
            yield texts[0], None


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="nl", charset="utf-8")


def updated(*fragments: Path) -> Catalog:
    """What is wanted now, with the translations that we have and those of the fragments."""
    wanted = extract()
    sources = [read(path) for path in (PO, *fragments) if path.exists()]
    for message in wanted:
        if not message.id:
            continue
        for source in sources:
            known = source.get(message.id if isinstance(message.id, str) else message.id[0], message.context)
            if known is not None and filled(known) and isinstance(known.id, str) == isinstance(message.id, str):
                message.string = known.string
                message.flags |= known.flags & {"fuzzy"}
                break
    return wanted


def filled(message: Message) -> bool:
    return bool(message.string) and (isinstance(message.string, str) or all(message.string))


def as_po(catalog: Catalog) -> bytes:
    file = io.BytesIO()
    write_po(file, catalog, width=120, omit_header=True, sort_by_file=True, include_lineno=False, ignore_obsolete=True)
    return HEADER.encode() + file.getvalue()


def as_mo(catalog: Catalog) -> bytes:
    """The compiled form of the text form, so that both always tell the same; it names no moment of compiling."""
    file = io.BytesIO()
    compiled = read_po(io.BytesIO(as_po(catalog)), locale="nl", charset="utf-8")
    compiled.creation_date = MOMENT
    write_mo(file, compiled)
    return file.getvalue()


def complaints(catalog: Catalog) -> list[str]:
    """What keeps the Dutch from being complete and right, one line each."""
    found = []
    for message in catalog:
        if not message.id:
            continue
        text = message.id if isinstance(message.id, str) else message.id[0]
        place = message.locations[0][0] if message.locations else "?"
        if message.fuzzy:
            found.append(f"{place}: not certain (fuzzy): {text!r}")
        elif not filled(message):
            found.append(f"{place}: not translated: {text!r}")
        else:
            found += [f"{place}: {problem}: {text!r}" for problem in wrong_placeholders(message)]
    return found


def wrong_placeholders(message: Message) -> list[str]:
    """A translation must name the placeholders of its source; in the singular the number may be left out."""

    def names(text: str) -> set[str]:
        return {a or f"{{{b}}}" for a, b in PLACEHOLDER.findall(text)}

    if isinstance(message.id, str):
        pairs = [(names(message.id), names(message.id), str(message.string))]
    else:
        one, many = map(names, message.id)
        pairs = [(one & many, one | many, message.string[0]), (many, many, message.string[1])]
    return [
        f"placeholders {sorted(names(translated))} instead of {sorted(most)}"
        for least, most, translated in pairs
        if not least <= names(translated) <= most
    ]


def check() -> list[str]:
    catalog = updated()
    found = complaints(catalog)
    if not PO.exists() or PO.read_bytes() != as_po(catalog):
        found.append(f"{PO.relative_to(ROOT)} is not what the code asks for; run script/messages")
    elif not MO.exists() or MO.read_bytes() != as_mo(catalog):
        found.append(f"{MO.relative_to(ROOT)} was not compiled from it; run script/messages")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="script/messages", description="Keep the Dutch translation complete.")
    parser.add_argument("--check", action="store_true", help="change nothing; fail when something is missing")
    parser.add_argument(
        "--merge", nargs="+", type=Path, default=[], metavar="FILE", help="take translations from these"
    )
    arguments = parser.parse_args()
    if arguments.check:
        found = check()
    else:
        catalog = updated(*arguments.merge)
        PO.parent.mkdir(parents=True, exist_ok=True)
        PO.write_bytes(as_po(catalog))
        MO.write_bytes(as_mo(catalog))
        found = complaints(catalog)
    if found:
        print(*found[:SHOWN], *(["..."] if len(found) > SHOWN else []), sep="\n")
        sys.exit(f"{len(found)} things to mend in the Dutch translation.")
    print("Every text has its Dutch.")


if __name__ == "__main__":
    main()
