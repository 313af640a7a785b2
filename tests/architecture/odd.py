"""Requests that nobody means: odd addresses, forms, headers and methods, from a seed, so that each comes again."""

import random
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

HUGE = (
    "9223372036854775807",
    "9223372036854775808",
    "99999999999999999999",
    "-1",
    "0",
    "1e999",
    "9" * 400,
    "9" * 5_000,  # more than Python makes a number of
    "²",
    "007",
    "1.5",
)
WORDS = (
    *("", " ", "\0", "a\0b", "\x0b", "\x07", "\ud800", "\udcff", "\u202e", "\u200b", "\ufeff", "\u0131", "ﬁ", "١", "½"),
    *("é" * 300, "x" * 5_000, "'", '"', "\\", "%", "%s", "%(x)s", "{}", "{{ 7 }}", "{% now 'Y' %}", "<script>", "&#0;"),
    *("../../etc/passwd", "//elders.example", "https://elders.example/", "javascript:alert(1)", "/\\elders.example"),
    *("None", "null", "True", "on", "[]", "[object Object]", "a=1&b=2", "a;b", "\r\nX-Odd: 1", "😀", "e\u0301" * 50),
    *("' OR 1=1 --", "1; DROP TABLE", "(((((((((", ".*" * 50, "*", "?", "#", "~", "$(id)", "`id`", "-", "--", "."),
)  # fmt: skip
DATES = (
    *("0001-01-01", "9999-12-31", "2226-03-01", "2026-02-30", "2026-13-01", "0000-00-00", "10000-01-01", "1-1-1"),
    *("0001-01-01T00:00", "9999-12-31T23:59", "2027-03-28T02:30", "2027-03-01T25:61", "2027-03-01 14:00+99:99"),
    *("2026-13", "9999-12", "0001-01", "2027-3-1 14.00-13.00", "infinity", "now", "-2027-01-01", "2027-03-01T14:00Z"),
)
VALUES = (*HUGE, *WORDS, *DATES)
NAMES = (
    *("q", "o", "p", "all", "e", "_facets", "_popup", "_to_field", "_changelist_filters", "next", "term", "page"),
    *("pagina", "leerlijn", "spoor", "vorm", "taal", "voor-mij", "periode", "maand", "session", "organisatie", "lijn"),
    *("pk__range", "id__in", "password__gte", "state__exact", "starts_at__year", "starts_at__month", "month", "kind"),
    *("session__id__exact", "person__id__exact", "is_staff__exact", "app_label", "model_name", "field_name", "light"),
    *("format", "_method", "csrfmiddlewaretoken", "action", "index", "_selected_action", "select_across"),
    *("post", "_save"),
    *("", "\0", "a[]", "a.b", "__class__", "x" * 500),
)  # fmt: skip
METHODS = ("GET",) * 45 + ("POST",) * 42 + ("HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get")
HEADERS = {
    "HTTP_ACCEPT_LANGUAGE": (
        "",
        "xx-YY,*;q=abc",
        "en" * 400,
        "nl;q=2",
        "*",
        "\0",
        "en_GB.UTF-8",
        "zh-hans-x-" + "a" * 300,
    ),
    "HTTP_IF_NONE_MATCH": ("*", '"', 'W/"', "W/abc", '"a","b"', "\0", "x" * 3_000),
    "HTTP_IF_MODIFIED_SINCE": (
        "Thu, 99 Foo 9999",
        "0",
        "-1",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Mon, 01 Jan 0001 00:00:00 GMT",
    ),
    "HTTP_RANGE": ("bytes=0-0", "bytes=-1", "bytes=9999999999999999999999-", "bytes=a-b", "items=1-2"),
    "HTTP_COOKIE": (
        "sessionid=",
        "sessionid=\0",
        "messages=x",
        "django_language=xx",
        "csrftoken=\xff",
        ";;;=",
        "a" * 4_000,
    ),
    "HTTP_REFERER": ("", "http://[", "javascript:", "\0", "https://elders.example/"),
    "HTTP_ORIGIN": ("null", "http://[", "https://elders.example", "\0"),
    "HTTP_HOST": ("elders.example", "localhost:99999", "[::1", "", "a" * 300, "localhost\0"),
    "HTTP_ACCEPT": ("", "*/*;q=x", "application/json", "text/" + "x" * 900),
    "HTTP_ACCEPT_ENCODING": ("br", "gzip;q=0", "identity", "\0"),
    "HTTP_USER_AGENT": ("", "\0", "x" * 5_000, "\ud800"),
    "HTTP_X_FORWARDED_FOR": ("", "a", "1.2.3.4, ::1", "999.999.999.999", "x" * 2_000),
    "HTTP_X_REQUEST_ID": ("", "x" * 500, "\r\n", "../.."),
    "HTTP_X_REQUESTED_WITH": ("XMLHttpRequest",),
    "HTTP_AUTHORIZATION": ("Bearer", "Bearer \ud800", "Basic ====", "é"),
    # What is no number the server refuses before the portal, and less than was announced a test client cannot send.
    "CONTENT_LENGTH": ("", "0", "-1"),
    "QUERY_STRING": ("%", "%ff%fe", "&&==&", "a=%00", "\xff", "a" * 3_000, "&".join(f"f{n}=1" for n in range(1_200))),
    "REMOTE_ADDR": ("", "::1", "no address"),
}
BODIES = (
    ("multipart/form-data", b"no boundary"),
    ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\nno name\r\n--x--"),
    ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"; filename="\0"\r\n\r\nb'),
    ("multipart/form-data; boundary=" + "x" * 300, b"--x"),
    ("multipart/form-data; boundary=\xe9", b"--x"),
    ('multipart/form-data; boundary="x', b'--x\r\nContent-Transfer-Encoding: base64\r\n\r\n=*=\r\n--x--'),
    ("application/x-www-form-urlencoded; charset=none", b"a=%ff"),
    ("application/x-www-form-urlencoded; charset=utf-16", "a=1".encode("utf-16")),
    ("application/x-www-form-urlencoded", b"&".join(b"f%d=1" % n for n in range(1_200))),
    ("application/x-www-form-urlencoded", b"a=" + b"x" * 1_100_000),
    ("application/json", b"{"),
    ("text/plain", b"\xff\xfe\x00"),
    ("", b""),
    ("application/octet-stream", bytes(range(256))),
)  # fmt: skip


