"""House rules that no ready-made tool checks; docs/architecture.md tells why they are there."""

import ast
import re
from collections.abc import Callable, Collection, Iterable
from functools import cache
from pathlib import Path

from django.apps import apps
from django.db import models

from core import texts

ROOT = Path(__file__).parent.parent.parent
APPS = ["core", "members", "leerlijnen", "sessions_app", "integrity", "quality"]
CODE = [path for app in [*APPS, "partos_portal"] for path in sorted((ROOT / app).rglob("*.py"))]
TEMPLATES = sorted([*(ROOT / "templates").rglob("*.html"), *ROOT.glob("*/templates/**/*.html")])
MIGRATIONS = [path for path in CODE if path.parent.name == "migrations" and path.name != "__init__.py"]


def called(word: str) -> list[Path]:
    """The modules that go by one of the usual words: `views.py`, or a file somewhere in `views/`."""
    return [
        path for path in CODE if word in path.relative_to(ROOT).with_suffix("").parts and path.name != "__init__.py"
    ]


VIEWS, ACTIONS = called("views"), called("actions")
CORE = [path for path in CODE if path.parent.name == "core" and path.name not in ("__init__.py", "apps.py", "admin.py")]


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), filename=str(path))


def offenders(paths: Iterable[Path], found: Callable[[Path], Collection]) -> dict[str, Collection]:
    """What `found` finds against a rule, by file; a failing test shows all of it at once."""
    return {name(path): wrong for path in paths if (wrong := found(path))}


def test_every_import_is_absolute():
    def relative(path):
        return [node.lineno for node in ast.walk(tree(path)) if isinstance(node, ast.ImportFrom) and node.level]

    assert offenders(CODE, relative) == {}


SIGNALS = {"receiver", "Signal", "pre_save", "post_save", "pre_delete", "post_delete", "m2m_changed"}


def test_nothing_happens_behind_a_signal():
    def signals(path):
        nodes = [node for node in ast.walk(tree(path)) if isinstance(node, ast.ImportFrom)]
        return SIGNALS & {alias.name for node in nodes for alias in node.names}

    assert offenders(CODE, signals) == {}


def test_no_text_is_called_safe_by_hand():
    """`format_html` escapes what it puts in. Only a template tag may call safe what it draws itself."""

    def called_safe(path):
        calls = {
            node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            for node in ast.walk(tree(path))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute)
        }
        return calls & (
            {"mark_safe"} if path.parent.name == "templatetags" else {"mark_safe", "SafeString", "SafeText"}
        )

    assert offenders(CODE, called_safe) == {}


BARE = {"all", "get", "filter", "exclude", "first", "last", "in_bulk", "values", "values_list"}


def bare_queries(path: Path) -> list[str]:
    bare = [
        f"line {node.lineno}: objects.{node.attr}"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
        and node.attr in BARE
        and isinstance(node.value, ast.Attribute)
        and node.value.attr in ("objects", "_default_manager")
    ]
    shortcuts = [
        f"line {node.lineno}: {node.func.id}({node.args[0].id})"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("get_object_or_404", "get_list_or_404")
        and node.args
        and isinstance(node.args[0], ast.Name)
        and node.args[0].id[0].isupper()
    ]
    return bare + shortcuts


def test_a_view_asks_for_what_its_reader_may_see():
    """`Model.objects.visible_to(person)` or another QuerySet method with a name, never a bare `objects.filter()`."""
    of_nobody = ("core", "watch")  # their views are about no model that somebody might not see
    assert offenders([path for path in VIEWS if path.parent.name not in of_nobody], bare_queries) == {}


def test_a_bare_query_in_a_view_would_be_found(tmp_path):
    view = tmp_path / "views.py"
    view.write_text("rows = Session.objects.filter(pk=1)\nrow = get_object_or_404(Session, pk=1)\n")
    assert bare_queries(view) == ["line 1: objects.filter", "line 2: get_object_or_404(Session)"]


def test_a_public_action_tells_what_it_does_and_refuses():
    def silent(path):
        return [
            node.name
            for node in tree(path).body
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and not ast.get_docstring(node)
        ]

    assert offenders(ACTIONS, silent) == {}


def test_every_module_of_core_tells_its_concern():
    small = {"apps.py", "admin.py", "urls.py", "tasks.py", "middleware.py", "context.py", "views.py", "models.py"}
    assert [name(path) for path in CORE if path.name not in small and not ast.get_docstring(tree(path))] == []


CLOCKS = {"timezone.now", "timezone.localdate", "datetime.now", "date.today", "time.time"}


def test_an_action_never_reads_the_clock():
    def clocks(path):
        calls = [node.func for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]
        return CLOCKS & {ast.unparse(each) for each in calls if isinstance(each, ast.Attribute)}

    assert offenders(ACTIONS, clocks) == {}


def test_there_are_actions_and_views():
    assert len(ACTIONS) > 30
    assert len(VIEWS) > 20


