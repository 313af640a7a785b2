"""A walk over every URL of the project as every role; access_table.py says what each must get."""

import re
from collections import defaultdict

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, get_resolver, reverse
from django.utils.translation import override

from core.models import AuditEntry, OutgoingMail
from sessions_app.models import Invitation
from tests.architecture import access_table
from tests.architecture.markup import faults
from tests.architecture.planted import PEOPLE, ROLES, World, plant, token

pytestmark = pytest.mark.django_db

LANGUAGES = ("nl", "en")
WRITES = re.compile(r'(?:INSERT INTO|UPDATE) "(\w+)"')
MARKED = re.compile(r"SECRET-[A-Z-]*[A-Z]")
# Pages of others, walked as groups: all names that begin so, and what has no name (redirects to an admin page).
GROUPS = ("admin:", "account_", "mfa_", "usersessions_")
# A mail provider has the link and no page (RFC 8058); tests/sessions_app/test_mail_choices.py shows what it may do.
POSTED_FROM_ELSEWHERE = {"mail-stop"}
# Of a draft what is right in a step is kept, also when something else is missing or wrong.
KEEPS_WHAT_IS_RIGHT = {"sessions:proposal_step"}
TYPED = {
    "members:role-hand-out": {"role": "quality_officer"},
    "members:track-profile": {"profile": "leadership"},
    "sessions:proposal_answer": {"text": "Ons antwoord."},
    "sessions:invitation": {"answer": "decline"},
    "sessions:my_place": {"act": "cancel"},
    "sessions:place": {"act": "cancel"},
}


def rows(table: str) -> dict[tuple[str, str], dict[str, str]]:
    """URL name and place -> role -> answer."""
    found = {}
    for line in table.strip("\n").splitlines()[1:]:
        name, place, *answers = re.split(r" {2,}| (?=\d{3}\b|sign\b|go\b|done\b|file\b)", line.strip())
        assert len(answers) == len(ROLES), line
        found[name, place] = dict(zip(ROLES, answers, strict=True))
    return found


GET, POST = rows(access_table.GET), rows(access_table.POST)
PLACES = dict(reversed(GET))  # the first of each name


def url_names(resolver=None, namespaces=()) -> set[str]:
    names = set()
    for pattern in (resolver or get_resolver()).url_patterns:
        if not isinstance(pattern, URLPattern):
            inner = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
            names |= url_names(pattern, inner)
        elif pattern.name:
            names.add(":".join([*namespaces, pattern.name]))
    return names


OURS = {name for name in url_names() if not name.startswith(GROUPS)}


@pytest.fixture
def world(request, now) -> World:
    return plant({role: request.getfixturevalue(role) for role in PEOPLE}, now=now)


def answer_of(response) -> str:
    if response.status_code != 302:
        return str(response.status_code)
    return "sign" if response.url.startswith((reverse("account_request_login_code"), "/en/account/login")) else "go"


def page_faults(response, *, is_visitor: bool) -> list[str]:
    """What is wrong with a page for whoever reads it; nothing for a redirect, a download or an empty answer."""
    if not response.headers.get("Content-Type", "").startswith("text/html") or not response.content:
        return []
    page = response.content.decode()
    found = faults(page)
    if is_visitor and response.cookies and "<form" not in page:
        found.append(f"gives a visitor the cookie {', '.join(response.cookies)} without a form")
    return found


def test_every_url_has_a_row():
    """A new URL: add a row to access_table.GET, and to POST where it takes a form; the places are in planted.py."""
    assert sorted(OURS ^ {name for name, _place in GET}) == []
    assert sorted({name for name, _place in POST} - OURS) == []


@pytest.mark.parametrize("role", ROLES)
def test_each_role_sees_what_the_table_says_and_no_marked_word_elsewhere(world, role):
    client = world.client(role)
    wrong = []
    seen = defaultdict(set)
    for language in LANGUAGES:
        for (name, place), expected in GET.items():
            with override(language):
                url = world.url(name, place)
                response = client.get(url)
                answer = answer_of(response)
            if answer != expected[role]:
                wrong.append(f"{url} ({name}, {place}): {answer} and not {expected[role]}")
            wrong += [f"{url}: {fault}" for fault in page_faults(response, is_visitor=role == "visitor")]
            for word in MARKED.findall(response.content.decode()):
                seen[word].add(name)
    assert wrong == []
    told: defaultdict[str, set[str]] = defaultdict(set)
    for word, readers in access_table.SECRETS.items():
        for roles, pages in readers.items():
            if role in roles.split():
                told[word] |= set(pages.split())
    assert {word: sorted(pages - told[word]) for word, pages in seen.items() if pages - told[word]} == {}
    assert {word: sorted(pages - seen[word]) for word, pages in told.items() if pages - seen[word]} == {}


