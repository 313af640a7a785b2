from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Prefetch, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import addresses, model_fields
from core.visitor_pages import ShownQuerySet, ShownToVisitors
from core.waiting import answered_by
from members import countries, second_factor
from members.rules import (
    JOINED_BY_ASKING,
    LIVE,
    AffiliationState,
    Giver,
    OrganisationKind,
    Role,
    SizeClass,
    TrackProfile,
    is_mail_domain,
    is_registration_number,
)
from members.shared_domains import is_shared


class Language(models.TextChoices):
    NL = "nl", _("Dutch")
    EN = "en", _("English")


class PersonQuerySet(models.QuerySet):
    def linked_to(self, organisation):
        """Who belongs to one organisation or asks to, requests first; each with its live affiliations in `here`."""
        here = Affiliation.objects.live().filter(organisation=organisation)
        of_this_person = here.filter(person=OuterRef("pk"))
        return (
            self.filter(Exists(of_this_person))
            .annotate(asks=Exists(of_this_person.requested()))
            .prefetch_related(Prefetch("affiliations", queryset=here.order_by("pk"), to_attr="here"))
            .order_by("-asks", Lower("name"), "email")
        )


class UserManager(BaseUserManager["User"]):
    def create_user(self, email, password=None, **fields):
        """Raises ValidationError for what is no address (core.addresses)."""
        user = self.model(email=addresses.read(email), **fields)
        user.set_password(password)  # None makes it unusable: a mailed code is the ordinary way in
        user.save(using=self._db)
        return user

    def create_superuser(self, email, password=None, **fields):
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email):
        return self.get(email__iexact=email)


class User(AbstractBaseUser, PermissionsMixin):
    """A person, who signs in by e-mail. What a person may do hangs on affiliations, not on the address."""

    email = model_fields.AddressField(_("e-mail address"), max_length=254, unique=True)
    name = model_fields.NameField(_("name"), max_length=120, blank=True)
    function = model_fields.NameField(_("function"), max_length=120, blank=True)
    language = models.CharField(_("language of my mail"), max_length=2, choices=Language, default=Language.NL)
    mail_choices = models.JSONField(_("choices about mail"), default=dict, blank=True, editable=False)  # core.streams
    is_staff = models.BooleanField(_("may open the admin"), default=False)
    is_active = models.BooleanField(_("may sign in"), default=True)
    date_joined = models.DateTimeField(_("since"), default=timezone.now)
    closed_at = models.DateTimeField(_("account closed at"), null=True, blank=True)

    objects = UserManager.from_queryset(PersonQuerySet)()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["name", "email"]
        constraints = [models.UniqueConstraint(Lower("email"), name="one_account_per_address")]

    def __str__(self):
        if self.closed_at:
            return gettext("(closed account)")
        return self.name or self.email

    browser_session = None  # the one in which this person makes the request; members.middleware sets it
    _showed = (-1, False)

    @cached_property
    def has_second_factor(self):
        """Asked once a request."""
        return is_mfa_enabled(self)

    @property
    def may_use_rights(self):
        """Rights of this kind belong to the Partos team, behind a second factor that this very session has shown.

        Nobody else costs the query. The trial run asks for no second factor.
        """
        return self.is_staff and (settings.TRIAL or self.showed_second_factor)

    @property
    def showed_second_factor(self):
        """Outside a request: no. Looked up once a request, and anew when it is shown in the middle of one."""
        if self.browser_session is None:
            return False
        times = second_factor.times_shown(self.browser_session)
        if times != self._showed[0]:
            self._showed = (times, second_factor.was_shown(self.browser_session, self))
        return self._showed[1]

    def has_perm(self, perm, obj=None):
        return self.may_use_rights and super().has_perm(perm, obj)

    def has_module_perms(self, app_label):
        return self.may_use_rights and super().has_module_perms(app_label)

    def get_all_permissions(self, obj=None):
        return super().get_all_permissions(obj) if self.may_use_rights else set()

    def get_full_name(self):
        return self.name

    def get_short_name(self):
        return self.name


