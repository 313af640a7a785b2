"""Whether a session was opened with the second step of who uses it (allauth writes down how a session signed in).

The account having a second step is not enough: a session that was left open before its owner set one up never showed
it. Staff show it for at most MAX_AGE, and once more after MAX_IDLE without a request.
"""

import time
from collections.abc import Mapping, MutableMapping
from typing import Any

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator

MAX_AGE = 12 * 3600  # seconds
MAX_IDLE = 60 * 60  # seconds
USED_AT = "members.second_factor_used_at"
NOTE_EACH = 60  # seconds between two writings of when the session was last used


def records(session: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [record for record in session.get(AUTHENTICATION_METHODS_SESSION_KEY, []) if record["method"] == "mfa"]


def times_shown(session: Mapping[str, Any]) -> int:
    return len(records(session))


def was_shown(session: MutableMapping[str, Any], person) -> bool:
    """Whether this session showed a factor that the person still has, recently, and was used since.

    Costs a query when it did, and notes that it is used now. What was shown for another account counts for nothing:
    allauth begins a new session when somebody else signs in.
    """
    shown = records(session)
    if not shown:
        return False
    now, last = time.time(), shown[-1]
    used_at = max(last["at"], session.get(USED_AT, 0.0))
    if now - last["at"] > MAX_AGE or now - used_at > MAX_IDLE:
        return False
    if not Authenticator.objects.filter(pk=last.get("id"), user_id=person.pk).exists():
        return False
    if now - used_at > NOTE_EACH:
        session[USED_AT] = now
    return True
