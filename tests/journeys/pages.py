"""The portal's pages, for the tests that look at each of them in a browser, and data that fill them."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.contrib.auth.models import Group
from django.core.management import call_command
from django.utils import timezone

from core import links
from core.models import STOP, OutgoingMail
from integrity.rules import CHECK_EVERY
from leerlijnen.models import Activity, LearningLine
from members.models import Affiliation, Organisation, User
from members.rules import AffiliationState, OrganisationKind, Role
from partos_portal import demo
from sessions_app.actions import calendar_addresses
from sessions_app.models import (
    Guest,
    Invitation,
    NeedsNote,
    Proposer,
    Registration,
    Series,
    SeriesMembership,
    Session,
)
from sessions_app.rules import (
    Admission,
    Audience,
    Confidentiality,
    Form,
    RegistrationState,
    SeriesRegistration,
    SessionState,
)
from tests.factories.integrity import IntegrityAgendaItemFactory, ReportingRouteFactory, SupportRouteFactory
from tests.factories.leerlijnen import load_2026
from tests.factories.members import AffiliationFactory, OrganisationFactory, UserFactory, member_person
from tests.factories.sessions import RegistrationFactory, SeriesFactory, SessionFactory

LONG = (
    "Verantwoordingsplichtigheidsovereenkomsten en wat zij van kleine partnerorganisaties vragen: een eerlijk gesprek "
)
VISITOR = ""


@dataclass(frozen=True)
class Page:
    """`path` holds names of rows in braces; `reader` is the local part of an address.

    With `refused` the first form of the page's content is filled so and sent, and the answer is looked at.
    """

    path: str
    reader: str = VISITOR
    status: int = 200
    refused: dict[str, str] | None = field(default=None, hash=False)

    def __str__(self):
        return f"{self.path} {self.reader or 'visitor'}{' refused' if self.refused is not None else ''}"


# On a fresh install: nothing has a date, nobody knows anybody.
BARE = [
    *map(
        Page,
        [
            *("/programma/2026/", "/leerlijnen/{line}/", "/activiteiten/{group}/", "/werkgroepen/", "/bijeenkomsten/"),
            *("/bijeenkomsten/?voor-mij=1&taal=en", "/bijeenkomsten/maand/{month}/", "/agenderen/", "/integriteit/"),
            *("/kwaliteit/", "/privacy/", "/toegankelijkheid/", "/account/login/code/", "/account/login/"),
            *("/account/signup/", "/account/password/reset/"),
        ],
    ),
    Page("/uitnodiging/vals/", status=404),
    Page("/plaats/vals/", status=404),
    Page("/genodigd/vals/", status=404),
    Page("/mail/stoppen/vals/", status=404),
    Page("/programma/1999/", status=404),
    *(
        Page(path, "nieuw")
        for path in [
            *("/mijn-agenda/", "/mijn-organisatie/", "/profiel/", "/profiel/organisatie/", "/profiel/gegevens/"),
            "/mijn-agenda/abonneren/",
            *("/profiel/sluiten/", "/agenderen/", "/werkgroepen/{group}/", "/account/email/", "/account/sessions/"),
            *("/account/logout/", "/account/2fa/", "/account/password/set/", "/account/reauthenticate/code/"),
        ]
    ),
    Page("/bijeenkomsten/999999/", "nieuw", 404),
    Page("/account/login/code/", refused={"email": "geen adres"}, status=422),
    Page("/account/signup/", refused={"email": "geen adres"}, status=422),
    Page("/account/login/", refused={"login": "x@leden.example", "password": "verkeerd"}, status=422),
    Page("/profiel/", "nieuw", refused={"name": ""}, status=422),
    Page("/profiel/organisatie/", "nieuw", refused={}, status=422),
    Page("/profiel/sluiten/", "nieuw", refused={}, status=422),
]
# With the demo set, long titles, and lists of many rows.
FULL = [
    *map(
        Page,
        [
            *("/programma/2026/", "/leerlijnen/{line}/", "/activiteiten/{group}/", "/bijeenkomsten/", "/integriteit/"),
            *("/bijeenkomsten/?page=2", "/bijeenkomsten/?periode=geweest", "/bijeenkomsten/?leerlijn=integriteit"),
            *("/bijeenkomsten/maand/{month}/", "/bijeenkomsten/{long}/", "/bijeenkomsten/{cancelled}/"),
            *("/reeksen/{whole}/", "/reeksen/{by_date}/"),
            "/mail/stoppen/{stop}/",
            *("/uitnodiging/{token}/", "/plaats/{offered}/", "/plaats/{waiting}/", "/plaats/{seated}/"),
            "/plaats/{on_the_whole}/",
            *("/genodigd/{guest}/", "/genodigd/{guest_late}/"),
        ],
    ),
    *(
        Page(path, "noor")
        for path in [
            *("/mijn-agenda/", "/bijeenkomsten/", "/bijeenkomsten/{registered}/", "/bijeenkomsten/{roomy}/"),
            *("/bijeenkomsten/{registered}/afmelden/", "/bijeenkomsten/{long}/aanmelden/", "/agenderen/"),
            *("/agenderen/{draft}/", "/agenderen/{draft}/onderwerp/", "/agenderen/{draft}/vraag/"),
            *("/agenderen/{draft}/wie/", "/agenderen/{draft}/rollen/", "/agenderen/{draft}/controle/"),
            *("/agenderen/{asked}/", "/agenderen/{draft}/intrekken/", "/agenderen/{sent}/verstuurd/"),
            *("/werkgroepen/{group}/", "/integriteit/agenda/", "/mijn-organisatie/", "/profiel/"),
            "/profiel/mail/",
            *("/reeksen/{whole}/", "/reeksen/{by_date}/", "/reeksen/{whole}/aanmelden/", "/bijeenkomsten/{in_series}/"),
            *("/bijeenkomsten/{noors_offer}/plaats/", "/bijeenkomsten/{noors_hybrid}/plaats/"),
            *("/bijeenkomsten/{noors_offer}/", "/bijeenkomsten/{noors_hybrid}/"),
        ]
    ),
    Page("/genodigd/{guest}/", "noor"),
    Page("/genodigd/{guest}/", "noor", refused={"function": "x" * 121}, status=422),
    Page("/genodigd/{guest_late}/", "noor"),
    Page("/bijeenkomsten/{guest_asked}/", "noor"),
    Page("/bijeenkomsten/{guest_asked}/deelnemers/", "kofi"),
    Page("/bijeenkomsten/{noors_hybrid}/plaats/", "noor", refused={}, status=422),
    Page("/bijeenkomsten/{cancelled}/aanmelden/", "imane", 409),
    Page("/agenderen/{parked}/", "lotte"),
    Page("/mijn-agenda/", "imane"),
    Page("/kwaliteit/mijn-organisatie/", "imane"),
    Page("/mijn-organisatie/{horizonhulp}/", "sam"),
    Page("/mijn-organisatie/{horizonhulp}/gegevens/", "sam"),
    Page("/mijn-organisatie/collega/{newcomer}/", "sam"),
    Page("/mijn-organisatie/collega/{colleague}/", "sam"),
    Page("/mijn-organisatie/{alone}/", "kofi"),
    Page("/mijn-organisatie/{large}/", "groot"),
    Page("/bijeenkomsten/{long}/deelnemers/", "kofi"),
    Page("/bijeenkomsten/{empty}/deelnemers/", "kofi"),
    Page("/bijeenkomsten/{long}/herinneringen/", "kofi"),
    Page("/bijeenkomsten/{empty}/herinneringen/", "kofi", refused={"text": "x" * 1001}, status=422),
    Page("/bijeenkomsten/{long}/deelnemers/", "team"),
    Page("/bijeenkomsten/{roomy}/deelnemers/", "team"),
    Page("/bijeenkomsten/{roomy}/deelnemers/", "team", refused={}, status=422),
    Page("/bijeenkomsten/{closed}/deelnemers/", "kofi"),
    Page("/bijeenkomsten/{long}/wat-als/", "team"),
    Page("/bijeenkomsten/{long}/wat-als/?seats=31&online=1", "team"),
    Page("/bijeenkomsten/{fair}/wat-als/?seats=9", "team"),
    Page("/bijeenkomsten/{fair}/wat-als/?seats=1", "team"),
    Page("/bijeenkomsten/{empty}/wat-als/?seats=0", "team", 422),
    Page("/bijeenkomsten/{empty}/wat-als/?seats=5", "team"),
    Page("/bijeenkomsten/{on_now}/aanwezig/", "kofi"),
    Page("/bijeenkomsten/{on_now}/deelnemers/", "kofi"),
    Page("/bijeenkomsten/{on_now_empty}/aanwezig/", "kofi"),
    Page("/bijeenkomsten/{long}/collega/", "noor"),
    Page("/bijeenkomsten/{long}/collega/", "kofi"),
    Page("/bijeenkomsten/{closed}/collega/", "noor", 409),
    Page("/bijeenkomsten/{in_series}/collega/", "noor"),
    Page("/bijeenkomsten/{long}/collega/", "noor", refused={"colleague": ""}, status=422),
    Page("/bijeenkomsten/{registered}/toegang-en-eten/", "noor"),
    Page("/bijeenkomsten/{registered}/toegang-en-eten/", "noor", refused={"needs": "x" * 501}, status=422),
    *(
        Page(f"/admin/mails/{path}", "team")
        for path in [
            *("", "sessions_app.reminder/", "sessions_app.session_moved/?kleur=donker&breedte=smal&taal=en"),
            "core.digest/?geval=team",  # the mail in its frame runs no script, so that axe cannot look into it
        ]
    ),
    *(
        Page(f"/account/{path}/", "noor")
        for path in ["password/set", "2fa/totp/activate", "2fa/webauthn", "2fa/webauthn/add"]
    ),
    Page(
        "/account/password/set/",
        "noor",
        refused={"password1": "wachtwoord123", "password2": "wachtwoord123"},
        status=422,
    ),
    Page("/account/2fa/totp/activate/", "noor", refused={"code": "1"}, status=422),
    Page("/mijn-agenda/", "kofi"),
    Page("/mijn-agenda/abonneren/", "kofi"),
    Page("/werkgroepen/{group}/", "ravi"),
    Page("/bijeenkomsten/{long}/aanmelden/", "noor", refused={"function": "x" * 121}, status=422),
    Page("/agenderen/{draft}/vraag/", "noor", refused={"title": "", "question": ""}, status=422),
    Page("/agenderen/{asked}/", "noor", refused={"text": ""}, status=422),
    Page("/mijn-organisatie/{horizonhulp}/gegevens/", "sam", refused={"country": "9", "domains": "x"}, status=422),
]


def places(where) -> list[Registration]:
    """Places of Noor: one held for her, one in a line that is shared fairly, one had, one at a hybrid session."""
    noor = User.objects.get(email__startswith="noor@")
    organisation = noor.affiliations.first().organisation
    fair = SessionFactory(**where, title=LONG[:160], capacity=1, most_per_organisation=2)
    RegistrationFactory(session=fair, organisation=organisation)
    for _number in range(12):
        RegistrationFactory(session=fair, state=RegistrationState.WAITLISTED)
    online = {"form": Form.HYBRID, "capacity": 1, "capacity_online": 1, "online_link": "https://video.example/a"}
    hybrid = SessionFactory(**where, title="Twee ruimtes", **online)
    RegistrationFactory(session=hybrid, form=Form.ONLINE)
    return [
        RegistrationFactory(session=SessionFactory(**where, title="Vrijgehouden"), person=noor, state="offered"),
        RegistrationFactory(session=fair, person=noor, organisation=organisation, state="waitlisted"),
        RegistrationFactory(session=SessionFactory(**where, title=LONG[:160], place=LONG), person=noor),
        RegistrationFactory(session=hybrid, person=noor),
    ]


def invited_guests(where, kofi) -> list[Guest]:
    """Of a session by invitation, of one that has closed, and of one at which Noor asked by another's invitation."""
    closed = {"audience": Audience.INVITED, "admission": Admission.INVITATION, "host": kofi}
    hybrid = {"form": Form.HYBRID, "capacity_online": 5, "online_link": "https://video.example/gast"}
    sessions = [
        SessionFactory(**where, **closed, **hybrid, title=LONG[:160], question=LONG * 3, place=LONG),
        SessionFactory(**where, **closed, title="Gesloten", state=SessionState.CLOSED),
        SessionFactory(**where, **closed, title="Gevraagd"),
    ]
    address = f"{'verantwoordelijk' * 3}@{'partnerorganisatie' * 3}.example"
    now = timezone.now().replace(microsecond=0)
    guests = [Guest.objects.create(session=session, email=address, invited_at=now) for session in sessions]
    noor = User.objects.get(email__startswith="noor@")
    RegistrationFactory(session=sessions[2], person=noor, guest=guests[2], state=RegistrationState.REQUESTED)
    return guests


