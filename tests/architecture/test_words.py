"""Texts follow the reader's language: none is frozen as the code is read, and no refusal answers in another one."""

import ast
import re

import html5lib
import pytest
from babel.messages.pofile import read_po
from django import forms
from django.db import transaction
from django.urls import get_resolver
from django.utils.functional import Promise
from django.utils.translation import override

from core.http import FORM_REFUSED
from script.lib.messages import PO
from sessions_app.rules import SEATS_WANTED
from tests.architecture.planted import PEOPLE, World, plant
from tests.architecture.test_access import GET
from tests.architecture.test_conventions import CODE, name, tree

LAZY = {"gettext_lazy", "ngettext_lazy", "pgettext_lazy", "npgettext_lazy"}
AT_ONCE = {"gettext", "ngettext", "pgettext", "npgettext"}


def imported(module: ast.Module, wanted: set[str]) -> set[str]:
    """The names under which a module knows some of gettext's functions."""
    return {
        alias.asname or alias.name
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name in wanted
    }


def calls(node: ast.AST, names: set[str]) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names


def frozen(module: ast.Module) -> list[int]:
    """Lines where a lazy text is put into another, which makes it a text of the language of that moment.

    It is refused in functions too, because what makes a field is called while a form's class is read. There `gettext`
    says what happens, and `format_lazy` or Django's own `%(limit_value)s` keeps it lazy.
    """
    names = imported(module, LAZY)
    constants = {
        target.id
        for node in module.body
        if isinstance(node, ast.Assign) and calls(node.value, names)
        for target in node.targets
        if isinstance(target, ast.Name)
    }

    def is_lazy(node: ast.AST) -> bool:
        return calls(node, names) or (isinstance(node, ast.Name) and node.id in constants)

    return sorted(
        node.lineno
        for node in ast.walk(module)
        if (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod | ast.Add) and is_lazy(node.left))
        or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and is_lazy(node.right))
        or (isinstance(node, ast.Attribute) and is_lazy(node.value))
        or (isinstance(node, ast.FormattedValue) and is_lazy(node.value))
    )


def read_at_import(module: ast.Module) -> list[int]:
    """Lines outside functions that ask for a translation at once."""
    names = imported(module, AT_ONCE)
    waiting: list[ast.AST] = [module]
    found = []
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            waiting += [*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)]
        elif not isinstance(node, ast.Lambda):
            waiting += ast.iter_child_nodes(node)
        if calls(node, names):
            found.append(node.lineno)
    return sorted(found)


def test_no_lazy_text_is_frozen():
    assert [f"{name(path)}:{line}" for path in CODE for line in frozen(tree(path))] == []


def test_no_text_is_translated_while_the_code_is_read():
    assert [f"{name(path)}:{line}" for path in CODE for line in read_at_import(tree(path))] == []


@pytest.mark.parametrize(
    ("line", "is_refused"),
    [
        ('A = _("a %(n)s") % {"n": 1}', True),
        ('A = _("a {}").format(1)', True),
        ("A = f\"{_('a')}\"", True),
        ('A = "b" + _("a")', True),
        ('A = _("a %s")\ndef f():\n    return A % 1', True),
        ('def f():\n    return _("a %s") % 1', True),
        ('A = t("a")', True),
        ('def f(a=t("a")):\n    return a', True),
        ('def f():\n    return t("a %s") % 1', False),
        ('A = format_lazy(_("a {n}"), n=1)', False),
        ('A = [_("a")] + [_("b")]', False),
    ],
)
def test_the_rule_knows_a_frozen_text(line, is_refused):
    module = ast.parse(f"from x import gettext as t\nfrom x import gettext_lazy as _\n{line}")
    assert bool(frozen(module) + read_at_import(module)) == is_refused


def dutch() -> list[tuple[str, re.Pattern]]:
    """Our Dutch sentences that are others in English: the longest part without a placeholder, and what finds it all."""
    with PO.open("rb") as file:
        messages = [message for message in read_po(file) if message.id]
    pairs = [
        pair
        for message in messages
        for pair in (
            [(message.id, message.string)]
            if isinstance(message.id, str)
            else zip(message.id, message.string, strict=True)
        )
    ]
    sentences = {theirs for ours, theirs in pairs if ours != theirs and " " in theirs.strip()}
    parts = [re.split(r"%\(\w+\)[sd]|\{\w*\}", sentence) for sentence in sorted(sentences)]
    return [(max(each, key=len), re.compile(".+?".join(map(re.escape, each)))) for each in parts]


