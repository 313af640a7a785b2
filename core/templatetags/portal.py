"""What every template may use: the motif, moments in words, addresses for mails. It knows no word of the domain."""

from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from core import dates
from core.old_pages import row_digest

register = template.Library()

RING = '<circle cx="10" cy="10" r="7" fill="none" stroke="currentColor" stroke-width="3.5"/>'
DIAMOND = '<path d="M10 .8 19.2 10 10 19.2.8 10z" fill="currentColor"/>'
SQUARE = '<path d="M2.5 2.5h15v15h-15z" fill="currentColor"/>'
SHAPES = {"practitioner": RING, "leadership": DIAMOND}


@register.simple_tag
def mark(track: Any = "", line: Any = None) -> SafeString:
    """Ring, diamond or, without a track, the square of a workstream; in the colour of `line` (a row or its slug).

    It says nothing to a screen reader: words stand beside it always.
    """
    return drawn(getattr(track, "code", track) or "", getattr(line, "slug", line) or "")


@lru_cache(maxsize=256)
def drawn(track: str, line: str) -> SafeString:
    slug = line or ("" if track in SHAPES else "workstream")
    return format_html(
        '<svg class="mark mark-{}{}" width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">{}</svg>',
        track if track in SHAPES else "square",
        f" line-{slug}" if slug else "",
        SafeString(SHAPES.get(track, SQUARE)),
    )


@register.filter
def shown(row: Model) -> str:
    """For a button that acts on a row: names what its page tells of it (core.old_pages.check_shown)."""
    return row_digest(row)


@register.simple_tag
def when(start: datetime | None, end: datetime | None = None, zone: bool = True) -> str:
    """`donderdag 15 oktober 2026, 14.15-15.45 uur, Nederlandse tijd`; without an end the start alone."""
    if start is None:
        return ""
    if end is None:
        return f"{dates.day(start)}, {clock(start)}"
    return dates.span(start, end, zone=zone)


@register.simple_tag
def hours(start: datetime, end: datetime) -> str:
    """`14.15-15.45 uur`, `14:15-15:45`: for where the day stands beside it."""
    return f"{dates.clock(start)}-{clock(end)}"


@register.filter
def day(moment: datetime | date | None) -> str:
    """`donderdag 15 oktober 2026`."""
    return dates.day(moment) if moment else ""


@register.filter
def clock(moment: datetime | None) -> str:
    """`14.15 uur`, `14:15`, in Dutch time."""
    if moment is None:
        return ""
    return f"{dates.clock(moment)} uur" if get_language() == "nl" else dates.clock(moment)


@register.filter
def local_date(moment: datetime | date | None, form: str = "j F Y") -> str:
    """`15 oktober 2026`, or another of Django's date formats, in Dutch time; months and days lower case in Dutch."""
    if not moment:
        return ""
    words = dates.in_words(moment, form)
    return words.lower() if get_language() == "nl" else words


@register.filter
def short_date(moment: datetime | date | None) -> str:
    """`15-10-2026` in Dutch, `15/10/2026` in English."""
    return local_date(moment, "d-m-Y" if get_language() == "nl" else "d/m/Y")


@register.simple_tag
def portal_url(name: str, *args: Any, **kwargs: Any) -> str:
    """The full address of a page in the active language, for mails and calendar files."""
    return f"{settings.PORTAL_URL}{reverse(name, args=args, kwargs=kwargs)}"


@register.simple_tag
def lang_attr(code: str | None) -> SafeString | str:
    """` lang="en"` where a text is in another language than the page, nothing where it is the same or unknown."""
    if not code or code == get_language():
        return ""
    return format_html(' lang="{}"', code)


@register.simple_tag(takes_context=True)
def aria_current(context: template.Context, url: str) -> SafeString | str:
    """Marks the link to this page, or to the part of the portal that this page is in; empty elsewhere."""
    request = context.get("request")
    if not url or request is None or not request.path.startswith(url):
        return ""
    return format_html(' aria-current="{}"', "page" if request.path == url else "true")


@register.filter
def is_optional(bound_field: Any) -> bool:
    """Whether to write "optional" behind a label: not for a required field, nor for a single tick box."""
    field = bound_field.field
    return not field.required and getattr(field.widget, "input_type", "") != "checkbox"