def test_every_marked_word_is_planted_and_has_its_row(world):
    """A word that stands nowhere could not leak, and a test that looks for it would prove nothing."""
    planted = {
        word
        for model in apps.get_models()
        for row in model._base_manager.values_list()
        for value in row
        if isinstance(value, str)
        for word in MARKED.findall(value)
    }
    assert planted == set(access_table.SECRETS)


def tables_written(asked: CaptureQueriesContext) -> set[str]:
    """Where a row was made or changed, but for what each visit may write: the session of the browser, and its use."""
    found = {match[1] for query in asked if (match := WRITES.match(query["sql"]))}
    return found - {"django_session", "usersessions_usersession"}


@pytest.mark.parametrize("role", ROLES)
def test_each_role_can_do_what_the_table_says_and_a_refusal_writes_nothing(world, role):
    client = world.client(role)
    wrong = []
    for (name, place), expected in POST.items():
        url = world.url(name, place)
        with transaction.atomic(), CaptureQueriesContext(connection) as asked:
            response = client.post(url, TYPED.get(name, {}))
            transaction.set_rollback(True)
        changed = tables_written(asked)
        answer = answer_of(response)
        if answer == "422" and name in KEEPS_WHAT_IS_RIGHT:
            changed = set()
        if changed and "Content-Disposition" in response:
            answer = "file"
        elif changed:
            answer = "done" if answer == "go" else f"{answer}, but it wrote in {', '.join(sorted(changed))}"
        if answer != expected[role]:
            wrong.append(f"POST {url} ({name}, {place}): {answer} and not {expected[role]}")
        wrong += [f"POST {url}: {fault}" for fault in page_faults(response, is_visitor=False)]
    assert wrong == []


def written():
    """Every change leaves a trail or a mail."""
    return AuditEntry.objects.count(), OutgoingMail.objects.count()


def someone_who_gets_in(name: str, place: str) -> str:
    """A role that the URL does not send away."""
    return next((role for role in ROLES if GET[name, place][role] in ("200", "go")), "practitioner")


def test_a_method_that_a_page_does_not_know_is_405(world):
    clients = {role: world.client(role) for role in ROLES}
    wrong = []
    for name in sorted(OURS):
        place = PLACES[name]
        client, url = clients[someone_who_gets_in(name, place)], world.url(name, place)
        unknown = ["put", "patch", "delete"]
        if not any(name == known for known, _place in POST):
            unknown.append("post")
        answers = {method: getattr(client, method)(url).status_code for method in unknown}
        wrong += [f"{method} {url} ({name}): {status}" for method, status in answers.items() if status != 405]
    assert wrong == []


def test_a_form_without_its_token_is_refused_and_nothing_is_written(world):
    wrong = []
    clients = {role: world.client(role, enforce_csrf_checks=True) for role in ROLES if role != "invited"}
    for (name, place), expected in POST.items():
        if name in POSTED_FROM_ELSEWHERE:
            continue
        role = next((role for role in clients if expected[role] in ("done", "200", "422")), None)
        if role is None:
            continue
        before = written()
        response = clients[role].post(world.url(name, place), TYPED.get(name, {}))
        if response.status_code != 403 or written() != before:
            wrong.append(f"{name} as {role}: {response.status_code}")
        wrong += [f"{name}: {fault}" for fault in page_faults(response, is_visitor=False)]
    assert wrong == []


@pytest.mark.parametrize("role", ["visitor", "practitioner", "staff"])
def test_the_pages_about_the_account_hold_together(world, role):
    client = world.client(role)
    wrong = []
    for language in LANGUAGES:
        for name in sorted(url_names()):
            if not name.startswith(GROUPS[1:]):
                continue
            with override(language):
                needs = {"pk": 1} if name in ("mfa_remove_webauthn", "mfa_edit_webauthn") else {}
                url = reverse(name, kwargs=needs)
                response = client.get(url)
            if response.status_code >= 500:
                wrong.append(f"{url}: {response.status_code}")
            wrong += [f"{url}: {fault}" for fault in page_faults(response, is_visitor=role == "visitor")]
    assert wrong == []


def test_looking_at_an_invitation_without_opening_it_changes_nothing(world):
    url = world.url("sessions:invitation", "unanswered")
    before = list(Invitation.objects.order_by("pk").values()), written()
    assert world.client("visitor").head(url).status_code == 200
    assert (list(Invitation.objects.order_by("pk").values()), written()) == before


def test_an_answered_invitation_opens_on_its_own_device_only_and_names_nobody_else(world):
    row = Invitation.objects.get(name="SECRET-GUEST")
    url = reverse("sessions:invitation", kwargs={"token": token(row)})
    on_device = world.client("invited").get(url).content.decode()
    assert set(MARKED.findall(on_device)) == {"SECRET-GUEST", "SECRET-DIALOGUE", "SECRET-ISSUE"}
    assert MARKED.findall(world.client("visitor").get(url).content.decode()) == []
