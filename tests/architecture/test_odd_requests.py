"""Whatever is asked, as whoever: an answer, and never a 5xx. A seed makes each run the same (`odd.py`)."""

import logging
import traceback

import pytest
from django.contrib import admin
from django.core.cache import cache
from django.db import transaction
from django.urls import NoReverseMatch, URLPattern, get_resolver, reverse

from sessions_app.admin.moves import BY_NAME
from tests.architecture.odd import Maker, fields_of
from tests.architecture.planted import PEOPLE, ROLES, World, plant
from tests.architecture.test_access import GET, url_names
from tests.architecture.test_admin_access import pages_of
from tests.factories.members import UserFactory

pytestmark = pytest.mark.django_db

SMALL = 300
SEEDS, OF_EACH = range(1, 9), 2_500  # together 20,000
EXPECTED_503 = "/healthz"  # 503 is its answer while something is not well


@pytest.fixture
def world(request, now) -> World:
    return plant({role: request.getfixturevalue(role) for role in PEOPLE}, now=now)


def addresses(world: World) -> list[str]:
    """Every address that there is: ours with each object, those of the account, and every page of the admin."""
    found = [world.url(name, place) for name, place in GET]
    for name in url_names():
        if not name.startswith("admin:"):
            for needs in ({}, {"pk": 1}):
                try:
                    found.append(reverse(name, kwargs=needs))
                except NoReverseMatch:
                    continue
    found += [reverse(f"admin:{name}") for name in ("index", "jsi18n", "autocomplete", "login", "logout")]
    found.append(reverse("admin:sessions_app_session_planning"))
    found.append("/admin/r/1/1/")
    for model, kept in admin.site._registry.items():
        found += [url for _letter, url in pages_of(world, model)]
        found += list(own_pages(world, model, kept))
    return [*sorted(set(found)), "/niets/", "/static/niets.css", "//", "/en"]


def own_pages(world: World, model, kept):
    """The pages that a list of ours adds to those of Django, and each move of a row."""
    row = world.places.get(model._meta.label_lower, {"object_id": "1"})
    for pattern in kept.get_urls():
        if not isinstance(pattern, URLPattern) or not pattern.name:
            continue
        for name in moves_of(kept):
            try:
                yield reverse(f"admin:{pattern.name}", kwargs=row | {"name": name})
            except NoReverseMatch:
                break
        else:
            continue
        for needs in ({}, row, {"year": 2026}):
            try:
                yield reverse(f"admin:{pattern.name}", kwargs=needs)
            except NoReverseMatch:
                continue


def moves_of(kept):
    buttons = [button.name for button in getattr(kept, "move_buttons", ())]
    return buttons or [*BY_NAME, "open", "close", "held", "niets"]


def try_requests(world: World, *, seed: int, number: int) -> list[str]:
    """Sends `number` odd requests, each undone again, and gives those that were answered with 5xx."""
    world.people["superuser"] = UserFactory(name="Beheerder", is_staff=True, is_superuser=True)
    clients = {role: world.client(role) for role in (*ROLES, "superuser")}
    maker, wrong = Maker(seed, addresses(world)), []
    known: dict[tuple[str, str], dict[str, list[str]]] = {}
    for count in range(number):
        role, address = maker.dice.choice(list(clients)), maker.address()
        client = clients[role]
        cookies = client.cookies.copy()
        with transaction.atomic():
            if (role, address) not in known:
                page = client.get(address)
                text = page.content.decode(errors="replace") if not page.streaming else ""
                known[role, address] = fields_of(text)
            odd = maker.request(address, known[role, address])
            response = client.generic(odd.method, odd.path, odd.body, content_type=odd.content_type, **odd.headers)
            if response.status_code >= 500 and not odd.path.removeprefix("/en").startswith(EXPECTED_503):
                wrong.append(f"seed {seed}, {count}, {role}: {response.status_code} {odd}\n{why(response)}")
            transaction.set_rollback(True)
        client.cookies = cookies
        if count % 50 == 0:
            cache.clear()  # limits of how often one may ask would answer everything else
    return wrong


def why(response) -> str:
    if not getattr(response, "exc_info", None):
        return "without an exception"
    kind, error, trace = response.exc_info
    frames = traceback.extract_tb(trace)[-3:]
    return f"  {kind.__name__}: {str(error)[:300]} at " + " < ".join(f"{f.filename[-60:]}:{f.lineno}" for f in frames)


@pytest.fixture(autouse=True)
def quiet(caplog):
    caplog.set_level(logging.CRITICAL + 1)


NO_KEYS = (str(2**63), "9" * 20, "9" * 5_000, "²", "-1", "1.5", "", "\0")


def test_a_few_hundred_odd_requests_find_an_answer(world):
    assert try_requests(world, seed=0, number=SMALL) == []


@pytest.mark.long
@pytest.mark.timeout(1800)  # 2,500 pages each take minutes
@pytest.mark.parametrize("seed", SEEDS)
def test_twenty_thousand_odd_requests_find_an_answer(world, seed):
    wrong = try_requests(world, seed=seed, number=OF_EACH)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("role", "page", "place", "field", "values"),
    [
        ("staff", "sessions:decide", "hosted", "who", {"decision": "admit"}),
        ("host", "sessions:attendance", "on now", "note", {}),
        ("practitioner", "sessions:mail_choices", "-", "lines", {"news": "digest"}),
        ("practitioner", "sessions:proposal_step", "roles", "partos_roles", {}),
        ("staff", "admin:sessions_app_session_add", "-", "partos_roles", {}),
        ("staff", "admin:sessions_app_session_change", "sessions_app.session", "partos_roles", {}),
        ("superuser", "admin:members_user_change", "members.user", "groups", {}),
    ],
)
def test_a_key_of_no_row_is_looked_up_nowhere(world, role, page, place, field, values):
    world.people["superuser"] = UserFactory(name="Beheerder", is_staff=True, is_superuser=True)
    world.places["roles"] = world.places["own draft"] | {"step": "rollen"}
    client, url = world.client(role), world.url(page, place)
    expected = 302 if field == "note" else 422
    for key in NO_KEYS:
        sent = values | {field: [f"{key}:attended" if field == "note" else key]}
        assert client.post(url, sent).status_code == expected, ascii(key)[:40]


def test_the_requests_reach_every_address(world):
    """A fuzzer that asks for half of the portal would prove half."""
    asked = {address for address in addresses(world) if "niets" not in address and address not in ("//", "/en")}
    names = {get_resolver().resolve(address).view_name for address in asked}
    assert {name for name, _place in GET} <= names
    lists = {f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist" for model in admin.site._registry}
    assert lists <= names
