"""What sessions keep of a person who closes the account; seats are given up before, by `registrations`."""

from django.db import transaction
from django.db.models import Exists, OuterRef

from core import mail
from members.models import User
from sessions_app.models import Invitation, Proposer, Registration, Session
from sessions_app.rules import SessionState


@transaction.atomic
def forget_person(person: User) -> None:
    """Take out what still says who it was: functions, invitations to the address, drafts that nobody else works on.

    What was sent in stays, credited to a closed account; so do past registrations, for the numbers.
    """
    Registration.objects.filter(person=person).update(function="", needs_language="")
    Invitation.objects.filter(email__iexact=person.email).delete()
    others = Proposer.objects.filter(session=OuterRef("pk")).exclude(person=person)
    unsent = Session.objects.filter(
        submitted_at=None, state__in=[SessionState.DRAFT, SessionState.WITHDRAWN], proposers__person=person
    )
    unsent.exclude(Exists(others)).delete()
    for session in Session.objects.filter(proposers__person=person).values_list("pk", flat=True):
        mail.forget(f"proposal:{session}:received:")  # tells staff who proposed it
