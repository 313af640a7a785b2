"""The audit trail keeps what staff and hosts did, never who takes part; and says it in words (core.audit)."""

import ast
import re

import pytest
from django.apps import apps
from django.db import models
from django.utils.translation import override

from core import audit
from leerlijnen.models import Activity
from sessions_app.models import Session
from tests.architecture.test_conventions import CODE, name, offenders, tree

SOURCES = [path for path in CODE if path.name != "verbs.py" and path.parent.name != "migrations"]
# Who or what calls audit.record for others: the verb is given to it. Of `trail` and `write` it is the first text.
RECORDERS = {"record", "_record", "trail", "_trail", "write", "_move", "_leave", "_note", "write_history", "give_seat"}
# What an entry may tell besides: states, numbers, names of fields. Another one: is it of no person?
CODES = {
    *("addresses", "at_once", "dates", "domain", "fields", "form", "format", "merged", "move", "needs", "new"),
    *("number", "old", "profile", "role", "sequence", "series", "session", "state", "steps", "type", "was", "why"),
}
GIVEN = {"actor", "now", "about", "session", "also", "verb"}
VERB = re.compile(r"([a-z_]+|\*)\.[a-z_*]+")  # `session.moved`, `session.*`, `*.changed`


def records(node):
    if not isinstance(node, ast.Call):
        return False
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return called in RECORDERS


def as_pattern(node):
    """`session.*` for f"session.{state}"; None for what is no verb."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        text = node.value
    elif isinstance(node, ast.JoinedStr):
        text = "".join(part.value if isinstance(part, ast.Constant) else "*" for part in node.values)
    else:
        return None
    return text if VERB.fullmatch(text) else None


def used():
    """Every verb in the code: in a call that records, or as the text from which it gets one."""
    found = set()
    for path in SOURCES:
        for node in ast.walk(tree(path)):
            if records(node):
                given = [*node.args, *(word.value for word in node.keywords)]
                found |= {verb for each in given for verb in verbs_in(each)}
            elif isinstance(node, ast.Assign) and any(getattr(to, "id", "") == "verb" for to in node.targets):
                found |= set(verbs_in(node.value))
    return found


def verbs_in(node):
    parts = [node.body, node.orelse] if isinstance(node, ast.IfExp) else [node]
    return [pattern for part in parts if (pattern := as_pattern(part))]


def matches(pattern, code):
    return re.fullmatch(pattern.replace(".", r"\.").replace("*", "[a-z_]+"), code)


CODES_OF_VERBS = [verb.code for verb in audit.registered()]


def test_the_verbs_are_found():
    assert {"organisation.changed", "registration.created", "session.*", "route.*", "calendar_address.made"} <= used()


def test_every_verb_in_the_code_is_declared_with_its_words():
    from members.sign_in_trail import SIGNALS

    assert [verb for verb in used() | set(SIGNALS) if not any(matches(verb, code) for code in CODES_OF_VERBS)] == []


def test_no_words_are_kept_for_a_verb_that_is_no_more():
    from members.sign_in_trail import SIGNALS

    there = used() | set(SIGNALS)
    assert [code for code in CODES_OF_VERBS if not any(matches(verb, code) for verb in there)] == []


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_verb_has_words_in_both_languages(language):
    with override(language):
        words = {code: audit.in_words(code) for code in CODES_OF_VERBS}
    assert [code for code, text in words.items() if not text or text == code] == []
    if language == "nl":
        with override("en"):
            same = {code for code in CODES_OF_VERBS if audit.in_words(code) == words[code]}
        assert same == set()


@pytest.mark.parametrize("verb", audit.registered(), ids=lambda verb: verb.code)
def test_a_verb_is_about_no_row_of_one_person_unless_its_key_is_left_out(verb):
    """`record` leaves the key of such a row out; what has an address and no account would slip through."""
    if verb.of_one_person:
        assert not any(audit.leads_to_a_person(model) for model in verb.models)
        assert verb.on in {"sessions_app.Session", "leerlijnen.Activity", "members.Organisation"}
    addressed = [m for m in verb.models if any(isinstance(f, models.EmailField) for f in m._meta.concrete_fields)]
    assert all(audit.leads_to_a_person(model) or model._meta.app_label == "integrity" for model in addressed)


def test_who_is_named_by_a_verb_of_one_person_is_staff_or_a_contact():
    """Anything else is NOBODY's; write down here why an office is."""
    offices = {verb.code for verb in audit.registered() if verb.of_one_person and verb.who is audit.Who.OFFICE}
    assert offices == {
        *("affiliation.confirmed", "affiliation.role_given", "affiliation.track_set", "affiliation.ended"),  # a contact
        *("registration.promoted", "registration.decided", "registration.ended"),  # staff alone may
        *("guest.invited", "guest.taken_back"),  # staff alone may
    }


def test_every_room_says_whether_it_hides_who_takes_part():
    assert all(isinstance(model.hides_who_takes_part, property) for model in (Session, Activity))


def test_an_entry_tells_nothing_but_codes_that_are_of_no_person():
    def told(path):
        words = {
            word.arg
            for node in ast.walk(tree(path))
            if records(node) and any(verbs_in(each) for each in node.args)
            for word in node.keywords
            if word.arg
        }
        return words - GIVEN - CODES

    assert offenders(SOURCES, told) == {}


def test_only_the_trail_itself_writes_and_reads_its_rows():
    """No page shows the trail as its data: that has a table of its own."""
    allowed = {"core/audit.py", "core/models.py", "core/admin.py", "members/export.py"}
    users = {name(path) for path in SOURCES if "AuditEntry" in path.read_text()}
    assert users <= allowed
    readers = {name(path) for path in SOURCES if "audit.trail_of" in path.read_text()}
    assert readers == set()


def test_every_declared_row_is_a_model():
    assert all(apps.get_model(label) for verb in audit.registered() for label in verb.on.split())
