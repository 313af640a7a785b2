"""Chromium for tests, and axe in it."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

AXE = (Path(__file__).parent.parent / "vendor/axe.min.js").read_text()
FLAGS = [  # a closed network, a container without a sandbox
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 15_000  # milliseconds
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@contextlib.contextmanager
def chromium(path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def fresh_page(browser: Browser, *, width: int = 1280, language: str = "nl-NL", **options) -> Iterator[Page]:
    """A page in a context of its own; at the end it raises AssertionError for errors in the browser's console."""
    context = browser.new_context(locale=language, viewport={"width": width, "height": 900}, **options)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if is_error(line) else None)
    try:
        yield page
        assert not errors, errors
    finally:
        context.close()


def is_error(line) -> bool:
    """A refused form or a page that is not there answers 4xx on purpose, and Chromium calls that an error too."""
    return line.type == "error" and "Failed to load resource" not in line.text


def axe_findings(page: Page) -> list[str]:
    """What axe has against the page, a line for each element. Under a strict CSP, where a script tag would not work."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    # Only what is wrong: all that is right would take longer to hand over than to find. Without axe's own copies of the
    # style sheets, which it puts in a style of the page that the policy refuses.
    return page.evaluate(
        """async rules => {
            const found = await axe.run({runOnly: rules, resultTypes: ["violations"], preload: false});
            return found.violations.flatMap(
                rule => rule.nodes.map(node => `${rule.id} (${rule.impact}): ${node.html.slice(0, 200)}`));
        }""",
        RULES,
    )
