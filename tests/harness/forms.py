"""Forms as a browser sends them: the page is fetched, its form read, and what one types laid over it."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.test import Client


@dataclass
class Sent:
    """A form of a page: where it goes, and what a browser would send without a key pressed."""

    action: str = ""
    method: str = "get"
    values: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[str] = field(default_factory=list)

    def add(self, name: str | None, value: str) -> None:
        if name:
            self.values.setdefault(name, []).append(value)


class Forms(HTMLParser):
    """All forms of a page, in their order."""

    def __init__(self, page: str):
        super().__init__()
        self.found: list[Sent] = []
        self.form: Sent | None = None
        self.select: str | None = None
        self.is_multiple = False
        self.options: list[tuple[str, bool]] = []
        self.area: str | None = None
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form":
            self.form = Sent(given.get("action") or "", (given.get("method") or "get").lower())
            self.found.append(self.form)
        if self.form is None or "disabled" in given:
            return
        if tag == "input":
            kind = given.get("type", "text")
            if kind in ("checkbox", "radio"):
                if "checked" in given:
                    self.form.add(given.get("name"), given.get("value", "on"))
            elif kind not in ("submit", "button", "image", "file"):
                self.form.add(given.get("name"), given.get("value") or "")
        elif tag == "select":
            self.select, self.is_multiple, self.options = given.get("name"), "multiple" in given, []
        elif tag == "option":
            self.options.append((given.get("value") or "", "selected" in given))
        elif tag == "textarea":
            self.area, self.text = given.get("name"), ""

    def handle_data(self, data):
        if self.area:
            self.text += data

    def handle_endtag(self, tag):
        if tag == "form":
            self.form = None
        elif self.form is None:
            return
        elif tag == "select":
            chosen = [value for value, is_chosen in self.options if is_chosen]
            if not chosen and not self.is_multiple and self.options:
                chosen = [self.options[0][0]]
            for value in chosen:
                self.form.add(self.select, value)
            self.select = None
        elif tag == "textarea" and self.area:
            self.form.add(self.area, self.text.removeprefix("\n"))
            self.area = None


def form_in(page, *, has: str = "made_from") -> dict[str, Any]:
    """What a browser would send from the form that has a field named `has`; a field with one value as a text."""
    forms = [form for form in Forms(page.text).found if has in form.values]
    assert forms, f"no form with {has}: {page.status_code} {[list(form.values) for form in Forms(page.text).found]}"
    values = {name: each[0] if len(each) == 1 else each for name, each in forms[0].values.items()}
    values.pop("csrfmiddlewaretoken", None)
    return values


def fill(page, typed: dict[str, Any]) -> dict[str, Any]:
    """The form of a page with `typed` laid over it; None leaves a box unticked."""
    return {name: value for name, value in (form_in(page) | typed).items() if value is not None}


def send(client: Client, address: str, typed: dict[str, Any] | None = None, **options):
    """Open a page, fill in its form and send it back; gives the answer."""
    return client.post(address, fill(client.get(address), typed or {}), **options)


GUARD = re.compile(r"(.+-)?made_from|shown")  # what a page carries so that an old one overwrites nothing


class BrowserClient(Client):
    """A client that sends what a page was made from, as a browser does, with what a test types by hand.

    It opens the page first; a test that gives `made_from` or `shown` itself sends a page that it has kept.
    """

    def post(self, path, data=None, *args, **options):
        by_hand = data is None or isinstance(data, dict)
        if by_hand and not any(GUARD.fullmatch(name) for name in data or {}) and "content_type" not in options:
            data = self.guards_for(str(path)) | (data or {})
        return super().post(path, data, *args, **options)

    def guards_for(self, path: str) -> dict[str, Any]:
        """The hidden fields of the form that goes to `path`, on that page or on the one it lies under."""
        if path.startswith("/account/"):
            return {}
        page = self.get(path, follow=True)
        if page.status_code == 405:  # a button of the admin, on the page of its row
            page = self.get(re.sub(r"/(move|all)/[\w-]+/$", "/change/", path))
        if page.status_code != 200 or "html" not in page.headers["Content-Type"]:
            return {}
        forms = [form for form in Forms(page.text).found if form.method == "post" and form.action in ("", path)]
        forms.sort(key=lambda form: form.action != path)
        return {name: value[0] for form in forms[:1] for name, value in form.values.items() if GUARD.fullmatch(name)}


def press(desk: Client, url: str, data: dict[str, Any] | None = None):
    """Fill in a move, look at who gets which mail and at what the calendar says, and press once more for the same."""
    page = desk.post(url, data or {})
    return desk.post(url, {**(data or {}), "seen": page.context["seen"]}) if page.status_code == 200 else page
