"""What a visitor's page costs: on a portal as it is run, with compressed static files."""

from urllib.parse import urlsplit

import pytest

from tests.harness import browsing

pytestmark = pytest.mark.one_pair
MOST = 100_000  # bytes as sent, with everything that the page loads
PAGES = ["/programma/2026/", "/bijeenkomsten/", "{session}", "/integriteit/", "/en/programma/2026/"]
WATCH_SHIFTS = """
    window.shifts = [];
    new PerformanceObserver(list => window.shifts.push(...list.getEntries().map(entry => entry.value)))
        .observe({type: "layout-shift", buffered: true});
"""


def load(browser, address: str, *, width: int) -> tuple[dict[str, int], list[float]]:
    """Bytes as sent for each address that a first visit loads, and how far the content jumped meanwhile."""
    sent: dict[str, int] = {}
    with browsing.fresh_page(browser, width=width) as page:
        page.add_init_script(WATCH_SHIFTS)
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        addresses = {}
        network.on(
            "Network.requestWillBeSent", lambda event: addresses.update({event["requestId"]: event["request"]["url"]})
        )
        network.on(
            "Network.loadingFinished",
            lambda event: sent.update({addresses[event["requestId"]]: int(event["encodedDataLength"])}),
        )
        page.goto(address, wait_until="networkidle")
        return sent, page.evaluate("shifts")


def test_a_visitors_page_is_light_stays_still_and_comes_from_one_host(browser, portal):
    portal.start("--demo")
    session = portal.python(
        "from sessions_app.models import Session; print(Session.objects.filter(state='open')[0].get_absolute_url())"
    ).split()[-1]
    wrong = []
    for path in PAGES:
        path = path.format(session=session)
        for width in (1280, 390):
            sent, shifts = load(browser, portal.url + path, width=width)
            total = sum(sent.values())
            hosts = {urlsplit(address).netloc for address in sent if address.startswith("http")}
            if not 5_000 < total <= MOST:
                wrong.append(f"{path} at {width} px: {total} bytes: {sent}")
            if hosts != {urlsplit(portal.url).netloc}:
                wrong.append(f"{path}: loads from {hosts}")
            if shifts:
                wrong.append(f"{path} at {width} px: moves by {shifts}")
    assert wrong == []
