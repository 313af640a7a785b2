"""The stylesheet of the lines' colours. They are data, and the Content-Security-Policy keeps styles out of the page.

Pages link to it with its version, so that a browser may keep it for a year. The version stands in the cache, written
there by the view of the stylesheet: a page asks the cache and never the database.
"""

from hashlib import sha256

from django.core.cache import cache
from django.db import transaction

from leerlijnen.models import LearningLine

KEY = "leerlijnen:colours-version"
UNKNOWN = "new"


def stylesheet() -> str:
    """`.line-digital-readiness{--line:#3B4BA3;--line-tint:#E9EBF8}`, and the same for dark paper."""
    lines = list(LearningLine.objects.order_by("pk"))
    light = "".join(f".line-{line.slug}{{--line:{line.colour};--line-tint:{line.tint}}}\n" for line in lines)
    dark = "".join(f".line-{line.slug}{{--line:{line.colour_dark}}}\n" for line in lines)
    return f"{light}@media (prefers-color-scheme: dark){{\n{dark}}}\n"


def version_of(css: str) -> str:
    """Remembers and gives the version of a stylesheet just made."""
    version = sha256(css.encode()).hexdigest()[:12]
    cache.set(KEY, version)
    return version


def version() -> str:
    """For links in pages; UNKNOWN until the stylesheet was asked for after a change."""
    return cache.get(KEY, UNKNOWN)


def forget_version() -> None:
    """Call this after changing a colour: from the commit on, pages link to the new stylesheet."""
    transaction.on_commit(lambda: cache.delete(KEY))