class OrganisationQuerySet(ShownQuerySet):
    def visible_to(self, person):
        """Those a person acts for; staff with the right to view see all."""
        if person.is_authenticated and person.has_perm("members.view_organisation"):
            return self
        return self.of(person)

    def of(self, person, *roles):
        """Where the person has a confirmed affiliation, in one of `roles` where given."""
        if not person.is_authenticated:
            return self.none()
        mine = Affiliation.objects.confirmed().filter(person=person, organisation=OuterRef("pk"))
        if roles:
            mine = mine.filter(role__in=roles)
        return self.filter(Exists(mine))

    def leading_content(self):
        """Kinds that may lead the content of a session: a member or a partner, never Partos (domain.md 0.3)."""
        return self.filter(kind__in=[OrganisationKind.MEMBER, OrganisationKind.PARTNER])

    def with_mail_domain(self, *domains):
        """Those with one of these domains that counts: exactly that one, and no part of it."""
        asked = [domain.lower() for domain in domains]
        return self.filter(mail_domains__domain__in=asked, mail_domains__is_waiting=False).distinct()

    def managed_by(self, person):
        """Those whose people and data the person keeps: as contact, or as staff with the right."""
        if person.is_authenticated and person.has_perm("members.change_affiliation"):
            return self
        return self.of(person, Role.CONTACT)

    def joined_by_asking(self):
        """Those that anyone may ask to be linked to: members and partners, no secret (the association lists them)."""
        return self.filter(kind__in=JOINED_BY_ASKING)

    def without_contact(self):
        """Nobody there can confirm newcomers; staff see these in the admin."""
        return self.exclude(Exists(Affiliation.objects.contacts().filter(organisation=OuterRef("pk"))))

    def members_until(self, day):
        """Members whose last day as such is `day`, or before it."""
        return self.filter(kind=OrganisationKind.MEMBER, membership_ended_on__lte=day)

    def locked(self, pk):
        """The row that every change of an organisation's people locks first."""
        return self.select_for_update().get(pk=pk)


class Organisation(ShownToVisitors):
    name = model_fields.LineField(_("name"), max_length=160, unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=OrganisationKind)
    registration_number = model_fields.LineField(
        _("KvK number"),
        max_length=10,
        blank=True,
        help_text=_("8 digits, or the 10 digits of a Belgian enterprise number."),
    )
    country = model_fields.LineField(_("country"), max_length=2, default="NL", validators=[countries.check])
    size_class = models.CharField(_("CBF size class"), max_length=8, choices=SizeClass, blank=True)
    confirms_at_once = models.BooleanField(
        _("confirm newcomers at once"),
        default=False,
        help_text=_(
            "Whoever signs up with a mail domain of this organisation is confirmed without being asked about."
            " Who was linked here before waits for a contact."
        ),
    )
    membership_ended_on = models.DateField(
        _("membership ended on"),
        null=True,
        blank=True,
        help_text=_(
            "The last day as a member. From the day after, its people have the rights of members no more. Its contacts"
            " and the team get a mail two weeks before, and when it ends. A year later its certificates are deleted."
        ),
    )
    is_demo = models.BooleanField(_("demo data"), default=False, editable=False)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["name"]

    def __str__(self):
        return self.name

    def clean(self):
        if self.registration_number and not is_registration_number(self.registration_number):
            raise ValidationError(
                {"registration_number": _("A KvK number has 8 digits, a Belgian enterprise number 10.")}
            )

    def knows_domain(self, *domains):
        """Whether one of `domains` counts as a mail domain of this organisation."""
        return self.mail_domains.filter(domain__in=domains, is_waiting=False).exists()

    @property
    def country_name(self):
        """In the active language."""
        return countries.name_of(self.country)

    @property
    def may_lead_content(self):
        return self.kind in (OrganisationKind.MEMBER, OrganisationKind.PARTNER)


TAKEN = _("Another organisation has this mail domain.")


class MailDomainQuerySet(models.QuerySet):
    def waiting(self):
        return self.filter(is_waiting=True)

    def counts_elsewhere(self, organisation, domains):
        """Those among `domains` that are another organisation's: a claim that waits is nobody's yet."""
        return self.filter(domain__in=domains, is_waiting=False).exclude(organisation=organisation)