def guest_token(guest) -> str:
    return links.sign(purpose="guest", row=guest.pk, nonce=guest.link_nonce)


def both_series(where) -> list[Series]:
    """One for which people register as a whole, with long titles; one of twelve dates, each by itself."""
    now = timezone.now().replace(microsecond=0)
    noor = User.objects.get(email__startswith="noor@")
    whole = SeriesFactory(title=LONG[:110])
    by_date = SeriesFactory(title="Elke maand", registration=SeriesRegistration.PER_DATE)
    for number in range(6):
        SessionFactory(
            **where, title=LONG[:160], series=whole, starts_at=now + timedelta(days=9 + 14 * number),
            state=SessionState.CANCELLED if number == 3 else SessionState.OPEN, capacity=1, registered=number % 2,
        )  # fmt: skip
    for number in range(12):
        date = SessionFactory(
            **where, title="Elke maand", series=by_date, starts_at=now + timedelta(days=20 + 28 * number),
            place=LONG if number == 2 else "Zaal 1 (fictief)",
        )  # fmt: skip
        if number in (1, 4):
            RegistrationFactory(session=date, person=noor)
    return [whole, by_date]


def on_the_whole(series) -> Registration:
    """Of somebody who waits at each date of a series that is full here and there."""
    person = member_person()
    SeriesMembership.objects.create(series=series, person=person, since=timezone.now())
    dates = series.sessions.exclude(state=SessionState.CANCELLED).order_by("starts_at")
    rows = [RegistrationFactory(session=date, person=person, state=RegistrationState.WAITLISTED) for date in dates]
    return rows[0]


