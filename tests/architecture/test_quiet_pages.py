"""Pages of which neither the portal's log nor nginx' may tell who opened them, nor when."""

import re

import pytest
from django.urls import URLPattern, get_resolver

from partos_portal.watch import logs
from script.lib.trial import ROOT

# A new page of such a kind: add it to QUIET_PATHS in the settings, and its first word to deploy/nginx/portal.conf.
QUIET = {
    "integrity:overview": "where one can report",
    "integrity:agenda": "beside it",
    "quality:overview": "where one finds support",
    "quality:own": "beside it",
    "sessions:invitation": "who is invited to a dialogue, and answers what",
    "sessions:invitation_file": "who is invited to a dialogue",
    "sessions:guest": "who is invited",
    "sessions:place": "who gives up or takes a seat",
    "sessions:personal_feed": "where somebody's calendar is, each hour",
    "mail-stop": "who switches mail off, in one click too",
    "leerlijnen:colours": "each page fetches it, the quiet ones too",
    "sessions:needs": "who needs access or food",
    "my-data": "who asks for the own data",
    "close-account": "who closes the account",
}
# nginx logs no more of these than their first word, which many other pages have.
HIDDEN_BEHIND_THEIR_FIRST_WORD = {"sessions:needs", "my-data", "close-account"}
# Whatever a mailed link or a secret address opens, and all of these rooms.
SECRET = re.compile(r"<(?:\w+:)?(?:token|nonce|key|secret|code|uidb36)>")
QUIET_ROOMS = ("integrity:", "quality:")
NGINX = (ROOT / "deploy/nginx/portal.conf").read_text()


def routes(resolver=None, namespaces=(), before=""):
    """Name and route of each page that has a name, but for the admin's."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            if pattern.name:
                yield ":".join([*namespaces, pattern.name]), route
        elif pattern.namespace != "admin":
            inner = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
            yield from routes(pattern, inner, route)


ROUTES = dict(routes())


def paths(route: str) -> list[str]:
    """The route as an address, in Dutch and in English."""
    path = re.sub(r"<(?:(\w+):)?\w+>", lambda found: "iets" if found[1] in ("str", "slug") else "7", route)
    return [f"/{path}", f"/en/{path}"]


def is_silent_in_nginx(path: str) -> bool:
    """By the map of the real configuration; tests/partos_portal/test_deploy.py runs it."""
    [lines] = re.findall(r"map \$uri \$is_logged \{(.*?)\n\}", NGINX, re.DOTALL)
    patterns = re.findall(r'"~\*(\S+)"\s+0;', lines)
    assert patterns
    return any(re.search(pattern, path, re.IGNORECASE) for pattern in patterns)


def test_the_quiet_pages_are_these():
    assert {name for name, route in ROUTES.items() if any(map(logs.is_quiet, paths(route)))} == set(QUIET)
    assert all(logs.is_quiet(path) for name in QUIET for path in paths(ROUTES[name]))


def test_whatever_a_secret_address_opens_is_quiet_and_so_are_integrity_and_quality():
    must_be = {name for name, route in ROUTES.items() if SECRET.search(route) or name.startswith(QUIET_ROOMS)}
    assert len(must_be) > 8
    assert must_be - set(QUIET) == set()


def test_nginx_writes_no_line_of_the_quiet_pages_and_one_of_all_others():
    silent = {name for name, route in ROUTES.items() if all(map(is_silent_in_nginx, paths(route)))}
    assert silent == set(QUIET) - HIDDEN_BEHIND_THEIR_FIRST_WORD
    assert not any(is_silent_in_nginx(path) for name in set(ROUTES) - silent for path in paths(ROUTES[name]))


@pytest.mark.parametrize(
    "path",
    [
        "/uitnodiging/een-link-die-niet-bestaat/",
        "/Uitnodiging/een-link/",
        "/en/uitnodiging",
        "/integriteit/iets/anders",
        "/INTEGRITEIT",
    ],
)
def test_what_is_nearly_the_address_of_a_quiet_page_is_quiet_too(path):
    assert logs.is_quiet(path)
    assert is_silent_in_nginx(path)


@pytest.mark.parametrize("path", ["/", "/en/", "/plaatsen/", "/mailbox/", "/bijeenkomsten/7/", "/over/integriteit/"])
def test_other_addresses_are_told(path):
    assert not logs.is_quiet(path)
    assert not is_silent_in_nginx(path)
