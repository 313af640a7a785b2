"""What a change did to the line, told to staff in numbers."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import ngettext

from sessions_app.models import Session
from sessions_app.rules import RegistrationState


@contextmanager
def telling_of_the_line(request: HttpRequest, session: Session) -> Iterator[None]:
    """Tell how many who waited are asked, or have a seat, by what happens inside; in the caller's transaction.

    The row is locked first: seats that go round meanwhile are of somebody else's doing, and count for nothing.
    """
    Session.objects.locked(session.pk)
    before = Counter(dict(session.registrations.by_state()))
    yield
    after = Counter(dict(session.registrations.by_state()))
    if (asked := after[RegistrationState.OFFERED] - before[RegistrationState.OFFERED]) > 0:
        text = ngettext(
            "A seat is being held for %(number)s person who waited; she is asked by mail.",
            "A seat each is being held for %(number)s people who waited; they are asked by mail.",
            asked,
        )
        messages.info(request, text % {"number": asked})
    if (seated := after[RegistrationState.CONFIRMED] - before[RegistrationState.CONFIRMED]) > 0:
        text = ngettext(
            "%(number)s person who waited has a seat now, and gets a mail.",
            "%(number)s people who waited have a seat now, and get a mail.",
            seated,
        )
        messages.info(request, text % {"number": seated})
