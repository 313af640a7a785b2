"""What there is on the programme in the demo set: a session in every state that people meet."""

from datetime import datetime, time, timedelta

from core.dates import AMSTERDAM
from leerlijnen.models import Activity, PartosRole, Workstream
from members.models import Organisation
from members.rules import OrganisationKind
from partos_portal.demo.people import FICTIONAL
from sessions_app.models import CurationNote, Hosting, Invitation, Proposer, Registration, Session
from sessions_app.permissions import is_in_audience
from sessions_app.rules import (
    DATED,
    OFFER_HOURS,
    Admission,
    Audience,
    Confidentiality,
    Form,
    HostingPart,
    InvitationState,
    Language,
    RegistrationState,
    SessionState,
)

# Title, code of the activity (or slug of a workstream), state, days from today, form, language, lead, seats.
SESSIONS = [
    ("Eerste stappen met AI-beleid", "A1", SessionState.OPEN, 18, Form.ON_SITE, Language.NL, "Groene Evenaar", 20),
    ("Wat doen we met gratis AI-diensten?", "A1", SessionState.OPEN, 26, Form.ONLINE, Language.NL, "Stem & Recht", 30),
    ("Phishing: oefenen met je eigen team", "A2", SessionState.OPEN, 9, Form.ONLINE, Language.NL, "Jong aan Zet", 6),
    ("Digital autonomy in small teams", "A2", SessionState.PLANNED, 47, Form.HYBRID, Language.EN, "Horizonhulp", 25),
    ("Power in our own partnerships", "A4", SessionState.OPEN, 33, Form.HYBRID, Language.EN, "Via Esperanza", 24),
    ("Wie beslist over het budget?", "A5", SessionState.CLOSED, 4, Form.ON_SITE, Language.NL, "Fonds Zij Beslist", 8),
    ("Words that carry power", "A5", SessionState.HELD, -12, Form.ONLINE, Language.EN, "Diaspora Samenkracht", 40),
    ("Nieuwe bondgenoten buiten de sector", "A7", SessionState.OPEN, 40, Form.ON_SITE, Language.NL, "Stiltevrede", 16),
    ("Actievoeren als het niet mag", "A8", SessionState.CANCELLED, 15, Form.ON_SITE, Language.NL, "Stem & Recht", 20),
    ("Shrinking space close to home", "A8", SessionState.HELD, -35, Form.ON_SITE, Language.BOTH, "Stem & Recht", 25),
    ("Protocollen naast elkaar", "integrity", SessionState.OPEN, 22, Form.ON_SITE, Language.NL, "Stiltevrede", 15),
    ("Een audit die iets oplevert", "quality", SessionState.PLANNED, 55, Form.ONLINE, Language.NL, "Horizonhulp", 30),
    (
        "Durven kiezen voor minder Big Tech",
        "A3",
        SessionState.INVITING,
        30,
        Form.ON_SITE,
        Language.NL,
        "Fonds Zij Beslist",
        None,
    ),
    ("Delen wat er misging", "A5", SessionState.DRAFT, None, "", Language.NL, "Horizonhulp", None),
    ("Een keurmerk voor chatbots?", "A1", SessionState.SUBMITTED, None, "", Language.NL, "Groene Evenaar", None),
    ("Veilig werken onder toezicht", "A8", SessionState.IN_CURATION, None, "", Language.NL, "Stem & Recht", None),
    ("Samen inkopen van software", "A2", SessionState.NEEDS_INFO, None, Form.ONLINE, Language.NL, "Horizonhulp", None),
    ("Partners als opdrachtgever", "A4", SessionState.ACCEPTED, None, Form.ON_SITE, Language.NL, "Via Esperanza", None),
    ("Grote namen op één podium", "A7", SessionState.PARKED, None, "", Language.NL, "Jong aan Zet", None),
    ("Workshop presenteren", "A7", SessionState.DECLINED, None, "", Language.NL, "Jong aan Zet", None),
]
FREE_TO_TRY = ("Noor Voorbeeld", "Sam Demostra")
REGISTERED_BY_ALL = ("Eerste stappen met AI-beleid", "Words that carry power")
QUESTIONS = {
    Language.EN: "What do we do ourselves, where does it hurt, and what do we try before the next session?",
    Language.NL: "Wat doen we zelf, waar wringt het, en wat proberen we voor de volgende keer?",
    Language.BOTH: "Wat zien we gebeuren, en wat helpt? What do we see, and what helps?",
}


def moment(days, hour, *, now):
    """A weekday about `days` from today, at `hour` Dutch time."""
    day = now.astimezone(AMSTERDAM).date() + timedelta(days=days)
    while day.weekday() > 4:
        day += timedelta(days=1 if days > 0 else -1)
    return datetime.combine(day, time(hour), tzinfo=AMSTERDAM)


