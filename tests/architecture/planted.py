"""Something behind every URL, and a marked word in all that could leak."""

from dataclasses import dataclass
from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Any

from django.test import Client
from django.urls import reverse

from core import audit, links
from core.models import Heartbeat, OutgoingMail, RefusedAddress
from integrity.rules import RouteState
from leerlijnen.models import Activity
from leerlijnen.rules import ActivityKind, MembershipState
from members.rules import AffiliationState, Role
from partos_portal.models import RetentionRun
from sessions_app.actions import calendar_addresses, invitations
from sessions_app.models import CurationNote, Guest, Hosting, NeedsNote, Session
from sessions_app.rules import Audience, Form, HostingPart, RegistrationState, SessionState
from tests.factories.integrity import IntegrityAgendaItemFactory, ReportingRouteFactory, SupportRouteFactory
from tests.factories.leerlijnen import GroupMembershipFactory, load_2026
from tests.factories.members import (
    AffiliationFactory,
    MailDomainFactory,
    OrganisationFactory,
    UserFactory,
    member_person,
)
from tests.factories.quality import CertificateFactory
from tests.factories.sessions import DialogueFactory, RegistrationFactory, SeriesFactory, SessionFactory
from tests.harness.forms import BrowserClient
from tests.harness.proving import prove
from tests.sessions_app.proposing import proposal

ROLES = (
    *("visitor", "outsider", "practitioner", "contact", "director", "cohost", "host", "staff"),
    *("integrity_coordinator", "quality_coordinator", "functional_administrator", "invited"),
)
PEOPLE = [role for role in ROLES if role not in ("visitor", "invited")]


@dataclass
class World:
    """`people` by role; `places` gives the arguments of a URL for the name of an object.

    `device` holds the cookies of the device on which the invitation was answered.
    """

    people: dict[str, Any]
    places: dict[str, dict[str, Any]]
    device: SimpleCookie

    def url(self, name: str, place: str) -> str:
        return reverse(name, kwargs=self.places[place])

    def client(self, role: str, **options) -> Client:
        """Signed in as the role; `invited` has no account and comes with the device that answered the invitation."""
        client = BrowserClient(raise_request_exception=False, **options)
        if role in self.people:
            client.force_login(self.people[role])
            prove(client)
        elif role == "invited":
            client.cookies = self.device
        return client


