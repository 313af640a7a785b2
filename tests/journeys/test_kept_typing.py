"""What was typed comes back, in a real browser: after signing in anew in another tab, and once the session is gone."""

import os
import re

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session as BrowserSession
from django.core import mail
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import expect

from tests.harness import browsing
from tests.sessions_app.proposing import proposal

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = ("Hoe leren wij van wat er misging, zonder dat iemand er last van krijgt & <iedereen> durft? " * 6)[:460]
SIZES = (390, 1280)


@pytest.fixture
def draft(practitioner):
    EmailAddress.objects.create(user=practitioner, email=practitioner.email, verified=True, primary=True)
    return proposal(practitioner, question="Kort")


@pytest.fixture
def typed(signed_in, practitioner, draft):
    """The question of a draft, as it was typed on a page that is open."""
    page = signed_in(practitioner, reverse("sessions:proposal_step", args=[draft.pk, "vraag"]))
    page.fill("[name=question]", WORDS)
    return page


def look(page, name):
    """By axe, at both sizes; with PICTURES as a folder the page is put there too."""
    for width in SIZES:
        page.set_viewport_size({"width": width, "height": 900})
        assert browsing.axe_findings(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if folder := os.environ.get("PICTURES"):
            page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)


def send(page):
    page.locator("main form:has([name=question]) button[type=submit]").last.click()


def is_saved(draft):
    draft.refresh_from_db()
    return draft.question == WORDS


def test_another_sign_in_in_another_tab_costs_nothing_that_was_typed(typed, draft):
    typed.context.clear_cookies(name="csrftoken")
    with typed.context.expect_page() as opened:
        typed.evaluate("window.open(location.href)")
    opened.value.wait_for_load_state()
    opened.value.close()
    send(typed)
    expect(typed.locator("h1")).to_have_text("Nog niet verstuurd")
    expect(typed.locator("main")).to_contain_text(WORDS)
    expect(typed.locator("dl.typed dt")).to_have_text(["Titel", "Om welke vraag gaat het?"])
    assert not is_saved(draft)
    look(typed, "token")
    send(typed)
    expect(typed.locator("h1")).not_to_have_text("Nog niet verstuurd")
    assert is_saved(draft)


def test_a_session_that_is_gone_costs_nothing_that_was_typed(typed, draft, practitioner):
    BrowserSession.objects.all().delete()
    cache.clear()
    send(typed)
    expect(typed.locator("main")).to_contain_text("Wat je hebt getypt, komt terug")
    look(typed, "sign-in")
    typed.fill("main [name=email]", practitioner.email)
    typed.locator("main form:has([name=email]) button[type=submit]").click()
    typed.wait_for_selector("[name=code]")
    [code] = re.findall(r"^\s*([A-Z]{4}-[A-Z]{4})\s*$", mail.outbox[-1].body, re.MULTILINE)
    typed.fill("[name=code]", f"“{code}”\u200b")
    typed.press("[name=code]", "Enter")
    expect(typed.locator("h1")).to_have_text("Nog niet verstuurd")
    expect(typed.locator("main")).to_contain_text(WORDS)
    assert not is_saved(draft)
    look(typed, "kept")
    send(typed)
    expect(typed.locator("h1")).not_to_have_text("Nog niet verstuurd")
    assert is_saved(draft)