@dataclass
class Odd:
    """One request, as django.test.Client.generic takes it."""

    method: str
    path: str
    body: bytes = b""
    content_type: str = "application/x-www-form-urlencoded"
    headers: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return (
            f"{self.method} {self.path[:160]!r} {self.content_type[:60]} {self.body[:400]!r} {str(self.headers)[:200]}"
        )


def encoded(text: str) -> str:
    """Percent-encoded, also what is no text."""
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def pairs(chosen: list[tuple[str, str]]) -> str:
    return "&".join(f"{encoded(name)}={encoded(value)}" for name, value in chosen)


@dataclass
class Maker:
    """Makes odd requests to `addresses`, from one seed."""

    seed: int
    addresses: list[str]

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)  # no secret: the same seed gives the same requests

    def address(self) -> str:
        return self.dice.choice(self.addresses)

    def request(self, address: str, fields: dict[str, list[str]]) -> Odd:
        """An odd request to `address`, whose form has `fields` with the values that fit."""
        dice = self.dice
        method = dice.choice(METHODS)
        if dice.random() < 0.3:
            address = self.with_odd_part(address)
        if dice.random() < 0.15:
            address = address[3:] if address.startswith("/en/") else f"/en{address}"
        query = self.query()
        odd = Odd(method, f"{address}?{query}" if query else address)
        if method not in ("GET", "HEAD", "OPTIONS", "TRACE", "get"):
            self.fill(odd, fields)
        for name in dice.sample(sorted(HEADERS), dice.choice((0, 0, 0, 1, 2))):
            odd.headers[name] = dice.choice(HEADERS[name])
        return odd

    def with_odd_part(self, address: str) -> str:
        parts = address.split("/")
        at = self.dice.randrange(1, len(parts))
        told = [place for place, part in enumerate(parts) if re.search(r"\d|[:.]", part)]
        if told and self.dice.random() < 0.7:
            at = self.dice.choice(told)
        parts[at] = encoded(self.dice.choice(VALUES)[:300])
        return "/".join(parts)

    def query(self) -> str:
        if self.dice.random() < 0.5:
            return ""
        chosen = [(self.dice.choice(NAMES), self.dice.choice(VALUES)) for _each in range(self.dice.randint(1, 4))]
        return pairs(chosen + chosen[:1] if self.dice.random() < 0.2 else chosen)

    def fill(self, odd: Odd, fields: dict[str, list[str]]) -> None:
        dice = self.dice
        if dice.random() < 0.12:
            odd.content_type, odd.body = dice.choice(BODIES)
            return
        chosen: list[tuple[str, str]] = []
        rate = dice.choice((0.05, 0.2, 0.2, 0.6, 1.0))
        for name, fitting in fields.items():
            if dice.random() < 0.05:
                continue
            value = dice.choice(VALUES) if dice.random() < rate or not fitting else dice.choice(fitting)
            chosen.append((name, value))
            if dice.random() < 0.05:
                chosen.append((name, dice.choice(VALUES)))
        chosen += [(dice.choice(NAMES), dice.choice(VALUES)) for _each in range(dice.choice((0, 0, 1, 3)))]
        odd.body = pairs(chosen).encode()


FIELD = re.compile(r"<(?:input|select|textarea|button)\b[^>]*>|<option\b[^>]*>|</select>", re.IGNORECASE)
ATTRIBUTE = re.compile(r'\b(name|value|type)="([^"]*)"')


def fields_of(page: str) -> dict[str, list[str]]:
    """The fields of the forms on a page, each with the values that it offers."""
    found: dict[str, list[str]] = {}
    select: str | None = None
    for tag in FIELD.findall(page):
        given: dict[str, Any] = dict(ATTRIBUTE.findall(tag))
        if tag.startswith("</"):
            select = None
        elif tag.lower().startswith("<option"):
            if select is not None:
                found[select].append(given.get("value", ""))
        elif name := given.get("name"):
            values = found.setdefault(name, [])
            if "value" in given:
                values.append(given["value"])
            if tag.lower().startswith("<select"):
                select = name
    return {name: values[:50] for name, values in found.items() if name != "csrfmiddlewaretoken"}