def plant(people, *, now) -> World:
    """Two sessions, five proposals, a dialogue, and one of everything else, around the people of tests/cast.py."""
    programme = load_2026()
    group = Activity.objects.groups().filter(kind=ActivityKind.WORKING_GROUP).order_by("order")[0]
    line, track = group.learning_line, group.track
    where = {"programme": programme, "learning_line": line, "track": track}
    practitioner, contact, host, cohost, staff = (
        people[role] for role in ("practitioner", "contact", "host", "cohost", "staff")
    )
    stranger = member_person(OrganisationFactory(name="Kleine Stap Kenia (fictief)"), name="SECRET-STRANGER")

    hosted = SessionFactory(**where, title="Gastgeversbijeenkomst", place="SECRET-PLACE", host=host)
    Hosting.objects.create(
        session=hosted, organisation=cohost.affiliations.get().organisation, part=HostingPart.CO_HOST, person=cohost
    )
    seat = RegistrationFactory(session=hosted, person=practitioner)
    NeedsNote.objects.create(registration=seat, text="SECRET-NEEDS", changed_at=now)
    RegistrationFactory(session=hosted, person=UserFactory(name="SECRET-PARTICIPANT"))
    other = SessionFactory(
        **where,
        activity=group,
        title="Ledenbijeenkomst",
        question="SECRET-QUESTION",
        audience=Audience.MEMBERS,
        form=Form.ONLINE,
        place="",
        online_link="https://video.example/SECRET-LINK",
    )
    elsewhere = RegistrationFactory(session=other, person=UserFactory(name="SECRET-PARTICIPANT-ELSEWHERE"))
    RegistrationFactory(session=other, person=contact, form=Form.ONLINE)
    RegistrationFactory(session=other, person=stranger, form=Form.ONLINE, state=RegistrationState.WAITLISTED)

    on_now = SessionFactory(
        **where, title="Nu bezig", state=SessionState.CLOSED, starts_at=now - timedelta(minutes=30), host=host
    )
    RegistrationFactory(session=on_now, person=UserFactory(name="SECRET-PARTICIPANT"))

    guest = Guest.objects.create(session=other, email="secret-guest@elders.example", invited_at=now)
    series = SeriesFactory(title="Reeks van twee")
    for days in (14, 28):
        date = SessionFactory(**where, title="Reeksdatum", series=series, starts_at=now + timedelta(days=days))
        RegistrationFactory(session=date, person=contact)
    hidden_series = SeriesFactory(title="SECRET-SERIES")
    SessionFactory(**where, title="Zonder datum", series=hidden_series, state=SessionState.ACCEPTED, starts_at=None)

    draft = proposal(practitioner, **where, title="SECRET-DRAFT")
    sent = proposal(practitioner, **where, title="SECRET-SENT", state=SessionState.SUBMITTED)
    asked = proposal(practitioner, **where, title="SECRET-ASKED", state=SessionState.NEEDS_INFO)
    CurationNote.objects.create(
        session=asked,
        kind=CurationNote.Kind.QUESTION,
        state=SessionState.NEEDS_INFO,
        text="SECRET-NOTE",
        author=staff,
        at=now,
    )
    strange_draft = proposal(stranger, **where, title="SECRET-STRANGE-DRAFT")
    strange = proposal(stranger, **where, title="SECRET-STRANGE-PROPOSAL", state=SessionState.IN_CURATION)

    dialogue = DialogueFactory(**(where | {"track": None}), title="SECRET-DIALOGUE", question="SECRET-ISSUE")
    leadership = programme.tracks.exclude(pk=track.pk).get()
    Session.objects.filter(pk=dialogue.pk).update(track=leadership)
    invited, answered = (
        invitations.invite(
            session=dialogue, name=name, email=email, organisation=stranger_of(stranger), actor=staff, now=now
        )
        for name, email in [
            ("SECRET-INVITEE", "invitee@leden.example"),
            ("SECRET-GUEST", "guest@leden.example"),
        ]
    )

    horizonhulp = contact.affiliations.first().organisation
    mail_domain = MailDomainFactory(organisation=horizonhulp, domain="horizonhulp.example", is_waiting=True)
    newcomer = AffiliationFactory(
        organisation=horizonhulp, person=UserFactory(name="SECRET-NEWCOMER"), state=AffiliationState.REQUESTED
    )
    AffiliationFactory(
        organisation=horizonhulp, person=newcomer.person, state=AffiliationState.ENDED, role=Role.QUALITY_OFFICER
    )
    certificate = CertificateFactory(organisation=horizonhulp, number="SECRET-CERTIFICATE")
    CertificateFactory(organisation=stranger_of(stranger), number="SECRET-STRANGE-CERTIFICATE")

    lead = GroupMembershipFactory(activity=group, person=host, is_lead=True)
    GroupMembershipFactory(activity=group, person=practitioner)
    GroupMembershipFactory(activity=group, person=UserFactory(name="SECRET-GROUP-MEMBER"))
    applicant = GroupMembershipFactory(
        activity=group, person=member_person(name="SECRET-APPLICANT"), state=MembershipState.REQUESTED
    )
    Heartbeat.objects.create(name="beat", at=now)
    item = IntegrityAgendaItemFactory(title="SECRET-AGENDA-ITEM")
    route = ReportingRouteFactory(title="SECRET-ROUTE", state=RouteState.DRAFT)
    support = SupportRouteFactory()
    mail = OutgoingMail.objects.create(
        key="planted",
        to="iemand@leden.example",
        language="nl",
        kind="planted",
        subject="SECRET-MAIL",
        text="SECRET-MAIL",
        queued_at=now,
        next_attempt_at=now,
    )
    stoppable = OutgoingMail.objects.create(
        key="planted:news",
        to=contact.email,
        recipient=contact,
        language="nl",
        kind="planted",
        subject="",
        text="",
        stream="news",
        queued_at=now,
        next_attempt_at=now,
    )
    refused_address = RefusedAddress.objects.create(
        address="weg@leden.example", recipient=contact, mail=stoppable, answer="550 weg", refused_at=now
    )
    run = RetentionRun.objects.create(kind="planted", at=now, number=1)
    entry = audit.record("session.moved", hosted, actor=staff, now=now)

    def of(row):
        return {"pk": row.pk}

    in_group = {"slug": group.slug}
    own_calendar = calendar_addresses.make(person=practitioner, actor=practitioner, now=now)
    places: dict[str, dict[str, Any]] = {
        "-": {},
        "this year": {"year": programme.year},
        "another year": {"year": 2199},
        "a line": {"slug": line.slug},
        "an activity": in_group,
        "the group": in_group,
        "no group": {"slug": "niets"},
        "an applicant": in_group | of(applicant),
        "the lead": in_group | of(lead),
        "a month": {"month": f"{hosted.starts_at:%Y-%m}"},
        "no month": {"month": "2026-13"},
        "hosted": of(hosted),
        "other": of(other),
        "dialogue": of(dialogue),
        "on now": of(on_now),
        "a series": of(series),
        "hidden series": of(hidden_series),
        "nothing": {"pk": 999_999},
        "own draft": of(draft),
        "own sent": of(sent),
        "own asked": of(asked),
        "strange draft": of(strange_draft),
        "strange proposal": of(strange),
        "own draft, step": of(draft) | {"step": "vraag"},
        "own draft, check": of(draft) | {"step": "controle"},
        "own sent, step": of(sent) | {"step": "vraag"},
        "strange draft, step": of(strange_draft) | {"step": "vraag"},
        "no step": of(draft) | {"step": "niets"},
        "unanswered": {"token": token(invited)},
        "answered": {"token": token(answered)},
        "forged": {"token": "vals"},
        "nothing kept": {"name": "leeg"},
        "own calendar": {"token": own_calendar.token},
        "no calendar": {"token": "vals"},
        "a track": {"year": programme.year, "track": "practitioner"},
        "track of dialogues": {"year": programme.year, "track": "leadership"},
        "a link to stop": {"token": links.sign(purpose="stop", row=stoppable.pk, nonce=stoppable.message_id.hex)},
        "an invitation": {"token": links.sign(purpose="guest", row=guest.pk, nonce=guest.link_nonce)},
        "a place": {"token": links.sign(purpose="registration", row=seat.pk, nonce=seat.link_nonce)},
        "own": of(practitioner.affiliations.get()),
        "newcomer": of(newcomer),
        "Horizonhulp": of(horizonhulp),
        "another organisation": of(stranger_of(stranger)),
        "stranger": of(stranger.affiliations.get()),
        "mail of a seat": {"kind": "sessions_app.registration_confirmed"},
        "mail of a link": {"kind": "members.affiliation_ended"},
        "mail of a certificate": {"kind": "quality.recertification"},
        "mail with a code": {"kind": "account.login_code"},
        "no mail": {"kind": "sessions_app.nothing"},
    }
    rows = [
        *(
            hosted,
            series,
            elsewhere,
            answered,
            newcomer,
            horizonhulp,
            certificate,
            certificate.body,
            lead,
            item,
            route,
            mail_domain,
        ),
        mail_domain,
        *(guest, support, mail, refused_address, entry, run, programme, line, track, group, practitioner),
        *(programme.partos_roles.first(), programme.workstreams.first()),
    ]
    places |= {row._meta.label_lower: {"object_id": str(row.pk)} for row in rows}
    device = Client()
    device.post(reverse("sessions:invitation", kwargs=places["answered"]), {"answer": "accept"})
    return World(people=people, places=places, device=device.cookies)


def stranger_of(person):
    return person.affiliations.get().organisation


def token(invitation) -> str:
    return links.sign(purpose="invitation", row=invitation.pk, nonce=invitation.nonce)