def session(
    title, place_in_programme, state, days, form, language, lead, seats, *, programme, organisations, people, now
):
    activity = Activity.objects.filter(code=place_in_programme).select_related("learning_line", "track").first()
    start = moment(days, 14, now=now) if days is not None else None
    is_dialogue = bool(activity and activity.is_dialogue)
    hybrid = form == Form.HYBRID
    fields = {
        "activity": activity,
        "learning_line": activity.learning_line if activity else None,
        "track": activity.track if activity else None,
        "workstream": None if activity else Workstream.objects.get(programme=programme, code=place_in_programme),
        "state": state,
        "question": QUESTIONS[language],
        "language": language,
        "form": form,
        "starts_at": start,
        "ends_at": start and start + timedelta(minutes=90),
        "dated_at": start and now - timedelta(days=60),
        "registration_deadline": None if is_dialogue else start and start - timedelta(days=1),
        "place": f"Zaal Voorbeeld {FICTIONAL}, Utrecht" if start and form in (Form.ON_SITE, Form.HYBRID) else "",
        "online_link": "https://video.example/voorbeeld" if start and form in (Form.ONLINE, Form.HYBRID) else "",
        "capacity": seats,
        "capacity_online": seats if hybrid else None,
        "for_whom": "Directeuren" if is_dialogue else "Programmamedewerkers en wie wil meedenken" if start else "",
        "audience": audience(is_dialogue, lead, start),
        "admission": Admission.INVITATION if is_dialogue else Admission.DIRECT if start else "",
        "confidentiality": confidentiality(is_dialogue, start),
        "submitted_at": None if state == SessionState.DRAFT else now - timedelta(days=3),
        "changed_at": now,
    }
    row, _ = Session.objects.update_or_create(
        programme=programme, title=title, is_demo=True, defaults=fields, create_defaults=fields | {"created_at": now}
    )
    row.partos_roles.set(PartosRole.objects.filter(programme=programme)[:2])
    by = next(
        (known for known in people.values() if known.affiliations.first().organisation.name.startswith(lead)), None
    )
    by = by or people["Noor Voorbeeld"]
    Hosting.objects.get_or_create(
        session=row, organisation=organisations[lead], part=HostingPart.CONTENT_LEAD, defaults={"person": by}
    )
    for association in Organisation.objects.filter(kind=OrganisationKind.ASSOCIATION)[:1]:
        Hosting.objects.get_or_create(session=row, organisation=association, part=HostingPart.FACILITATE)
    Proposer.objects.get_or_create(
        session=row, person=by, defaults={"organisation": by.affiliations.first().organisation}
    )
    notes(row, by, now=now)
    if is_dialogue:
        invitation(row, organisations, now=now)
    return row


def audience(is_dialogue, lead, start):
    if is_dialogue:
        return Audience.INVITED
    if not start:
        return ""
    return Audience.MEMBERS_AND_PARTNERS if lead == "Via Esperanza" else Audience.MEMBERS


def confidentiality(is_dialogue, start):
    if is_dialogue:
        return Confidentiality.CHATHAM_HOUSE
    return Confidentiality.INTERNAL if start else ""


def notes(session, author, *, now):
    texts = {
        SessionState.NEEDS_INFO: (CurationNote.Kind.QUESTION, "Welke organisaties kopen nu al samen in?"),
        SessionState.PARKED: (CurationNote.Kind.REASON, "We wachten tot er een tweede lid meedoet."),
        SessionState.DECLINED: (CurationNote.Kind.REASON, "Dit past beter in een training dan in een leerlijn."),
        SessionState.CANCELLED: (CurationNote.Kind.REASON, "De spreker kan niet komen."),
    }
    if session.state in texts:
        kind, text = texts[session.state]
        CurationNote.objects.get_or_create(
            session=session, kind=kind, text=text, defaults={"state": session.state, "author": author, "at": now}
        )


def everyone(session, people):
    """All that may come take a seat in turn, and who is left over waits; two keep most of their agenda free to try."""
    if session.state not in DATED or session.state in (SessionState.PLANNED, SessionState.INVITING):
        return []
    forms = [Form.ON_SITE, Form.ONLINE] if session.is_hybrid else [session.form]
    names = [
        name
        for name, known in people.items()
        if is_in_audience(known, session) and (name not in FREE_TO_TRY or session.title in REGISTERED_BY_ALL)
    ]
    full = len(names) if session.capacity is None else session.capacity
    return [
        (
            name,
            RegistrationState.CONFIRMED if number < full else RegistrationState.WAITLISTED,
            forms[number % len(forms)],
        )
        for number, name in enumerate(names)
    ]


def registrations(session, rows, people, *, now):
    """Those that are not there yet, in the order in which they came: name, state, form and the form rather wished."""
    for number, (name, state, form, *wished) in enumerate(rows):
        person = people[name]
        if session.registrations.filter(person=person).exists():
            continue  # and whatever somebody tried with it stays
        came = now - timedelta(hours=3, minutes=len(rows) - number)
        Registration.objects.create(
            session=session,
            person=person,
            organisation=person.affiliations.first().organisation,
            function=person.function,
            form=form,
            state=state,
            queued_at=came,
            offered_until=now if state == RegistrationState.OFFERED else None,
            wished_form=wished[0] if wished else "",
            wished_at=came if wished else None,
            changed_at=came,
        )
    held_anew = session.registrations.filter(state=RegistrationState.OFFERED)
    held_anew.update(offered_until=now + timedelta(hours=OFFER_HOURS))


def invitation(session, organisations, *, now):
    Invitation.objects.get_or_create(
        session=session,
        email="imane@horizonhulp.example",
        defaults={
            "name": f"Imane Proefstra {FICTIONAL}",
            "function": "directeur",
            "organisation": organisations["Horizonhulp"],
            "state": InvitationState.SENT,
            "sent_at": now,
        },
    )
