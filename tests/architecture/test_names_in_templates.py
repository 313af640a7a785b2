"""Names of people and organisations stand apart from the text around them, whatever direction they are written in."""

import re

from django.template import Context, Template

from tests.architecture.test_conventions import TEMPLATES, offenders

NAME = (
    r"(?:\w+\.)*(?:person|organisation|organisations|registered_by|proposer|colleague)"
    r"|(?:\w+\.)*(?:person|invitation)\.name|user"
)
# Where no element may stand: what a page is called, an option, an attribute.
NO_ELEMENTS = re.compile(
    r"{% block title %}.*?{% endblock %}|<option.*?</option>|<title>.*?</title>"
    r"|=\"[^\"<>]*\"|{% comment %}.*?{% endcomment %}",
    re.DOTALL,
)
SHOWN = re.compile(rf"{{{{ (?:{NAME})(?P<filters>(?:\|[^}}]*)?) }}}}")
PASSED = re.compile(r"{% blocktranslate [^%]*%}")
GIVEN = re.compile(rf"\w+=(?:{NAME})(?P<filters>(?:\|[\w:\"]+)*)(?=\s)")
BLOCK = re.compile(r"({% blocktranslate[^%]*%})(.*?){% endblocktranslate %}", re.DOTALL)


def bare_names(source):
    """Each name in a template that is not marked."""
    source = NO_ELEMENTS.sub("", source)
    found = []
    for head, inside in BLOCK.findall(source):
        found += [given[0] for given in GIVEN.finditer(head) if "|bdi" not in given["filters"]]
        known = re.findall(r"(\w+)=", head)
        found += [shown[0] for shown in SHOWN.finditer(inside) if shown[0].strip("{} ") not in known]
    outside = BLOCK.sub("", source)
    return found + [shown[0] for shown in SHOWN.finditer(outside) if "|bdi" not in shown["filters"]]


def test_every_name_in_a_page_or_mail_is_marked():
    assert offenders(TEMPLATES, lambda path: bare_names(path.read_text())) == {}


def test_a_name_that_is_not_marked_is_found():
    assert bare_names("<p>{{ row.person }}</p>") == ["{{ row.person }}"]
    assert bare_names("{% blocktranslate with a=row.person b=x|bdi %}{{ a }}{% endblocktranslate %}") == [
        "a=row.person"
    ]
    assert bare_names("{% blocktranslate %}{{ organisation }}{% endblocktranslate %}") == ["{{ organisation }}"]
    assert bare_names("<p>{{ row.person|bdi }}</p><option>{{ organisation }}</option>") == []


def test_what_marks_a_name_escapes_it_and_leaves_nothing_for_nothing():
    template = Template("{{ name|bdi }}{{ nobody|bdi }}{{ names|bdi|join:', ' }}")
    context = Context({"name": "<b>", "nobody": "", "names": ["a", "b&"]})
    assert template.render(context) == "<bdi>&lt;b&gt;</bdi><bdi>a</bdi>, <bdi>b&amp;</bdi>"
