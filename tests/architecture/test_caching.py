"""What a browser may keep: nothing personal; and what is the same for every visitor, if it asks first."""

import pytest
from django.http import HttpResponse
from django.urls import resolve, reverse

from core.middleware import keep_out_of_caches
from tests.architecture.planted import PEOPLE, plant
from tests.architecture.test_access import GET, GROUPS, url_names

pytestmark = pytest.mark.django_db

# What is the same whoever asks, and says itself how long it holds; and one's own calendar, which a program keeps
# anyway and asks for each hour: `private, no-cache`, so that it gets a 304 (core.middleware.keep_out_of_caches).
TELLS_ITSELF = {
    "leerlijnen:colours",
    "sessions:personal_feed",
    *(name for name in url_names() if name.startswith("sessions:") and name.endswith("feed")),
}


@pytest.fixture
def world(request, now):
    return plant({role: request.getfixturevalue(role) for role in PEOPLE}, now=now)


def cache_control(response) -> set[str]:
    return {part.strip() for part in response.headers.get("Cache-Control", "").split(",")}


@pytest.mark.parametrize("role", ["practitioner", "staff"])
def test_nothing_that_somebody_signed_in_gets_is_kept(world, role):
    client = world.client(role)
    wrong = [
        f"{name}, {place}: {response.headers.get('Cache-Control')}"
        for name, place in GET
        if name not in TELLS_ITSELF
        for response in [client.get(world.url(name, place))]
        if "no-store" not in cache_control(response)
    ]
    assert wrong == []


@pytest.mark.parametrize("role", ["practitioner", "staff"])
def test_no_page_about_an_account_and_no_page_of_the_admin_is_kept(world, role):
    client = world.client(role)
    pages = [
        reverse(name)
        for name in url_names()
        if name.startswith(GROUPS[1:]) and "webauthn/" not in name
        if name
        not in ("mfa_remove_webauthn", "mfa_edit_webauthn", "account_confirm_email", "account_reset_password_from_key")
    ]
    pages += [reverse(f"admin:{name}") for name in ("index", "members_user_changelist", "core_outgoingmail_changelist")]
    wrong = [page for page in pages if "no-store" not in cache_control(client.get(page))]
    assert wrong == []


@pytest.mark.parametrize("role", ["visitor", "invited"])
def test_a_personal_link_is_kept_nowhere_and_a_page_for_visitors_may_be(world, role):
    client = world.client(role)
    wrong, kept = [], 0
    for name, place in GET:
        url = world.url(name, place)
        response = client.get(url)
        is_for_visitors = getattr(resolve(url).func, "is_for_visitors", False) and not response.cookies
        if name in TELLS_ITSELF:
            continue
        if is_for_visitors and response.status_code == 200 and role == "visitor":
            kept += 1
            if "no-store" in cache_control(response) or "no-cache" not in cache_control(response):
                wrong.append(f"{name}, {place} is for every visitor: {response.headers.get('Cache-Control')}")
        elif not is_for_visitors and "no-store" not in cache_control(response):
            wrong.append(f"{name}, {place}: {response.headers.get('Cache-Control')}")
    assert wrong == []
    assert role != "visitor" or kept > 8


def test_a_view_that_says_nothing_is_kept_nowhere(rf):
    answer = keep_out_of_caches(lambda request: HttpResponse("Noor"))(rf.get("/"))
    assert cache_control(answer) == {"private", "no-store"}


@pytest.mark.parametrize("path", ["/", "/privacy/", "/bestaat-niet/", "/account/login/code/", "/healthz"])
def test_every_answer_says_what_a_page_may_ask_of_a_device(client, path):
    policy = client.get(path).headers["Permissions-Policy"]
    assert "camera=()" in policy
    assert "publickey-credentials-get=(self)" in policy
