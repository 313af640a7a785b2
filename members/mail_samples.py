"""Samples of the mails about people and organisations, and about signing in (core.mail_samples)."""

from datetime import datetime, timedelta
from functools import cached_property

from allauth.account.adapter import get_adapter
from django.core.mail import EmailMultiAlternatives
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from core.mail import Letter
from core.mail_samples import DOMAIN, Case, Sample
from members import mails
from members.consequences import Lost
from members.models import Affiliation, MailDomain, Organisation, User
from members.rules import AffiliationState, CredentialChange, Giver, OrganisationKind, Role

FICTIONAL = "(fictief)"


class Scene:
    """Made-up people, at made-up organisations, who read `language`. Only within core.mail_samples.look."""

    def __init__(self, *, language: str, now: datetime) -> None:
        self.language, self.now = language, now
        self.people: dict[str, User] = {}

    def person(self, name: str, function: str = "adviseur", **fields) -> User:
        """Somebody by that name, the same each time."""
        if name not in self.people:
            self.people[name] = User.objects.create(
                email=f"{slugify(name)}@{DOMAIN}",
                name=f"{name} {FICTIONAL}",
                function=function,
                language=self.language,
                **fields,
            )
        return self.people[name]

    @cached_property
    def organisation(self) -> Organisation:
        name, kind = f"Horizonhulp {FICTIONAL}", OrganisationKind.MEMBER
        return Organisation.objects.get_or_create(name=name, defaults={"kind": kind})[0]

    @cached_property
    def noor(self) -> User:
        """Who reads most of the mails."""
        person = self.person("Noor Voorbeeld", "programmamedewerker")
        self.affiliation(person)
        return person

    @cached_property
    def sam(self) -> User:
        """The contact of her organisation."""
        person = self.person("Sam Demostra", "hoofd programma's")
        self.affiliation(person, role=Role.CONTACT)
        return person

    def affiliation(self, person: User, **fields) -> Affiliation:
        fields = {"state": AffiliationState.CONFIRMED, "confirmed_at": self.now} | fields
        return Affiliation.objects.create(
            person=person, organisation=self.organisation, requested_at=self.now, **fields
        )

    def newcomer(self) -> Affiliation:
        """Somebody who asks to be linked to the organisation."""
        person = self.person("Kofi Testman", "beleidsadviseur")
        return self.affiliation(person, state=AffiliationState.REQUESTED, confirmed_at=None)


def requested(scene: Scene, *, is_for_staff: bool = False) -> None:
    mails.affiliation_requested(scene.newcomer(), [scene.sam], is_for_staff=is_for_staff, now=scene.now)


def ended(scene: Scene, *, was_confirmed: bool) -> None:
    mails.affiliation_ended(scene.noor.affiliations.get(), was_confirmed=was_confirmed, now=scene.now)


def changed(scene: Scene, change: CredentialChange) -> None:
    mails.credential_changed(scene.noor, change, now=scene.now)


def ended_with_places(scene: Scene) -> None:
    lost = Lost(["Eerste stappen met AI-beleid", "Proeven op kleine schaal"])
    mails.affiliation_ended(scene.noor.affiliations.get(), was_confirmed=True, lost=lost, now=scene.now)


def unanswered(scene: Scene) -> None:
    affiliation = scene.noor.affiliations.get()
    mails.affiliation_ended(affiliation, was_confirmed=False, is_unanswered=True, now=scene.now)


def told(scene: Scene, **what) -> None:
    mails.contacts_told(scene.noor.affiliations.get(), [scene.sam], now=scene.now, **what)


def domains_wait(scene: Scene) -> None:
    domain = MailDomain(organisation=scene.organisation, domain=DOMAIN, is_waiting=True, requested_at=scene.now)
    lotte = scene.person("Lotte van der Fictie", is_staff=True)
    mails.mail_domains_wait(scene.organisation, [domain], [lotte], now=scene.now)


def domain_answered(scene: Scene, *, is_confirmed: bool) -> None:
    domain = MailDomain(pk=0, organisation=scene.organisation, domain=DOMAIN)
    mails.mail_domain_answered(domain, [scene.sam], is_confirmed=is_confirmed, now=scene.now)


def waits(scene: Scene) -> list[Letter]:
    return mails.affiliation_waits(scene.newcomer(), [scene.person("Lotte van der Fictie", is_staff=True)])


def membership(scene: Scene, *, is_over: bool, is_for_staff: bool = False) -> list[Letter]:
    scene.organisation.membership_ended_on = scene.now.date() + timedelta(days=-1 if is_over else 14)
    return mails.membership(scene.organisation, {scene.sam.pk: (scene.sam, is_for_staff)}, is_over=is_over)


def about_signing_in(name: str):
    """As allauth has it sent; the code is nobody's."""

    def make(scene: Scene) -> list[EmailMultiAlternatives]:
        email = f"noor-voorbeeld@{DOMAIN}"
        context = {"email": email, "code": "VOOR-BEELD", "request": None}
        return [get_adapter().render_mail(f"account/email/{name}", email, context)]

    return (Case(make),)