def place_token(registration) -> str:
    return links.sign(purpose="registration", row=registration.pk, nonce=registration.link_nonce)


def stop_token(person, *, now) -> str:
    """Of a mail about what is new, with the link that switches such mail off."""
    news = {"key": "news", "to": person.email, "recipient": person, "language": "nl", "kind": "news", "stream": "news"}
    row = OutgoingMail.objects.create(**news, queued_at=now, next_attempt_at=now)
    return links.sign(purpose=STOP, row=row.pk, nonce=row.message_id.hex)


def rows() -> dict[str, object]:
    """What the braces of the paths above stand for on a fresh install."""
    line = LearningLine.objects.order_by("number").first()
    group = Activity.objects.groups().order_by("order").first()
    return {"line": line.slug, "group": group.slug, "month": f"{timezone.localdate():%Y-%m}"}


def furnish_bare() -> dict[str, object]:
    load_2026()
    call_command("sync_roles", verbosity=0)
    UserFactory(name="Thijs Nieuw (fictief)", email="nieuw@elders.example")
    return rows()


def furnish_full() -> dict[str, object]:
    now = timezone.now().replace(microsecond=0)
    programme = load_2026()
    call_command("sync_roles", verbosity=0)
    demo.load(now=now)
    kofi = User.objects.get(email__startswith="kofi@")
    group = Activity.objects.groups().order_by("order").first()
    where = {"programme": programme, "learning_line": group.learning_line, "track": group.track, "activity": group}
    long = SessionFactory(
        **where, title=LONG[:160], question=LONG * 5, place=LONG, host=kofi, capacity=30, registered=30, waiting=3,
        form=Form.HYBRID, capacity_online=10, online_link="https://video.example/lang", audience=Audience.MEMBERS,
    )  # fmt: skip
    empty = SessionFactory(**where, title="Nog niemand", host=kofi)
    whole, by_date = both_series(where)
    offered, waiting, seated, hybrid = places(where)
    guest, guest_late, guest_asked = invited_guests(where, kofi)
    needs = NeedsNote(registration=long.registrations.confirmed().first(), text=LONG * 3, changed_at=now)
    needs.save()
    closed = SessionFactory(
        **where, title="Besloten ruimte", host=kofi, registered=2, confidentiality=Confidentiality.CLOSED_SPACE
    )
    started = {"starts_at": now - timedelta(minutes=20), "state": SessionState.CLOSED, "host": kofi}
    on_now = SessionFactory(**where, title=LONG[:160], registered=45, **started)
    for number, row in enumerate(on_now.registrations.order_by("pk")[:20]):
        row.state = RegistrationState.ATTENDED if number % 3 else RegistrationState.NO_SHOW
        row.save()
    on_now_empty = SessionFactory(**where, title="Niemand hier", **started)
    team = UserFactory(name="Team (fictief)", email="team@team.example", is_staff=True)
    team.groups.add(Group.objects.get(name="programme staff"))
    roomy = SessionFactory(**where, title="Op verzoek", admission=Admission.BY_APPROVAL)
    for number in range(60):
        start = now + timedelta(days=1 + number, hours=number % 5)
        SessionFactory(**where, title=f"Bijeenkomst {number} (fictief)", starts_at=start, hosts=None)
    horizonhulp = Organisation.objects.get(name__startswith="Horizonhulp")
    newcomer = AffiliationFactory(
        organisation=horizonhulp, person=UserFactory(name=LONG[:110]), state=AffiliationState.REQUESTED
    )
    large = OrganisationFactory(name=LONG[:110], kind=OrganisationKind.MEMBER)
    member_person(large, role=Role.CONTACT, name="Groot (fictief)", email="groot@groot.example")
    for _number in range(59):
        member_person(large)
    for _number in range(3):
        RegistrationFactory(session=roomy, person=member_person(large), state=RegistrationState.REQUESTED)
    ReportingRouteFactory()
    ReportingRouteFactory(verified_at=now - CHECK_EVERY)
    SupportRouteFactory(title=LONG[:110], about=LONG * 3)
    for _number in range(12):
        IntegrityAgendaItemFactory()
    invitation = Invitation.objects.get()
    calendar_addresses.make(person=kofi, actor=kofi, now=now)
    token = links.sign(purpose="invitation", row=invitation.pk, nonce=invitation.nonce)

    def of(state: str) -> int:
        return Session.objects.filter(state=state, is_demo=True).order_by("pk")[0].pk

    noor = User.objects.get(email__startswith="noor@")
    sent = SessionFactory(**where, state=SessionState.SUBMITTED, title="Ingestuurd", starts_at=None, submitted_at=now)

    Proposer.objects.create(session=sent, person=noor, organisation=horizonhulp)
    return rows() | {
        "long": long.pk,
        "empty": empty.pk,
        "closed": closed.pk,
        "on_now": on_now.pk,
        "on_now_empty": on_now_empty.pk,
        "roomy": roomy.pk,
        "registered": Session.objects.get(title="Eerste stappen met AI-beleid").pk,
        "cancelled": of(SessionState.CANCELLED),
        "draft": of(SessionState.DRAFT),
        "asked": of(SessionState.NEEDS_INFO),
        "parked": of(SessionState.PARKED),
        "sent": sent.pk,
        "token": token,
        "stop": stop_token(noor, now=now),
        "on_the_whole": place_token(on_the_whole(whole)),
        "offered": place_token(offered),
        "waiting": place_token(waiting),
        "seated": place_token(seated),
        "guest": guest_token(guest),
        "guest_late": guest_token(guest_late),
        "guest_asked": guest_asked.session_id,
        "whole": whole.pk,
        "by_date": by_date.pk,
        "in_series": whole.sessions.order_by("starts_at")[1].pk,
        "noors_offer": offered.session_id,
        "fair": waiting.session_id,
        "noors_hybrid": hybrid.session_id,
        "horizonhulp": horizonhulp.pk,
        "alone": kofi.affiliations.first().organisation_id,
        "large": large.pk,
        "newcomer": newcomer.pk,
        "colleague": Affiliation.objects.filter(organisation=horizonhulp, person=noor).get().pk,
    }
