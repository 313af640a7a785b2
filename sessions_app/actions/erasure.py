"""What sessions keep of a person who closes the account; seats are given up before, by `registrations`."""

from collections.abc import Collection
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.template.loader import render_to_string
from django.utils.translation import override

from core import links, mail
from core.models import OutgoingMail
from members.models import User
from sessions_app.models import (
    CalendarAddress,
    CurationNote,
    Guest,
    Invitation,
    NeedsNote,
    Proposer,
    Registration,
    SeriesMembership,
    Session,
)
from sessions_app.rules import ADMITTED, SessionState


def hold_sessions() -> None:
    """Lock every session until the transaction ends: a name may be struck from any, and rows of theirs are written.

    One lock order for all (architecture.md 3); erasing is rare, and takes a moment.
    """
    Session.objects.lock_all(Session.objects.values("pk"))


@transaction.atomic
def forget_person(person: User, *, addresses: Collection[str], now: datetime) -> None:
    """Take out what still says who it was: functions, needs, which series she is on, whom she registered, invitations
    to her `addresses`, what she wrote about proposals, and drafts that nobody else works on.

    What was sent in belongs to the organisation and stays, credited to a closed account. Past registrations stay
    without function until they are counted, and so does an invitation to a dialogue that is over, for the total.
    """
    _forget_mails_that_name(person)
    # A new nonce: no mailed link opens her places any more.
    Registration.objects.filter(person=person).update(function="", needs_language="", link_nonce=links.new_nonce())
    Registration.objects.filter(registered_by=person).update(registered_by=None)
    SeriesMembership.objects.filter(person=person).delete()
    NeedsNote.objects.filter(registration__person=person).delete()
    CurationNote.objects.filter(author=person).update(text="")
    CalendarAddress.objects.filter(person=person).delete()
    _forget_invitations(addresses, now=now)
    _forget_guests(addresses, now=now)
    others = Proposer.objects.filter(session=OuterRef("pk")).exclude(person=person)
    unsent = Session.objects.filter(
        submitted_at=None, state__in=[SessionState.DRAFT, SessionState.WITHDRAWN], proposers__person=person
    )
    unsent.exclude(Exists(others)).delete()
    for session in Session.objects.filter(proposers__person=person).values_list("pk", flat=True):
        mail.forget(f"proposal:{session}:received:")  # tells staff who proposed it


def _forget_mails_that_name(person: User) -> None:
    """By their keys, because a name of one word cannot be searched for: to the organisers, whom she asked to come, and
    to the colleagues whom she registered, who keep the mail without who did it.
    """
    OutgoingMail.objects.filter(key__regex=rf"^session:\d+:asked:\d+:{person.pk}:").delete()
    registered = Registration.objects.filter(registered_by=person).select_related("registered_by", "organisation")
    readers: dict[str, set[int]] = {}
    for registration in registered:
        for language, _name in settings.LANGUAGES:
            with override(language):
                for form in ("txt", "html"):  # a page marks where a name begins and ends
                    told = render_to_string(f"sessions_app/mail/_registered_by.{form}", {"registration": registration})
                    who = told.strip().removeprefix("<p>").partition(",")[0]
                    readers.setdefault(who, set()).add(registration.person_id)
    for who_did_it, people in readers.items():
        mail.strike([who_did_it], within=Q(recipient__in=people))


def _forget_guests(addresses: Collection[str], *, now: datetime) -> None:
    """Who was admitted by such an invitation of the person gets one by her own address, and stays; the mails about it
    go, because they name that address.
    """
    guests = Guest.objects.filter(email__in=[address.lower() for address in addresses])
    admitted = Registration.objects.live().filter(guest__in=guests, state__in=ADMITTED).select_related("person")
    for row in admitted:
        Guest.objects.get_or_create(
            session_id=row.session_id, email=row.person.email.lower(), defaults={"invited_at": now}
        )
    for pk, session in guests.values_list("pk", "session"):
        for about in ("guest", "asked"):
            mail.forget(f"session:{session}:{about}:{pk}:")
    guests.delete()


def _forget_invitations(addresses: Collection[str], *, now: datetime) -> None:
    to_person = Q()
    for address in addresses:
        to_person |= Q(email__iexact=address)
    invitations = Invitation.objects.filter(to_person)
    for pk in invitations.filter(session__ends_at__lte=now).values_list("pk", flat=True):
        emptied = {"name": "", "function": "", "email": f"erased-{pk}@portal.invalid", "nonce": links.new_nonce()}
        Invitation.objects.filter(pk=pk).update(**emptied)
    invitations.exclude(session__ends_at__lte=now).delete()
