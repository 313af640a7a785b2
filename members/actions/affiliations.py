"""Who belongs to which organisation, in which role. Every change locks the organisation row first."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core import audit, mail
from core.moves import Refused
from core.waiting import answered_by, late
from members import consequences, mails
from members.models import Affiliation, Organisation, User
from members.permissions import is_contact, is_keeper, staff_with_right
from members.rules import (
    HANDED_OUT_BY_CONTACT,
    JOINED_BY_ASKING,
    MAX_OPEN_REQUESTS,
    MOST_REQUESTS_A_DAY,
    MOVES,
    AffiliationState,
    Giver,
    Role,
    TrackProfile,
    is_confirmed_at_once,
    mail_domain,
)
from members.streams import REQUESTS

LEADERSHIP_GIVEN = _("leadership: may decide for the organisation, and is invited to dialogues")


class AffiliationRefused(Refused):
    """The affiliation does not change, and why."""


@transaction.atomic
def request_affiliation(*, person: User, organisation: Organisation, actor: User | None, now: datetime) -> Affiliation:
    """Ask for `person` to be linked to `organisation`; its contacts are asked by mail, or staff where none wants that.

    Confirms at once where the organisation chose so and a verified address of the person has one of its mail domains.
    Asking twice gives the live affiliation that is there. Raises AffiliationRefused for an organisation that is no
    member or partner, and for a person who has MAX_OPEN_REQUESTS waiting already or asked MOST_REQUESTS_A_DAY times.
    """
    organisation = Organisation.objects.locked(organisation.pk)
    theirs = Affiliation.objects.filter(person=person)
    here = theirs.filter(organisation=organisation)
    if existing := here.live().order_by("pk").first():
        return existing
    if organisation.kind not in JOINED_BY_ASKING:
        raise AffiliationRefused(_("Choose a member or partner organisation."), field="organisation")
    if theirs.requested().count() >= MAX_OPEN_REQUESTS:
        raise AffiliationRefused(
            _("You have asked several organisations already. Wait for their answers first."), field="organisation"
        )
    if theirs.filter(role=Role.COLLEAGUE, requested_at__gt=now - timedelta(days=1)).count() >= MOST_REQUESTS_A_DAY:
        raise AffiliationRefused(_("You have asked often today. Try again tomorrow."), field="organisation")
    affiliation = Affiliation.objects.create(person=person, organisation=organisation, requested_at=now)
    _trail("affiliation.requested", affiliation, actor=actor, now=now)
    if is_confirmed_at_once(
        confirms_at_once=organisation.confirms_at_once,
        knows_domain=organisation.knows_domain(*verified_domains(person)),
        was_here_before=here.exclude(pk=affiliation.pk).exists(),
    ):
        affiliation = confirm(affiliation=affiliation, actor=None, now=now)
        mails.contacts_told(affiliation, _contacts_but(affiliation), what=[], now=now)
        return affiliation
    contacts = contacts_to_ask(organisation)
    readers = contacts or staff_with_right("members.change_affiliation")
    mails.affiliation_requested(affiliation, readers, is_for_staff=not contacts, now=now)
    return affiliation


def suggest_by_mail_domain(*, person: User, now: datetime) -> list[Affiliation]:
    """Ask for the organisations whose mail domain the person has a verified address at; gives the new affiliations.

    A domain is a hint and never a right: unless the organisation confirms at once, its contact decides. An
    organisation that the person asked for or left before is not asked again.
    """
    known = Organisation.objects.joined_by_asking().with_mail_domain(*verified_domains(person))
    new = known.exclude(affiliations__person=person)[:MAX_OPEN_REQUESTS]
    suggested = []
    for organisation in new:
        try:
            suggested.append(request_affiliation(person=person, organisation=organisation, actor=person, now=now))
        except AffiliationRefused:
            break  # enough requests wait already
    return suggested


def verified_domains(person: User) -> list[str]:
    """The mail domains of the addresses that the person has shown to be theirs."""
    addresses = EmailAddress.objects.filter(user=person, verified=True).values_list("email", flat=True)
    return [mail_domain(address) for address in addresses]


def contacts_to_ask(organisation: Organisation) -> list[User]:
    """The contacts of an organisation who want a mail about newcomers."""
    of_organisation = Affiliation.objects.contacts().filter(organisation=organisation)
    return list(User.objects.filter(pk__in=of_organisation.values("person")).filter(REQUESTS.wanted()))


@transaction.atomic
def confirm(*, affiliation: Affiliation, actor: User | None, now: datetime) -> Affiliation:
    """Let the person act for the organisation, who is told by mail; `actor` is None where nobody was asked.

    Confirming twice changes nothing. Raises MoveRefused for an affiliation that has ended, and AffiliationRefused for
    one's own with a member or partner.
    """
    affiliation = locked(affiliation)
    if affiliation.state == AffiliationState.CONFIRMED:
        return affiliation
    if affiliation.person == actor and affiliation.organisation.kind in JOINED_BY_ASKING:
        raise AffiliationRefused(_("You cannot link yourself to an organisation. Its contact or a colleague can."))
    MOVES.check(affiliation.state, AffiliationState.CONFIRMED, _("This request was ended. The person can ask again."))
    affiliation.state = AffiliationState.CONFIRMED
    affiliation.confirmed_at = now
    affiliation.save(update_fields=["state", "confirmed_at"])
    _trail("affiliation.confirmed", affiliation, actor=actor, now=now, at_once=actor is None)
    mail.withdraw(mails.request_prefix(affiliation.pk))
    mails.affiliation_confirmed(affiliation, now=now)
    return affiliation


@transaction.atomic
def end(*, affiliation: Affiliation, actor: User, now: datetime) -> None:
    """End what a person is for an organisation: the request, or the affiliation with every role that hangs on it.

    The person is told in one mail, with what she loses by it, unless it was her own wish and costs her nothing. Ending
    twice changes nothing. Raises AffiliationRefused as `take_back_role` does.
    """
    affiliation = locked(affiliation)
    if affiliation.state == AffiliationState.ENDED:
        return
    was_confirmed = affiliation.state == AffiliationState.CONFIRMED
    here = Affiliation.objects.live().filter(person=affiliation.person_id, organisation=affiliation.organisation_id)
    check_contact_remains(here, actor=actor)
    for row in here:
        end_row(row, actor=actor, now=now)
    lost = consequences.carry_out(affiliation.person, affiliation.organisation, actor=actor, now=now)
    if actor != affiliation.person or lost.lines:
        mails.affiliation_ended(affiliation, was_confirmed=was_confirmed, lost=lost, now=now)


def answer_unanswered(*, now: datetime) -> int:
    """Tell who asked to be linked and has no answer after ten working days that nobody gave one; gives the number.

    The request ends, and the person may ask again. One transaction each, looked at again under the lock.
    """
    rows = late(Affiliation.objects.requested(), answered_by, now=now)
    return sum(_answer_unanswered(row, now=now) for row in rows)


@transaction.atomic
def _answer_unanswered(affiliation: Affiliation, *, now: datetime) -> bool:
    affiliation = locked(affiliation)
    if affiliation.state != AffiliationState.REQUESTED:
        return False
    end_row(affiliation, actor=None, now=now)
    mails.affiliation_ended(affiliation, was_confirmed=False, is_unanswered=True, now=now)
    return True


@transaction.atomic
def hand_out_role(*, affiliation: Affiliation, role: str, actor: User, now: datetime) -> Affiliation:
    """Give the person of a confirmed affiliation a further role for the same organisation; its contacts are told.

    Handing out twice gives the role that is there. Raises AffiliationRefused when the person is not confirmed yet,
    when `role` is none that an organisation hands out, and as `check_giver` does.
    """
    given, is_new = _give_role(affiliation, role, actor=actor, now=now)
    if is_new:
        _tell_contacts(given, [Role(role).label], actor=actor, now=now)
    return given


def _give_role(affiliation: Affiliation, role: str, *, actor: User, now: datetime) -> tuple[Affiliation, bool]:
    """As `hand_out_role`, without telling; gives the affiliation, and whether it was made."""
    affiliation = locked(affiliation)
    if role not in HANDED_OUT_BY_CONTACT:
        raise AffiliationRefused(_("Choose one of the roles in the list."), field="role")
    if affiliation.state != AffiliationState.CONFIRMED:
        raise AffiliationRefused(_("Confirm this person first."))
    here = Affiliation.objects.confirmed().filter(
        person=affiliation.person_id, organisation=affiliation.organisation_id
    )
    if existing := here.filter(role=role).first():
        return existing, False
    check_giver(affiliation, actor=actor, field="role")
    given = Affiliation.objects.create(
        person=affiliation.person,
        organisation=affiliation.organisation,
        role=role,
        state=AffiliationState.CONFIRMED,
        track_profile=affiliation.track_profile,
        leader_since=affiliation.leader_since,
        leadership_by=affiliation.leadership_by,
        requested_at=now,
        confirmed_at=now,
        given_by=giver(actor, affiliation.organisation),
    )
    _trail("affiliation.role_given", given, actor=actor, now=now, role=str(role))
    return given, True


@transaction.atomic
def take_back_role(*, affiliation: Affiliation, actor: User, now: datetime) -> None:
    """End one role; the person stays a colleague of the organisation.

    Raises AffiliationRefused for the plain affiliation itself (that is `end`), and when it takes away the only
    contact: nobody at the organisation could confirm newcomers then, and only staff could mend that, so only staff
    may do it.
    """
    affiliation = locked(affiliation)
    if affiliation.role == Role.COLLEAGUE:
        raise AffiliationRefused(_("This is no role that can be taken back. End the affiliation instead."))
    if affiliation.state == AffiliationState.ENDED:
        return
    check_contact_remains(Affiliation.objects.filter(pk=affiliation.pk), actor=actor)
    keep_as_colleague(affiliation, now=now)
    end_row(affiliation, actor=actor, now=now)


@transaction.atomic
def set_track_profile(*, affiliation: Affiliation, profile: str, actor: User, now: datetime) -> None:
    """Say in which track the person takes part for this organisation: practitioner, or leadership: contacts are told.

    Raises AffiliationRefused for one's own leadership, whoever one is: a mandate is given by someone else
    (domain.md 3); for leadership as `check_giver` does; for a person who is not confirmed; and for a profile that does
    not exist.
    """
    if _set_track(affiliation, profile, actor=actor, now=now) and profile == TrackProfile.LEADERSHIP:
        _tell_contacts(affiliation, [LEADERSHIP_GIVEN], actor=actor, now=now)


def _set_track(affiliation: Affiliation, profile: str, *, actor: User, now: datetime) -> bool:
    """As `set_track_profile`, without telling; gives whether it changed."""
    affiliation = locked(affiliation)
    if profile not in TrackProfile:
        raise AffiliationRefused(_("Choose one of the tracks in the list."), field="profile")
    if profile == TrackProfile.LEADERSHIP and affiliation.person == actor:
        raise AffiliationRefused(
            _("You cannot give yourself the leadership track. Ask another contact or Partos."), field="profile"
        )
    if affiliation.state != AffiliationState.CONFIRMED:
        raise AffiliationRefused(_("Confirm this person first."))
    if profile == TrackProfile.LEADERSHIP:
        check_giver(affiliation, actor=actor, field="profile")
    here = Affiliation.objects.live().filter(person=affiliation.person_id, organisation=affiliation.organisation_id)
    leads = profile == TrackProfile.LEADERSHIP
    changed = here.exclude(track_profile=profile).update(
        track_profile=profile,
        leader_since=now if leads else None,
        leadership_by=giver(actor, affiliation.organisation) if leads else "",
    )
    if changed:
        _trail("affiliation.track_set", affiliation, actor=actor, now=now, profile=str(profile))
    return bool(changed)


@transaction.atomic
def appoint(
    *,
    person: User,
    organisation: Organisation,
    role: str,
    track_profile: str = TrackProfile.PRACTITIONER,
    actor: User,
    now: datetime,
) -> Affiliation:
    """Staff link a person to any organisation without being asked, such as its first contact; the person is told.

    So are the contacts that there are, in one mail, of a role or of leadership.

    Gives the affiliation that is there already. Raises AffiliationRefused as `confirm`, `set_track_profile` and
    `hand_out_role` do: nobody gives anything to himself.
    """
    organisation = Organisation.objects.locked(organisation.pk)
    here = Affiliation.objects.live().filter(person=person, organisation=organisation)
    affiliation = here.filter(role=Role.COLLEAGUE).first()
    if affiliation is None:
        affiliation = Affiliation.objects.create(person=person, organisation=organisation, requested_at=now)
        _trail("affiliation.requested", affiliation, actor=actor, now=now)
    affiliation = confirm(affiliation=affiliation, actor=actor, now=now)
    given = []
    if track_profile != affiliation.track_profile:
        _set_track(affiliation, track_profile, actor=actor, now=now)
        affiliation.refresh_from_db()
        given += [LEADERSHIP_GIVEN] if track_profile == TrackProfile.LEADERSHIP else []
    if role != Role.COLLEAGUE:
        affiliation, is_new = _give_role(affiliation, role, actor=actor, now=now)
        given += [Role(role).label] if is_new else []
    if given:
        _tell_contacts(affiliation, given, actor=actor, now=now)
    return affiliation


def giver(actor: User, organisation: Organisation) -> Giver:
    """How the page of the organisation and the mail to its contacts call `actor`."""
    return Giver.CONTACT if is_contact(actor, organisation) else Giver.PARTOS


def _contacts_but(affiliation: Affiliation) -> list[User]:
    """The contacts of the organisation, without the person whom it is about."""
    of_organisation = Affiliation.objects.contacts().filter(organisation=affiliation.organisation_id)
    return list(User.objects.filter(pk__in=of_organisation.values("person")).exclude(pk=affiliation.person_id))


def _tell_contacts(affiliation: Affiliation, what: Sequence[str | Promise], *, actor: User, now: datetime) -> None:
    """Every contact hears who may do more for the organisation now, whoever gave it."""
    by = giver(actor, affiliation.organisation)
    mails.contacts_told(affiliation, _contacts_but(affiliation), what=what, by=by, now=now)


def locked(affiliation: Affiliation) -> Affiliation:
    """The affiliation as it is now, with its organisation's row locked; to be called in a transaction."""
    Organisation.objects.locked(affiliation.organisation_id)
    return Affiliation.objects.select_related("person", "organisation").get(pk=affiliation.pk)


