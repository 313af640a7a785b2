"""One session of a page, or 404."""

from django.contrib.auth.models import AnonymousUser
from django.http import Http404

from members.models import User
from sessions_app.models import Session
from sessions_app.models.session_sets import SessionQuerySet


def found_or_404(sessions: SessionQuerySet, person: User | AnonymousUser, pk: int) -> Session:
    """The session with key `pk`, if `person` may see it; raises Http404 for any other."""
    try:
        return sessions.find(person, pk)
    except Session.DoesNotExist as error:
        raise Http404 from error
