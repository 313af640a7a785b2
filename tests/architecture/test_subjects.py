"""What may stand in the subject of a mail: nothing that a person typed who is confirmed by nobody.

A subject is read before anything else, and believed: it comes from the portal's own address.
"""

from pathlib import Path

from django.template import engines
from django.template.base import FilterExpression, VariableNode
from django.templatetags.i18n import BlockTranslateNode

from tests.architecture.test_conventions import offenders

TEMPLATES = Path(__file__).parent.parent.parent / "templates"
SUBJECTS = [*TEMPLATES.glob("*/mail/*/subject.txt"), *TEMPLATES.glob("account/email/*_subject.txt")]
# By who decides on the words.
MAY_STAND = {
    "typed by who acts for a member or partner, for the team or by it": {"session.title", "into.title", "series.title"},
    "kept by the team alone": {"group.title", "organisation", "certificate.standard", "route.title"},
    "counted or dated by the portal": {
        "number",
        "released",
        "certificate.expires_on",
        "session.starts_at",
        "until",
        "last",
    },
    "the subject of another mail, for which the same holds": {"groups.0.rows.0.subject"},
}


def name(path):
    return str(path.relative_to(TEMPLATES))


def variables_in(path):
    """Each variable whose words come into the text, as it stands in the context."""
    found = set()
    template = engines["django"].get_template(name(path)).template
    for node in template.nodelist.get_nodes_by_type(VariableNode):
        found.add(root(node.filter_expression))
    for node in template.nodelist.get_nodes_by_type(BlockTranslateNode):
        given = {key: root(value) for key, value in node.extra_context.items()}
        if node.countervar:
            given[node.countervar] = root(node.counter)
        tokens = [*(node.singular or []), *(node.plural or [])]
        words = {token.contents for token in tokens if token.token_type.name == "VAR"}
        found |= {given.get(word, word) for word in words}
    return found


def root(expression: FilterExpression):
    return getattr(expression.var, "var", str(expression.var))


def test_there_are_subjects():
    assert len(SUBJECTS) > 40


def test_a_subject_holds_no_words_of_strangers():
    allowed = set().union(*MAY_STAND.values())
    assert offenders(SUBJECTS, lambda path: variables_in(path) - allowed) == {}


def test_what_may_stand_in_a_subject_does_stand_in_one():
    assert set().union(*map(variables_in, SUBJECTS)) == set().union(*MAY_STAND.values())