def check_giver(affiliation: Affiliation, *, actor: User, field: str) -> None:
    """Raise AffiliationRefused where a role or leadership is not the actor's to give.

    What a member keeps for its own people is opened by the member: nobody takes a role himself, but for a contact, who
    sees it all already; and people of the Partos team get one from the contact of that organisation alone.
    """
    organisation, is_own = affiliation.organisation, affiliation.person == actor
    if is_contact(actor, organisation):
        return
    if is_own:
        raise AffiliationRefused(_("You cannot give yourself a role. Ask a contact of the organisation."), field=field)
    if affiliation.person.is_staff and organisation.kind in JOINED_BY_ASKING:
        raise AffiliationRefused(
            _("This person works in the Partos team. Only a contact of the organisation can give this."), field=field
        )


def check_contact_remains(ending: Iterable[Affiliation], *, actor: User) -> None:
    """Raise AffiliationRefused when `ending` takes away the only contact of an organisation and `actor` is no staff."""
    for row in ending:
        if row.role != Role.CONTACT or row.state != AffiliationState.CONFIRMED or is_keeper(actor):
            continue
        others = Affiliation.objects.contacts().filter(organisation=row.organisation_id).exclude(pk=row.pk)
        if not others.exists():
            raise AffiliationRefused(
                _("This is the only contact of the organisation. Give a colleague that role first, or ask Partos.")
            )


