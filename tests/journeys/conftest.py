import contextlib

import pytest
from django.test import Client

from tests.harness import browsing


@pytest.fixture
def signed_in(browser, live_server, settings):
    """Opens a page of the portal in a browser of somebody's own; all are closed at the end."""
    with contextlib.ExitStack() as stack:

        def open_page(person, path):
            client = Client()
            client.force_login(person)
            cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
            page = stack.enter_context(browsing.fresh_page(browser))
            page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
            page.goto(live_server.url + path)
            return page

        yield open_page
