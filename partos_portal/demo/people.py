"""Who there are in the demo set: organisations, people, the working group, certificates."""

from datetime import date, timedelta

from allauth.account.models import EmailAddress
from django.utils.text import slugify

from core.dates import AMSTERDAM
from leerlijnen.models import Activity, GroupMembership
from leerlijnen.rules import MembershipState
from members.models import Affiliation, MailDomain, Organisation, User
from members.rules import AffiliationState, OrganisationKind, Role, SizeClass, TrackProfile
from quality.models import Certificate, CertificationBody

FICTIONAL = "(fictief)"
# Name, CBF size class, kind, country.
ORGANISATIONS = [
    ("Horizonhulp", SizeClass.D, OrganisationKind.MEMBER, "NL"),
    ("Zaaigoed Internationaal", SizeClass.D, OrganisationKind.MEMBER, "NL"),
    ("Stem & Recht", SizeClass.C, OrganisationKind.MEMBER, "NL"),
    ("Jong aan Zet", SizeClass.B, OrganisationKind.MEMBER, "NL"),
    ("Stiltevrede", SizeClass.C, OrganisationKind.MEMBER, "NL"),
    ("Fonds Zij Beslist", SizeClass.C, OrganisationKind.MEMBER, "NL"),
    ("Diaspora Samenkracht", SizeClass.A, OrganisationKind.MEMBER, "NL"),
    ("Kompasroos Advies", "", OrganisationKind.MEMBER, "NL"),
    ("Groene Evenaar", SizeClass.D, OrganisationKind.MEMBER, "NL"),
    ("Kerk & Naaste Wereldwijd", SizeClass.C, OrganisationKind.MEMBER, "NL"),
    ("Via Esperanza", "", OrganisationKind.PARTNER, "BE"),
    ("Kleine Stap Kenia", SizeClass.A_SMALL, OrganisationKind.MEMBER, "NL"),
]
# Name, organisation, function, role beside colleague, track.
PEOPLE = [
    ("Noor Voorbeeld", "Horizonhulp", "programmamedewerker", None, TrackProfile.PRACTITIONER),
    ("Sam Demostra", "Horizonhulp", "hoofd programma's", Role.CONTACT, TrackProfile.PRACTITIONER),
    ("Imane Proefstra", "Horizonhulp", "directeur", None, TrackProfile.LEADERSHIP),
    ("Kofi Testman", "Stem & Recht", "beleidsadviseur", Role.CONTACT, TrackProfile.PRACTITIONER),
    ("Lotte van der Fictie", "Jong aan Zet", "projectleider", None, TrackProfile.PRACTITIONER),
    ("Ravi Schetsma", "Groene Evenaar", "adviseur digitalisering", None, TrackProfile.PRACTITIONER),
    ("Amara Modelle", "Via Esperanza", "programmacoördinator", Role.CONTACT, TrackProfile.PRACTITIONER),
    ("Joost de Dummy", "Zaaigoed Internationaal", "kwaliteitsmanager", Role.QUALITY_OFFICER, TrackProfile.PRACTITIONER),
    ("Mei-Lin Oefen", "Fonds Zij Beslist", "directeur", None, TrackProfile.LEADERSHIP),
    ("Thijs Specimen", "Stiltevrede", "integriteitsfunctionaris", Role.INTEGRITY_OFFICER, TrackProfile.PRACTITIONER),
]


def organisation(name, size_class, kind, country):
    row, _ = Organisation.objects.update_or_create(
        name=f"{name} {FICTIONAL}",
        defaults={"kind": kind, "size_class": size_class, "country": country, "is_demo": True},
    )
    number = [known for known, *_ in ORGANISATIONS].index(name) + 1
    if country == "NL":
        Organisation.objects.filter(pk=row.pk).update(registration_number=f"{number:08}")
    MailDomain.objects.get_or_create(domain=f"{slugify(name)}.example", defaults={"organisation": row})
    return row


def person(name, organisation, function, role, track, *, now):
    domain = organisation.mail_domains.first().domain
    row, _ = User.objects.get_or_create(
        email=f"{slugify(name.split()[0])}@{domain}", defaults={"name": f"{name} {FICTIONAL}", "function": function}
    )
    row.set_unusable_password()
    row.save(update_fields=["password"])
    EmailAddress.objects.get_or_create(user=row, email=row.email, defaults={"verified": True, "primary": True})
    for part in filter(None, [Role.COLLEAGUE, role]):
        Affiliation.objects.get_or_create(
            person=row,
            organisation=organisation,
            role=part,
            defaults={
                "state": AffiliationState.CONFIRMED,
                "track_profile": track,
                "requested_at": now,
                "confirmed_at": now,
            },
        )
    return row


def group(people, *, now):
    """The AI working group: a lead, two in it and one who asks."""
    working_group = Activity.objects.groups().order_by("order").first()
    if working_group is None:
        return
    for number, name in enumerate(["Ravi Schetsma", "Noor Voorbeeld", "Kofi Testman", "Lotte van der Fictie"]):
        GroupMembership.objects.get_or_create(
            activity=working_group,
            person=people[name],
            defaults={
                "state": MembershipState.REQUESTED if number == 3 else MembershipState.MEMBER,
                "is_lead": number == 0,
                "requested_at": now,
            },
        )


def certificates(organisations, *, now):
    body, _ = CertificationBody.objects.get_or_create(
        name=f"Keurmeester Certificatie {FICTIONAL}", defaults={"is_demo": True}
    )
    today = now.astimezone(AMSTERDAM).date()
    for number, (name, days_left) in enumerate(
        [("Horizonhulp", 400), ("Zaaigoed Internationaal", 80), ("Stiltevrede", -20)]
    ):
        expires = today + timedelta(days=days_left)
        fields = {
            "scope": "Alle programma's",
            "body": body,
            "decision_date": three_years_before(expires),
            "expires_on": expires,
            "last_surveillance_on": expires - timedelta(days=420),
            "changed_at": now,
        }
        Certificate.objects.update_or_create(
            organisation=organisations[name],
            standard="ISO 9001:2015",
            number=f"DEMO-{number + 1:03}",
            is_demo=True,
            defaults=fields,
        )


def three_years_before(day: date) -> date:
    return day - timedelta(days=3 * 365)
