"""What every change of a registration shares: its lock, its refusals, and the trail that each move leaves."""

from collections import defaultdict
from datetime import datetime

from django.db.models import Exists, OuterRef
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from core import audit, mail
from core.moves import Refused
from members.models import Affiliation, User
from sessions_app import permissions
from sessions_app.mails import registrations as mails
from sessions_app.mails import requests
from sessions_app.models import Guest, Registration, RegistrationQuerySet, Session
from sessions_app.rules import REGISTRATION_MOVES, Loss, RegistrationState, is_by_invitation, loss_of

NOT_POSSIBLE = _("That is not possible any more.")
LOST = {
    Loss.ACCOUNT: _("This account is not in use any more."),
    Loss.AFFILIATION: _("The link with the organisation that this registration is for has ended."),
    Loss.AUDIENCE: _("This session is for people of other organisations."),
    Loss.INVITATION: _("The invitation by which this person registered was taken back."),
}


class RegistrationRefused(Refused):
    """No seat and no place in the queue, or none given up, and why."""


def locked(registration: Registration) -> tuple[Session, Registration]:
    """The session row first, then the registration as it is now."""
    session = Session.objects.locked(registration.session_id)
    return session, session.registrations.select_related("person").get(pk=registration.pk)


def write(
    registration: Registration,
    state: RegistrationState,
    verb: str,
    *,
    session: Session,
    actor: User | None,
    now: datetime,
    **codes,
) -> None:
    """Move a registration that the caller has locked; raises MoveRefused for a move that there is not.

    An offer and a wish hang on the state that one had, and end with it. What waits and tells how many ask is taken
    back, and written anew with the number of now. What waits for the person, such as that the session was moved, leaves
    first: it tells what she had.
    """
    REGISTRATION_MOVES.check(registration.state, state, NOT_POSSIBLE)
    old = str(registration.state)
    registration.session = session
    registration.state = state
    registration.changed_at = now
    if state != RegistrationState.OFFERED:
        registration.offered_until = None
    registration.wished_form, registration.wished_at = "", None
    registration.save(update_fields=["state", "changed_at", "offered_until", "wished_form", "wished_at"])
    trail(verb, registration, session=session, actor=actor, now=now, old=old, new=str(state), **codes)
    mails.let_leave(registration, now=now)
    if old == RegistrationState.REQUESTED:
        requests.withdraw(session)


def trail(
    verb: str, registration: Registration, *, session: Session, actor: User | None, now: datetime, **codes
) -> None:
    """An entry about somebody's place: of the session, and never of whom."""
    audit.record(verb, session, about=registration.person_id, actor=actor, now=now, **codes)


def check_keeps(actor: User) -> None:
    """Raise RegistrationRefused for who does not keep registrations."""
    if not permissions.can_keep_registrations(actor):
        raise RegistrationRefused(_("Only programme staff can do this."))


def check_may_still_come(registration: Registration) -> None:
    """Raise RegistrationRefused for who lost what the registration hangs on (`rules.loss_of`)."""
    if why := losses(Registration.objects.filter(pk=registration.pk)).get(registration.pk):
        raise RegistrationRefused(LOST[why])


def losses(registrations: RegistrationQuerySet) -> dict[int, Loss]:
    """Those of `registrations`, by key, whose person may no longer come, and why; two queries for all of them."""
    acts_for: dict[int, dict[int, str]] = defaultdict(dict)
    confirmed = Affiliation.objects.confirmed().filter(person__in=registrations.order_by().values("person"))
    for person, organisation, kind in confirmed.values_list("person", "organisation", "organisation__kind"):
        acts_for[person][organisation] = kind
    invited = Guest.objects.filter(session=OuterRef("session"), email=Lower(OuterRef("person__email")))
    rows = registrations.annotate(is_guest=Exists(invited)).values_list(
        *("pk", "person", "organisation", "person__is_active", "session__audience", "session__admission"),
        *("is_guest", "guest", "invitation", "needs_invitation"),
    )
    found = {
        pk: loss_of(
            is_active=is_active,
            audience=audience,
            organisation=organisation,
            acts_for=acts_for[person],
            # By that of another, by which the organisers admit her, or by her own at an older address.
            is_guest=is_guest or guest is not None or own is not None,
            needs_invitation=needs_invitation and is_by_invitation(audience=audience, admission=admission),
        )
        for pk, person, organisation, is_active, audience, admission, is_guest, guest, own, needs_invitation in rows
    }
    return {pk: loss for pk, loss in found.items() if loss}


def withdraw_offer_mail(registration: Registration) -> None:
    """An offer that is over needs no mail any more, if it has not left yet."""
    mail.withdraw(f"session:{registration.session_id}:registration:{registration.pk}:offer:")
