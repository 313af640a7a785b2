"""The admin as each role of the Partos team: which pages of which model open, and what stands on them."""

import re
from collections import defaultdict

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from sessions_app.models import Session
from tests.architecture.markup import faults
from tests.architecture.planted import PEOPLE, ROLES, World, plant
from tests.factories.members import UserFactory

pytestmark = pytest.mark.django_db

MARKED = re.compile(r"SECRET-[A-Z-]*[A-Z]")
TEAM = ("staff", "integrity_coordinator", "quality_coordinator", "functional_administrator")
PAGES = {"l": "changelist", "a": "add", "c": "change", "h": "history", "d": "delete"}

# What opens: list, add, change (or only view) and history. Deleting opens nowhere: rows are ended, withdrawn or closed.
OPENS = """
                               staff integrity quality functional
sessions_app.session           lach  -         -       -
sessions_app.series            lch   -         -       -
sessions_app.registration      lch   -         -       -
sessions_app.invitation        lach  -         -       -
leerlijnen.programme           lch   -         -       -
leerlijnen.learningline        lch   -         -       -
leerlijnen.track               lch   -         -       -
leerlijnen.partosrole          lch   -         -       -
leerlijnen.workstream          lch   -         -       -
leerlijnen.activity            lch   -         -       -
leerlijnen.groupmembership     lch   -         -       -
members.organisation           lach  -         -       lch
members.maildomain             lch   -         -       -
members.affiliation            lach  -         -       lch
members.user                   lach  -         -       lach
core.outgoingmail              lch   -         -       lch
core.refusedaddress            lch   -         -       lch
core.auditentry                lch   l         l       l
partos_portal.retentionrun     lch   -         -       lch
integrity.reportingroute       -     lach      -       -
integrity.supportroute         -     lach      -       -
integrity.integrityagendaitem  -     lach      -       -
quality.certificationbody      -     -         lach    -
quality.certificate            -     -         lach    -
auth.group                     -     -         -       -
account.emailaddress           -     -         -       -
"""

# Marked words that a role reads in the admin; all that is planted beside these stays out of its sight.
READS = {
    "staff": {
        *("SECRET-PLACE", "SECRET-QUESTION", "SECRET-LINK", "SECRET-PARTICIPANT", "SECRET-PARTICIPANT-ELSEWHERE"),
        *("SECRET-STRANGER", "SECRET-SENT", "SECRET-ASKED", "SECRET-NOTE", "SECRET-STRANGE-PROPOSAL"),
        *("SECRET-DIALOGUE", "SECRET-ISSUE", "SECRET-INVITEE", "SECRET-GUEST", "SECRET-NEWCOMER"),
        *("SECRET-GROUP-MEMBER", "SECRET-APPLICANT", "SECRET-MAIL", "SECRET-SERIES"),
    },
    "integrity_coordinator": {"SECRET-AGENDA-ITEM", "SECRET-ROUTE"},
    "quality_coordinator": {"SECRET-CERTIFICATE", "SECRET-STRANGE-CERTIFICATE"},
    "functional_administrator": {
        *("SECRET-STRANGER", "SECRET-NEWCOMER", "SECRET-PARTICIPANT", "SECRET-PARTICIPANT-ELSEWHERE"),
        *("SECRET-GROUP-MEMBER", "SECRET-APPLICANT", "SECRET-MAIL"),  # the names of accounts
    },
}


def opens() -> dict[str, dict[str, str]]:
    """Label of the model -> role -> the letters of its pages."""
    table = (line.split() for line in OPENS.strip("\n").splitlines()[1:])
    return {label: dict(zip(TEAM, letters, strict=True)) for label, *letters in table}


@pytest.fixture
def world(request, now) -> World:
    return plant({role: request.getfixturevalue(role) for role in PEOPLE}, now=now)


def pages_of(world: World, model):
    """Letter and address of each page of a model; of a row, where one is planted."""
    meta = model._meta
    row = world.places.get(meta.label_lower, {"object_id": "1"})
    for letter, page in PAGES.items():
        arguments = {} if letter in "la" else row
        yield letter, reverse(f"admin:{meta.app_label}_{meta.model_name}_{page}", kwargs=arguments)


def pages_of_rows(model):
    """The page of every row that there is."""
    meta = model._meta
    for row in model._base_manager.all():
        yield "c", reverse(f"admin:{meta.app_label}_{meta.model_name}_change", kwargs={"object_id": row.pk})


def test_every_model_in_the_admin_has_a_row():
    """A new ModelAdmin: add its line to OPENS, and a row of it to planted.py."""
    assert sorted(opens()) == sorted(model._meta.label_lower for model in admin.site._registry)


@pytest.mark.parametrize("role", TEAM)
def test_a_role_of_the_team_opens_its_own_models_and_reads_nothing_else(world, role):
    client = world.client(role)
    wrong, seen = [], defaultdict(set)
    for model in admin.site._registry:
        label = model._meta.label_lower
        opened, expected = "", opens()[label][role]
        of_rows = pages_of_rows(model) if "c" in expected else []
        for letter, url in [*pages_of(world, model), *of_rows]:
            response = client.get(url)
            if response.status_code == 200:
                opened += letter if letter not in opened else ""
                page = response.content.decode()
                wrong += [f"{url}: {fault}" for fault in faults(page)]
                for word in MARKED.findall(page):
                    seen[word].add(url)
            elif response.status_code not in (302, 403):
                wrong.append(f"{url}: {response.status_code}")
        if (opened or "-") != expected:
            wrong.append(f"{label}: opens {opened or '-'} and not {expected}")
    assert wrong == []
    assert {word: sorted(urls) for word, urls in seen.items() if word not in READS[role]} == {}
    assert READS[role] - set(seen) == set()


