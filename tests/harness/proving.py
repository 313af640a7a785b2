"""Who is there: what allauth writes down in a session when somebody shows that, without going through its pages."""

import time

from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from django.contrib.auth import SESSION_KEY


def prove(client, *, method: str = "code", again: bool = True, ago: float = 0, **more) -> None:
    """Whoever `client` is signed in as showed that, `ago` seconds ago; `again` as allauth's reauthentication does."""
    session = client.session
    record = {"method": method, "at": time.time() - ago, **more}
    records = session.get(AUTHENTICATION_METHODS_SESSION_KEY, [])
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [*records, record | ({"reauthenticated": True} if again else {})]
    session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = session[SESSION_KEY]
    session.save()
