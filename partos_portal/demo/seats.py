"""How seats go, in the demo set: a series, a seat held for Noor, two rooms, and a line in which organisations share."""

from datetime import timedelta

from partos_portal.demo import sessions
from sessions_app.models import Series, SeriesMembership
from sessions_app.rules import Form, Language, RegistrationState, SeriesRegistration, SessionState

SEAT, WAITS, OFFERED = RegistrationState.CONFIRMED, RegistrationState.WAITLISTED, RegistrationState.OFFERED
HERE, AWAY = Form.ON_SITE, Form.ONLINE
NOOR, SAM, IMANE, KOFI = "Noor Voorbeeld", "Sam Demostra", "Imane Proefstra", "Kofi Testman"
LOTTE, RAVI, MEI_LIN, THIJS = "Lotte van der Fictie", "Ravi Schetsma", "Mei-Lin Oefen", "Thijs Specimen"
JOOST = "Joost de Dummy"

# Title, activity, days from today, form, lead, what its seats are, and who has what in the order of coming.
SESSIONS = [
    (
        "Wachtwoorden zonder gedoe", "A2", 13, Form.ONLINE, "Jong aan Zet", {"capacity": 4},
        [(RAVI, SEAT, AWAY), (KOFI, SEAT, AWAY), (LOTTE, SEAT, AWAY), (NOOR, OFFERED, AWAY), (MEI_LIN, WAITS, AWAY),
         (THIJS, WAITS, AWAY)],
    ),
    (
        "Wie schrijft het verslag?", "A5", 29, Form.HYBRID, "Fonds Zij Beslist", {"capacity": 3, "capacity_online": 4},
        [(IMANE, SEAT, HERE), (RAVI, SEAT, HERE), (LOTTE, SEAT, HERE), (NOOR, SEAT, AWAY), (MEI_LIN, SEAT, AWAY, HERE),
         (KOFI, WAITS, HERE)],
    ),
    (
        "Ruimte maken met de buren", "A8", 20, Form.ON_SITE, "Stem & Recht",
        {"capacity": 4, "most_per_organisation": 1},
        [(IMANE, SEAT, HERE), (RAVI, SEAT, HERE), (KOFI, SEAT, HERE), (LOTTE, SEAT, HERE), (NOOR, WAITS, HERE),
         (THIJS, WAITS, HERE), (JOOST, WAITS, HERE)],
    ),
]  # fmt: skip
SERIES = "AI-beleid in vier middagen"
# Title and days from today. One registration holds for all four; Noor is free to give hers.
SERIES_DATES = [
    ("Waar staan we met AI?", 12),
    ("Wat mag wel en wat niet?", 26),
    ("Proeven op kleine schaal", 47),
    ("Onze eigen richtlijn", 54),
]
MOVED = "Proeven op kleine schaal"
ON_THE_SERIES = [(RAVI, SEAT, HERE), (KOFI, SEAT, HERE), (LOTTE, SEAT, HERE), (SAM, SEAT, HERE), (THIJS, SEAT, HERE)]


def load(*, now, people, **where) -> int:
    """Write them, or lay their dates anew around `now`; gives the number of sessions."""
    for title, code, days, form, lead, seats, rows in SESSIONS:
        of = (title, code, SessionState.OPEN, days, form, Language.NL, lead, seats["capacity"])
        session = sessions.session(*of, people=people, now=now, **where)
        adjust(session, **seats)
        sessions.registrations(session, rows, people, now=now)
    series, _ = Series.objects.update_or_create(
        title=SERIES,
        is_demo=True,
        defaults={"registration": SeriesRegistration.WHOLE, "changed_at": now},
        create_defaults={"registration": SeriesRegistration.WHOLE, "changed_at": now, "created_at": now},
    )
    for title, days in SERIES_DATES:
        of = (title, "A1", SessionState.OPEN, days, Form.ON_SITE, Language.NL, "Groene Evenaar", 12)
        session = sessions.session(*of, people=people, now=now, **where)
        adjust(session, series=series)
        if title == MOVED:
            move(session, days, now=now)
        sessions.registrations(session, ON_THE_SERIES, people, now=now)
    if not series.memberships.exists():  # and whoever left it meanwhile stays away
        for name, *_rest in ON_THE_SERIES:
            organisation = people[name].affiliations.first().organisation
            SeriesMembership.objects.create(series=series, person=people[name], organisation=organisation, since=now)
    return len(SESSIONS) + len(SERIES_DATES)


def adjust(session, **fields):
    """Save some of its fields."""
    for name, value in fields.items():
        setattr(session, name, value)
    session.save()


def move(session, days, *, now):
    """To a morning elsewhere, as staff did two days ago: the calendars of who comes have a newer number."""
    start = sessions.moment(days, 10, now=now)
    adjust(
        session,
        starts_at=start,
        ends_at=start + timedelta(minutes=90),
        registration_deadline=start - timedelta(days=1),
        place=f"Zaal Oefening {sessions.FICTIONAL}, Den Haag",
        dated_at=now - timedelta(days=2),
        sequence=max(session.sequence, 1),
    )
