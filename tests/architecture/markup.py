"""What the HTML of every page must be, whoever reads it."""

import re
from collections import Counter

import html5lib

NEWER = {"popover", "popovertarget"}


def faults(page: str, *, is_mail: bool = False) -> list[str]:
    """What is wrong with a page: what html5lib does not accept, doubled ids, headings and the language."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree = parser.parse(page)
    found = [f"line {line}: {code} {data}" for (line, _column), code, data in parser.errors]
    ids = Counter(element.get("id") for element in tree.iter() if isinstance(element.tag, str) and element.get("id"))
    found += [f"id {name!r} stands {number} times" for name, number in ids.items() if number > 1]
    references = {
        name
        for element in tree.iter()
        if isinstance(element.tag, str)
        for attribute in ("for", "aria-labelledby", "aria-describedby", "aria-controls", "popovertarget")
        for name in element.get(attribute, "").split()
    }
    found += [f"nothing has the id {name!r} that is referred to" for name in sorted(references - set(ids))]
    if not tree.get("lang"):
        found.append("no lang on html")
    headings = len(list(tree.iter("h1")))
    if headings != 1 and not is_mail:
        found.append(f"{headings} times h1")
    if not re.search(r"<title>\s*[^<\s]", page):
        found.append("no title")
    return found