class MailDomain(models.Model):
    """What stands after the at-sign in an organisation's addresses; a hint at sign-up and never a right.

    One that counts belongs to one organisation; a claim that waits keeps no other from claiming it. What a contact
    writes down counts once her own verified address is at it, or staff confirm it; until then it waits and is no hint
    at all. A subdomain is a domain of its own.
    """

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="mail_domains")
    domain = model_fields.LineField(_("mail domain"), max_length=120)
    is_waiting = models.BooleanField(_("waits for Partos"), default=False, db_default=False, editable=False)
    requested_at = models.DateTimeField(_("asked at"), null=True, blank=True, editable=False)  # of one that waits

    objects = MailDomainQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail domain")
        verbose_name_plural = _("mail domains")
        constraints = [
            models.UniqueConstraint(fields=["organisation", "domain"], name="one_mail_domain_once_an_organisation"),
            models.UniqueConstraint(
                fields=["domain"], condition=Q(is_waiting=False), name="a_mail_domain_counts_for_one_organisation"
            ),
            models.CheckConstraint(
                condition=Q(is_waiting=False) | Q(requested_at__isnull=False), name="waiting_mail_domain_has_a_date"
            ),
        ]

    def __str__(self):
        return self.domain

    def clean(self):
        self.domain = self.domain.strip().lower().lstrip("@")
        if not is_mail_domain(self.domain):
            raise ValidationError({"domain": _("Write what stands behind the @, such as organisation.nl.")})
        if is_shared(self.domain):
            raise ValidationError({"domain": _("Anyone can have an address at this domain.")})
        if MailDomain.objects.counts_elsewhere(self.organisation_id, [self.domain]).exists():
            raise ValidationError({"domain": TAKEN})

    @property
    def answered_by(self):
        """When a claim that waits gets its answer at the latest, from the portal if nobody else gave one."""
        return answered_by(self.requested_at) if self.is_waiting else None


class AffiliationQuerySet(models.QuerySet):
    def visible_to(self, person):
        """One's own, and those of the organisations one is contact of; staff with the right to view see all."""
        if not person.is_authenticated:
            return self.none()
        if person.has_perm("members.view_affiliation"):
            return self
        return self.filter(Q(person=person) | Q(organisation__in=Organisation.objects.of(person, Role.CONTACT)))

    def of_person(self, person):
        return self.filter(person=person).select_related("organisation")

    def colleagues_of(self, person):
        """Confirmed ones of others, whose account is on, at the organisations that the person acts for."""
        own = Organisation.objects.of(person)
        return self.confirmed().filter(organisation__in=own, person__is_active=True).exclude(person=person)

    def with_names(self):
        """By organisation and name; who has more than one role stands there as often."""
        return self.select_related("person", "organisation").order_by(
            "organisation__name", Lower("person__name"), "person__email", "pk"
        )

    def at(self, organisations):
        return self.filter(organisation__in=organisations)

    def live(self):
        return self.filter(state__in=LIVE)

    def confirmed(self):
        return self.filter(state=AffiliationState.CONFIRMED)

    def requested(self):
        return self.filter(state=AffiliationState.REQUESTED)

    def at_members(self):
        """With a member organisation: what taking part in groups hangs on."""
        return self.confirmed().filter(organisation__kind=OrganisationKind.MEMBER)

    def contacts(self):
        return self.confirmed().filter(role=Role.CONTACT, person__is_active=True)

    def with_power(self):
        """Those that give more than being a colleague: a role, or leadership."""
        return self.live().exclude(role=Role.COLLEAGUE, track_profile=TrackProfile.PRACTITIONER)

    def managed_by(self, person):
        """Those that the person may confirm, end and give roles to: of organisations that the person keeps."""
        return self.filter(organisation__in=Organisation.objects.managed_by(person))


class Affiliation(models.Model):
    """A person in a role for an organisation; rights hang on the confirmed ones."""

    person = models.ForeignKey(User, models.PROTECT, related_name="affiliations", verbose_name=_("person"))
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="affiliations", verbose_name=_("organisation")
    )
    role = models.CharField(_("role"), max_length=20, choices=Role, default=Role.COLLEAGUE)
    state = models.CharField(
        _("state"), max_length=10, choices=AffiliationState, default=AffiliationState.REQUESTED, editable=False
    )
    track_profile = models.CharField(_("track"), max_length=12, choices=TrackProfile, default=TrackProfile.PRACTITIONER)
    requested_at = models.DateTimeField(_("asked at"), editable=False)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True, editable=False)
    given_by = models.CharField(
        _("given by"), max_length=10, choices=Giver, blank=True, default="", db_default="", editable=False
    )
    leader_since = models.DateTimeField(_("leadership since"), null=True, blank=True, editable=False)
    leadership_by = models.CharField(
        _("leadership given by"), max_length=10, choices=Giver, blank=True, default="", db_default="", editable=False
    )

    objects = AffiliationQuerySet.as_manager()

    class Meta:
        verbose_name = _("affiliation")
        verbose_name_plural = _("affiliations")
        ordering = ["organisation__name", "person__name", "role"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "organisation", "role"],
                condition=Q(state__in=["requested", "confirmed"]),
                name="one_live_affiliation_per_role",
            )
        ]

    def __str__(self):
        return f"{self.person} – {self.organisation} ({self.get_role_display()})"
