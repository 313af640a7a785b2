"""Every page of the portal in a real browser: in both languages, on a wide screen and on a phone, empty and full."""

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.management import call_command
from django.db import transaction
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils import translation
from pytest_django.live_server_helper import LiveServer

from members.models import User
from tests.architecture.markup import faults
from tests.harness import browsing
from tests.harness.proving import prove
from tests.journeys import pages

pytestmark = pytest.mark.one_pair
WIDTHS = (1280, 390)
HEIGHT = 900
LANGUAGES = ("nl", "en")


class Site:
    """One portal, and one page of a browser for each language, for all tests of a class."""

    def __init__(self, browser, url: str, rows: dict):
        self.url, self.rows = url, rows
        self.errors: list[str] = []
        self.contexts = {language: browser.new_context(locale=f"{language}-NL") for language in LANGUAGES}
        for context in self.contexts.values():
            context.add_init_script(browsing.AXE)  # handing it over for each page anew takes longer
        self.pages = {language: context.new_page() for language, context in self.contexts.items()}
        for page in self.pages.values():
            page.set_default_timeout(browsing.PATIENCE)
            page.on("pageerror", lambda error: self.errors.append(str(error)))
            page.on("console", lambda line: self.errors.append(line.text) if browsing.is_error(line) else None)
        self.sessions: dict[str, str] = {}

    def close(self) -> None:
        for context in self.contexts.values():
            context.close()

    def sign_in(self, language: str, reader: str) -> None:
        """As somebody, by the cookie that signing in gives; as a visitor, by none."""
        context = self.contexts[language]
        context.clear_cookies()
        if not reader:
            return
        if reader not in self.sessions:
            client = Client()
            client.force_login(User.objects.get(email__startswith=f"{reader}@"))
            prove(client)
            self.sessions[reader] = client.cookies[settings.SESSION_COOKIE_NAME].value
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": self.sessions[reader], "url": self.url}
        context.add_cookies([cookie])


@pytest.fixture(scope="class")
def db(request, django_db_setup, django_db_blocker):
    """Filled once for a class and emptied at its end, because filling takes longer than looking. Gives its rows.

    It takes the place of pytest-django's `db`, which would undo everything after each test.
    """
    with django_db_blocker.unblock():
        with transaction.atomic():
            rows = request.cls.furnish()
        yield rows
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture(scope="class")
def site(browser, db):
    server = LiveServer("localhost")
    site = Site(browser, server.url, db)
    yield site
    site.close()
    server.stop()


def send_so(page, values: dict[str, str]):
    """Fill the first form of the page's content and send it past the browser's own checks; gives the answer."""
    form = page.locator("main form:not([role=search])").first
    form.evaluate("form => { form.noValidate = true }")
    for name, value in values.items():
        form.locator(f"[name={name}]").evaluate("(field, value) => { field.value = value }", value)
    with page.expect_navigation() as navigation:
        form.evaluate("form => form.requestSubmit()")
    return navigation.value


# Words that reach past the right edge of the column in which the page stands; what scrolls in itself may.
PAST_THE_EDGE = """() => {
    const past = [];
    for (const column of document.querySelectorAll("main .wrap")) {
        const style = getComputedStyle(column);
        const edge = column.getBoundingClientRect().right - parseFloat(style.paddingRight);
        const walker = document.createTreeWalker(column, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
            const text = walker.currentNode;
            if (!text.data.trim() || text.parentElement.closest(".table-scroll, .visually-hidden, .steps")) continue;
            const range = document.createRange();
            range.selectNodeContents(text);
            if (range.getBoundingClientRect().right > edge + 1) past.push(text.data.trim().slice(0, 80));
        }
    }
    return past;
}"""


def look(page) -> list[str]:
    """What is wrong with a page at each width."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        found += [f"{width} px: {finding}" for finding in browsing.axe_findings(page)]
        over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if over > 0:
            found.append(f"{width} px: scrolls sideways by {over} px")
        found += [f"{width} px: past the edge: {words}" for words in page.evaluate(PAST_THE_EDGE)]
    return found


def check(site: Site, case: pages.Page, language: str) -> None:
    site.sign_in(language, case.reader)
    site.errors.clear()
    page = site.pages[language]
    page.set_viewport_size({"width": WIDTHS[0], "height": HEIGHT})
    prefix = "" if language == settings.LANGUAGE_CODE else f"/{language}"
    answer = page.goto(site.url + prefix + case.path.format(**site.rows))
    if case.refused is not None:
        answer = send_so(page, case.refused)
    assert (answer.status, page.locator("html").get_attribute("lang")) == (case.status, language), answer.url
    assert look(page) + site.errors == []


@pytest.mark.parametrize("language", LANGUAGES)
class TestOnAFreshInstall:
    furnish = staticmethod(pages.furnish_bare)

    @pytest.mark.parametrize("case", pages.BARE, ids=str)
    def test_a_page_is_accessible_fits_its_screen_and_runs_without_errors(self, site, case, language):
        check(site, case, language)

    @pytest.mark.parametrize("template", ["403.html", "403_csrf.html", "404.html", "429.html", "500.html"])
    def test_a_page_that_says_what_went_wrong_is_accessible_too(self, site, template, language):
        """Served in the place of a page, because most of them cannot be had by asking."""
        request = RequestFactory().get("/")
        request.user = AnonymousUser()
        with translation.override(language):
            html = render_to_string(template, request=None if template == "500.html" else request)
        site.sign_in(language, pages.VISITOR)
        site.errors.clear()
        page = site.pages[language]
        page.route("**/fout/", lambda route: route.fulfill(status=500, content_type="text/html", body=html))
        page.goto(f"{site.url}/fout/")
        assert faults(html) + look(page) + site.errors == []


@pytest.mark.parametrize("language", LANGUAGES)
class TestWithLongTitlesAndManyRows:
    furnish = staticmethod(pages.furnish_full)

    @pytest.mark.parametrize("case", pages.FULL, ids=str)
    def test_a_page_is_accessible_fits_its_screen_and_runs_without_errors(self, site, case, language):
        check(site, case, language)