def keep_as_colleague(affiliation: Affiliation, *, now: datetime) -> None:
    """One who held nothing but a role stays on as a colleague."""
    here = Affiliation.objects.live().filter(person=affiliation.person_id, organisation=affiliation.organisation_id)
    if not here.filter(role=Role.COLLEAGUE).exists():
        Affiliation.objects.create(
            person=affiliation.person,
            organisation=affiliation.organisation,
            state=AffiliationState.CONFIRMED,
            track_profile=affiliation.track_profile,
            leader_since=affiliation.leader_since,
            leadership_by=affiliation.leadership_by,
            requested_at=now,
            confirmed_at=now,
        )


def end_row(row: Affiliation, *, actor: User | None, now: datetime) -> None:
    """End one affiliation row and take back the mails that ask about it; the caller holds the lock."""
    old = row.state
    row.state = AffiliationState.ENDED
    row.ended_at = now
    row.save(update_fields=["state", "ended_at"])
    mail.withdraw(mails.request_prefix(row.pk))
    _trail("affiliation.ended", row, actor=actor, now=now, was=str(old), role=str(row.role))


def _trail(verb: str, row: Affiliation, *, actor: User | None, now: datetime, **codes: str | bool) -> None:
    """An entry about somebody's part in an organisation: of the organisation, and never of whom."""
    audit.record(verb, row.organisation, about=row.person_id, actor=actor, now=now, **codes)