DUTCH = dutch()


def dutch_in(text: str) -> list[str]:
    return [found[0] for part, sentence in DUTCH if part in text and (found := sentence.search(text))]


def test_dutch_is_known_from_english():
    assert len(DUTCH) > 1000
    with override("nl"):
        assert dutch_in(str(SEATS_WANTED)) != []
    with override("en"):
        assert dutch_in(str(SEATS_WANTED)) == []


def all_forms() -> list[type[forms.BaseForm]]:
    """Every form class of ours, once all modules that the URLs lead to are read."""
    get_resolver().url_patterns  # noqa: B018
    found, waiting = [], [forms.BaseForm]
    while waiting:
        kinds = waiting.pop().__subclasses__()
        waiting += kinds
        found += [kind for kind in kinds if not kind.__module__.startswith("django.")]
    return found


def choices_of(field: forms.Field):
    """What a field lets choose from; rows of the database are named by who made them."""
    return [] if isinstance(field, forms.ModelChoiceField) else getattr(field.widget, "choices", [])


def texts_of(form: type[forms.BaseForm]):
    """All that the fields of a form class may say, as it was written."""
    for label, field in getattr(form, "base_fields", {}).items():
        said = [field.label, field.help_text, *field.error_messages.values()]
        said += [validator.message for validator in field.validators if hasattr(validator, "message")]
        said += [shown for _value, shown in choices_of(field) if isinstance(shown, str | Promise)]
        yield from ((f"{form.__module__}.{form.__name__}.{label}", text) for text in said if text)


@pytest.mark.django_db
def test_what_the_fields_of_every_form_say_is_english_on_an_english_page():
    kinds = all_forms()
    assert len(kinds) > 40
    with override("en"):
        assert {where: str(text) for kind in kinds for where, text in texts_of(kind) if dutch_in(str(text))} == {}


def posted_forms(page: str):
    """Address and names of the fields of each form that posts."""
    for form in html5lib.parse(page, namespaceHTMLElements=False).iter("form"):
        if form.get("method", "get").lower() == "post":
            fields = [field for kind in ("input", "select", "textarea") for field in form.iter(kind)]
            names = {field.get("name") for field in fields if field.get("name") and field.get("type") != "hidden"}
            hidden = {field.get("name"): field.get("value", "") for field in fields if field.get("type") == "hidden"}
            yield form.get("action", ""), names, hidden


ODD = ["", "x", "9" * 12, "x" * 6000, "0001-01-01T00:00", "\N{ZERO WIDTH SPACE}"]
AS = ["practitioner", "contact", "host", "staff", "integrity_coordinator", "quality_coordinator"]


def refusals(world: World, role: str):
    """The text of each English page that refused a form, for what may be typed into any of them."""
    seen = set()
    for (url_name, place), answers in GET.items():
        if answers[role] != "200":
            continue
        with override("en"):
            url = world.url(url_name, place)
        for action, names, hidden in posted_forms(world.client(role).get(url).content.decode()):
            if not names or (address := action or url) in seen:
                continue
            seen.add(address)
            for value in ODD:
                with transaction.atomic():
                    response = world.client(role).post(address, hidden | dict.fromkeys(names, value))
                    transaction.set_rollback(True)
                if response.status_code == FORM_REFUSED:
                    page = html5lib.parse(response.content.decode(), namespaceHTMLElements=False)
                    yield address, value, errors_of(page)


def errors_of(page) -> str:
    """What a page says of what is wrong."""
    marks = {"errorlist", "invalid-feedback", "error-summary", "errornote", "alert"}
    return " ".join(
        " ".join(element.itertext())
        for element in page.iter()
        if isinstance(element.tag, str) and marks & set(element.get("class", "").split())
    )


@pytest.mark.django_db
@pytest.mark.parametrize("role", AS)
def test_every_refusal_on_an_english_page_is_english(request, now, role):
    world = plant({each: request.getfixturevalue(each) for each in PEOPLE}, now=now)
    told = list(refusals(world, role))
    assert len(told) >= 10
    assert all(text.strip() for _address, _value, text in told)
    assert {(address, value): found for address, value, text in told if (found := dutch_in(text))} == {}