def against_the_policy(path: Path) -> list[str]:
    source = path.read_text()
    forbidden = {
        # Data for allauth's scripts of passkeys is no script.
        "inline script": r"<script(?![^>]*\ssrc=)(?![^>]*\stype=\"application/json\")[^>]*>",
        "handler attribute": r"<[^>]*\son\w+=",
        "safe": r"\|\s*safe\b|\|\s*safeseq\b|autoescape off",
        "other host": r"<(?:script|img|iframe|source|link[^>]*stylesheet)[^>]*\s(?:src|href)=[\"']?(?:https?:)?//",
    }
    if "mail" not in path.relative_to(ROOT).parts and "email" not in path.relative_to(ROOT).parts:
        # A mail has no stylesheet to lean on.
        forbidden |= {"inline style": r"\sstyle=", "style element": r"<style\b"}
    return [what for what, pattern in forbidden.items() if re.search(pattern, source)]


def test_a_template_keeps_to_the_content_security_policy():
    """No inline style or script, no handler attribute, nothing from another host, and no text called safe."""
    assert offenders(TEMPLATES, against_the_policy) == {}


def test_a_migration_says_what_it_does():
    assert [name(path) for path in MIGRATIONS if re.search(r"_auto_\d|^\d+_initial$|_and_more$", path.stem)] == []


# Fields in which nobody types a sentence about anybody, by the reason why.
NOT_FREE_TEXT = {
    "a code, a key or an address made by the portal": {
        *("core.act.verb", "core.act.target_type", "core.act.digest"),
        *("core.heartbeat.name", "core.auditentry.verb", "core.auditentry.target_type"),
        *("core.outgoingmail.key", "core.outgoingmail.language", "core.outgoingmail.kind", "core.outgoingmail.error"),
        *("core.outgoingmail.needs_right", "core.outgoingmail.link_mark", "core.outgoingmail.stream"),
        *(
            "members.user.password",
            "sessions_app.invitation.nonce",
            "sessions_app.invitation.device",
            "sessions_app.calendaraddress.nonce",
            "sessions_app.guest.link_nonce",
            "sessions_app.registration.link_nonce",
            "sessions_app.session.reminder_steps",
            "sessions_app.sessionchange.verb",
            "sessions_app.sessionchange.field",
        ),
    },
    "a code from outside, checked as it is typed": {
        *("members.organisation.registration_number", "members.organisation.country", "members.maildomain.domain"),
        *("leerlijnen.learningline.colour", "leerlijnen.learningline.tint", "leerlijnen.learningline.colour_dark"),
        "leerlijnen.activity.code",
    },
    "written by the portal out of other rows, and erased as a row": {
        *("core.outgoingmail.subject", "core.outgoingmail.text", "core.outgoingmail.html"),
        "core.refusedaddress.answer",
    },
    "word for word from the programme that load_programme reads": {
        *(f"leerlijnen.programme.{field}" for field in ("document_title", "planning_title", "goal_heading")),
        *(f"leerlijnen.programme.{field}" for field in ("setup_heading", "lines_heading", "lines_intro")),
        *(f"leerlijnen.programme.{field}" for field in ("by_members_heading", "by_members_text")),
        *(f"leerlijnen.programme.{field}" for field in ("workstreams_heading", "workstreams_text")),
        *("leerlijnen.partosrole.text", "leerlijnen.learningline.title", "leerlijnen.learningline.text"),
        *("leerlijnen.track.title", "leerlijnen.track.table_label"),
        *("leerlijnen.trackgoal.text", "leerlijnen.trackformat.text"),
        *("leerlijnen.workstream.title", "leerlijnen.workstreampoint.text"),
        *("leerlijnen.activity.title", "leerlijnen.activity.verbatim"),
        *("leerlijnen.activity.co_host", "leerlijnen.activity.facilitation_note"),
    },
}
ADDRESSES = (models.EmailField, models.URLField, models.SlugField)


def texts_in_models() -> set[str]:
    return {
        f"{model._meta.label_lower}.{field.name}"
        for app in APPS
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.local_fields
        if isinstance(field, models.CharField | models.TextField)
        and not isinstance(field, ADDRESSES)
        and not field.choices
    }


def test_every_free_text_is_registered():
    registered = {f"{text.model_label.lower()}.{text.field}" for text in texts.registered()}
    explained = set().union(*NOT_FREE_TEXT.values())
    assert texts_in_models() - registered == explained
    assert registered <= texts_in_models()


def test_the_readme_lists_the_variables_that_the_settings_read():
    settings = (ROOT / "partos_portal/settings.py").read_text()
    read = set(re.findall(r"env(?:\.\w+)?\(\s*\"([A-Z_]+)\"", settings))
    listed = set(re.findall(r"^\| `([A-Z_]+)`", (ROOT / "README.md").read_text(), re.MULTILINE))
    assert listed == read


def test_mail_is_put_together_in_one_place_which_gives_it_its_headers():
    """allauth makes its own in `render_mail`, to which members/adapter.py gives the same headers."""
    made = {
        name(path)
        for path in CODE
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).rpartition(".")[2]
        in ("EmailMessage", "EmailMultiAlternatives", "mail_admins", "mail_managers", "send_mass_mail")
    }
    assert made == {"core/delivery.py"}
