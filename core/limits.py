"""How often one may ask for something: counted by the minute, in the cache that all processes share.

Without that cache nothing is counted, and everybody is let in (core.cache).
"""

from datetime import datetime
from hashlib import sha256

from django.core.cache import cache


def seconds_to_wait(what: str, who: str, *, a_minute: int, now: datetime) -> int:
    """Count one more, and give 0, or the seconds until the next minute when that is more than `a_minute`.

    `who` may be a secret or an address: only its digest is kept, for a minute.
    """
    key = f"limit:{what}:{now:%Y%m%d%H%M}:{sha256(who.encode()).hexdigest()[:32]}"
    cache.add(key, 0, timeout=60)
    try:
        number = cache.incr(key)
    except ValueError:  # it ran out between the two calls
        return 0
    return 60 - now.second if number > a_minute else 0