PEOPLE, SIGNING_IN = _("People and organisations"), _("Signing in")
RIGHT = "members.view_affiliation"
SAMPLES = [
    Sample(
        "members/mail/affiliation_requested",
        PEOPLE,
        _("Does this person work here?"),
        _("When someone asks to be linked to an organisation. To its contacts, or to the team where there is none."),
        Scene,
        (
            Case(requested, "contact", _("to the contact")),
            Case(lambda scene: requested(scene, is_for_staff=True), "staff", _("to the Partos team")),
        ),
        RIGHT,
    ),
    Sample(
        "members/mail/affiliation_confirmed",
        PEOPLE,
        _("Linked to an organisation"),
        _("When the contact or the team confirms that someone works there."),
        Scene,
        (Case(lambda scene: mails.affiliation_confirmed(scene.noor.affiliations.get(), now=scene.now)),),
        RIGHT,
    ),
    Sample(
        "members/mail/contacts_told",
        PEOPLE,
        _("Someone got a role, or was linked by mail domain"),
        _("When a role or leadership is given, or someone is confirmed at once. To every contact of the organisation."),
        Scene,
        (
            Case(lambda scene: told(scene, what=[Role.CONTACT.label], by=Giver.PARTOS), "partos", _("by Partos")),
            Case(
                lambda scene: told(scene, what=[Role.QUALITY_OFFICER.label], by=Giver.CONTACT),
                "contact",
                _("by a contact"),
            ),
            Case(lambda scene: told(scene, what=[]), "domain", _("by mail domain")),
        ),
        RIGHT,
    ),
    Sample(
        "members/mail/mail_domains_wait",
        PEOPLE,
        _("To the team: a mail domain waits"),
        _("When a contact writes down a mail domain at which the contact has no address."),
        Scene,
        (Case(domains_wait),),
        "members.view_maildomain",
    ),
    Sample(
        "members/mail/mail_domain_answered",
        PEOPLE,
        _("Whether a mail domain counts"),
        _("When the team confirms a mail domain or takes it away, or nobody answered. To every contact."),
        Scene,
        (
            Case(lambda scene: domain_answered(scene, is_confirmed=True), "confirmed", _("confirmed")),
            Case(lambda scene: domain_answered(scene, is_confirmed=False), "not-confirmed", _("not confirmed")),
        ),
        "members.view_maildomain",
    ),
    Sample(
        "members/mail/affiliation_ended",
        PEOPLE,
        _("No longer linked to an organisation"),
        _("When a link with an organisation ends, or a request for one is refused or not answered."),
        Scene,
        (
            Case(lambda scene: ended(scene, was_confirmed=True), "ended", _("it has ended")),
            Case(lambda scene: ended(scene, was_confirmed=False), "refused", _("the request was refused")),
            Case(unanswered, "unanswered", _("nobody answered")),
            Case(ended_with_places, "places", _("with places that go with it")),
        ),
        RIGHT,
    ),
    Sample(
        "members/mail/affiliation_waits",
        PEOPLE,
        _("To the team: a request has no answer yet"),
        _("When nobody answered a request to be linked for seven working days. After ten the portal answers."),
        Scene,
        (Case(waits),),
        RIGHT,
    ),
    Sample(
        "members/mail/membership_ends",
        PEOPLE,
        _("A membership ends"),
        _("Two weeks before the last day as a member, and when it has passed. To the contacts and the team."),
        Scene,
        (
            Case(lambda scene: membership(scene, is_over=False), "soon", _("before")),
            Case(lambda scene: membership(scene, is_over=True), "over", _("after")),
            Case(lambda scene: membership(scene, is_over=True, is_for_staff=True), "staff", _("to the Partos team")),
        ),
        "members.view_organisation",
    ),
    Sample(
        "members/mail/account_closed",
        PEOPLE,
        _("Account closed"),
        _("When someone closes the account, or the team does on request. The last mail to that address."),
        Scene,
        (Case(lambda scene: mails.account_closed(scene.noor, email=scene.noor.email, now=scene.now)),),
        "members.view_user",
    ),
    Sample(
        "members/mail/credential_changed",
        PEOPLE,
        _("Something changed in how one signs in"),
        _("When address, password, passkeys, app or spare codes change, or the team takes away the second step."),
        Scene,
        (
            Case(lambda scene: changed(scene, CredentialChange.PASSKEY_ADDED), "added", _("a passkey was added")),
            Case(lambda scene: changed(scene, CredentialChange.RECOVERY_CODES), "codes", _("new spare codes")),
        ),
        "members.view_user",
    ),
    Sample(
        "account/email/login_code",
        SIGNING_IN,
        _("Code to sign in"),
        _("When someone asks for a code to sign in."),
        Scene,
        about_signing_in("login_code"),
    ),
    Sample(
        "account/email/reauthentication_code",
        SIGNING_IN,
        _("Code to show that it is you"),
        _("When someone who is signed in does what matters to the account or to others."),
        Scene,
        about_signing_in("reauthentication_code"),
    ),
    Sample(
        "account/email/email_confirmation_signup",
        SIGNING_IN,
        _("Code for a new account"),
        _("When someone makes an account, to make sure of the address."),
        Scene,
        about_signing_in("email_confirmation_signup"),
    ),
    Sample(
        "account/email/email_confirmation",
        SIGNING_IN,
        _("Code for a new address"),
        _("When someone changes the address of an account, to the new address."),
        Scene,
        about_signing_in("email_confirmation"),
    ),
    Sample(
        "account/email/password_reset_code",
        SIGNING_IN,
        _("Code for a new password"),
        _("When someone who signs in with a password has forgotten it."),
        Scene,
        about_signing_in("password_reset_code"),
    ),
    Sample(
        "account/email/account_already_exists",
        SIGNING_IN,
        _("There is an account already"),
        _("When someone makes an account with an address that has one. The page itself does not tell."),
        Scene,
        about_signing_in("account_already_exists"),
    ),
    Sample(
        "account/email/unknown_account",
        SIGNING_IN,
        _("No account with this address"),
        _("When someone asks for a code with an address without an account. The page itself does not tell."),
        Scene,
        about_signing_in("unknown_account"),
    ),
]