@pytest.mark.parametrize("role", TEAM)
def test_no_detour_to_a_page_tells_which_rows_there_are(world, role):
    """A draft and a dialogue too: a coordinator would count them by trying numbers."""
    client = world.client(role)
    kind = ContentType.objects.get_for_model(Session).pk
    for pk in [*Session.objects.values_list("pk", flat=True), 999_999]:
        assert client.get(f"/admin/r/{kind}/{pk}/").status_code == 404


def test_a_session_of_the_admin_leads_to_its_own_page(world):
    pk = world.places["sessions_app.session"]["object_id"]
    page = world.client("staff").get(reverse("admin:sessions_app_session_change", args=[pk])).content.decode()
    assert f'href="{Session.objects.get(pk=pk).get_absolute_url()}"' in page


def test_not_even_a_superuser_deletes_what_a_seat_hangs_on(world, client):
    """A seat that went with its row would find no next owner: each path that frees one ends in fill_seats."""
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    hangs_on = {"sessions_app.session", "sessions_app.series", "sessions_app.registration", "members.user"}
    hangs_on |= {"members.organisation", "members.affiliation", "sessions_app.invitation"}
    for label in hangs_on:
        app, name = label.split(".")
        row = world.places[label]
        rows = apps.get_model(label)._base_manager.order_by("pk")
        before = list(rows.values_list("pk", flat=True))
        client.post(reverse(f"admin:{app}_{name}_delete", kwargs=row), {"post": "yes"})
        chosen = {"action": "delete_selected", "_selected_action": row["object_id"], "post": "yes"}
        client.post(reverse(f"admin:{app}_{name}_changelist"), chosen)
        assert list(rows.values_list("pk", flat=True)) == before, label


@pytest.mark.parametrize("role", [role for role in ROLES if role not in TEAM])
def test_who_is_not_of_the_team_finds_no_admin(world, role):
    client = world.client(role)
    ours = [reverse(f"admin:{name}") for name in ("index", "jsi18n", "sessions_app_session_planning", "autocomplete")]
    of_models = [url for model in admin.site._registry for _letter, url in pages_of(world, model)]
    sent = "sign" if role in ("visitor", "invited") else "404"
    wrong = []
    for url in ours + of_models:
        first = client.get(url)
        login = client.get(first.url)
        answer = "sign" if login.status_code == 302 and "/account/login/" in login.url else str(login.status_code)
        if not first.url.startswith(reverse("admin:login")) or answer != sent:
            wrong.append(f"{url}: {answer}")
    assert wrong == []


@pytest.mark.parametrize("role", TEAM)
def test_moves_and_the_planning_are_for_who_may_change_the_row(world, role):
    client = world.client(role)
    may = {label for label, letters in opens().items() if "a" in letters[role]}
    may |= (
        {"leerlijnen.groupmembership", "sessions_app.registration", "members.maildomain"} if role == "staff" else set()
    )
    may |= {"core.refusedaddress"} if "l" in opens()["core.refusedaddress"][role] else set()
    wrong = []
    for model, model_admin in admin.site._registry.items():
        meta = model._meta
        if not hasattr(model_admin, "move_view") or model is Session:
            continue
        row = world.places[meta.label_lower]
        url = reverse(f"admin:{meta.app_label}_{meta.model_name}_move", kwargs=row | {"name": "no-such-move"})
        buttons = [
            reverse(f"admin:{meta.app_label}_{meta.model_name}_move", kwargs=row | {"name": button.name})
            for button in model_admin.move_buttons
        ]
        if client.get(url).status_code not in (403, 404) or client.post(url).status_code not in (403, 404):
            wrong.append(f"{meta.label_lower}: a move that does not exist is answered")
        if meta.label_lower not in may:
            wrong += [f"{button}: let in" for button in buttons if client.post(button).status_code not in (403, 404)]
    planning = client.get(reverse("admin:sessions_app_session_planning")).status_code
    expected = 200 if role == "staff" else 403
    if planning != expected:
        wrong.append(f"planning: {planning}")
    move = reverse("admin:sessions_app_session_move", kwargs=world.places["sessions_app.session"] | {"name": "cancel"})
    if client.get(move).status_code != expected or (role != "staff" and client.post(move).status_code != 403):
        wrong.append(f"{move}: {client.get(move).status_code}")
    cancel = reverse("admin:sessions_app_registration_cancel", kwargs=world.places["sessions_app.registration"])
    if (client.get(cancel).status_code == 200) != (role == "staff"):
        wrong.append(f"{cancel}: {client.get(cancel).status_code}")
    for act in ("reset", "erase"):
        page = reverse(f"admin:members_user_{act}", kwargs=world.places["members.user"])
        if (client.get(page).status_code == 200) != (role == "functional_administrator"):
            wrong.append(f"{page}: {client.get(page).status_code}")
    assert wrong == []


PICKED_FROM = {"person": "members.user", "organisation": "members.organisation"}


@pytest.mark.parametrize("role", TEAM)
def test_autocomplete_tells_names_to_who_sees_the_list_of_them(world, role):
    client = world.client(role)
    told, expected = {}, {}
    for app, model in (("members", "affiliation"), ("sessions_app", "hosting")):
        for field, label in PICKED_FROM.items():
            asked = {"app_label": app, "model_name": model, "field_name": field, "term": ""}
            response = client.get(reverse("admin:autocomplete"), asked)
            told[model, field] = response.status_code
            expected[model, field] = 200 if "l" in opens()[label][role] else 403
    assert told == expected
